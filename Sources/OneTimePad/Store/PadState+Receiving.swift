// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

extension PadState {
    /// Where frames stand against the accepted mark.
    enum Arrival: Equatable, Sendable {
        /// Behind everything accepted so far.
        case ahead
        /// In a gap of this run.
        case late(Int)
    }

    private static func stale(_ what: String) -> QWaveError {
        QWaveError(.notAuthenticated, "\(what): nothing was taken from the pad")
    }

    /// Judges sequences and offsets before anything is computed (key-delivery.md, 2.3); throws `.notAuthenticated`.
    func arrival(_ sequences: Range<UInt64>, _ offsets: Range<UInt64>) throws(QWaveError) -> Arrival {
        let record = journal.record
        guard record.failures < policy.lockAfter else {
            throw QWaveError(
                .notAuthenticated,
                "the pad is locked after \(record.failures) failed checks: somebody sends forgeries; enroll anew"
            )
        }
        guard offsets.upperBound <= generated(.padIn) else {
            throw Self.stale(
                "a frame needs pad up to \(offsets.upperBound), and \(generated(.padIn)) bytes are here: a foreign or "
                    + "damaged frame, or blocks that both ends must reconcile first")
        }
        if sequences.lowerBound >= record.acceptedTo && offsets.lowerBound >= record[.padIn].usedTo {
            return .ahead
        }
        let gap = gaps.firstIndex { gap in
            gap.sequences.lowerBound <= sequences.lowerBound
                && sequences.upperBound <= gap.sequences.upperBound
                && gap.offsets.lowerBound <= offsets.lowerBound
                && offsets.upperBound <= gap.offsets.upperBound
        }
        guard let gap, sequences.lowerBound + Self.window >= record.acceptedTo else {
            throw Self.stale(
                "frame \(sequences.lowerBound) was received before, or was passed over: frames are accepted once and "
                    + "in the order in which they were made")
        }
        return .late(gap)
    }

    /// Accepts frames for good: on return no restart can accept them, or anything before them, again, and their pad
    /// bytes are erased. The caller has deciphered them and hasn't shown the result to anybody yet.
    mutating func accept(_ sequences: Range<UInt64>, _ offsets: Range<UInt64>) throws(QWaveError) {
        let arrival = try arrival(sequences, offsets)
        let count = UInt64(offsets.count)
        var account = journal.record[.padIn]
        switch arrival {
        case .ahead:
            let skipped = Gap(
                sequences: journal.record.acceptedTo..<sequences.lowerBound,
                offsets: account.usedTo..<offsets.lowerBound)
            if !skipped.sequences.isEmpty && !skipped.offsets.isEmpty { gaps.append(skipped) }
            account.skip(to: offsets.lowerBound)
            account.use(count)
            journal.record.acceptedTo = sequences.upperBound
        case .late(let place):
            let gap = gaps.remove(at: place)
            let parts = [
                Gap(
                    sequences: gap.sequences.lowerBound..<sequences.lowerBound,
                    offsets: gap.offsets.lowerBound..<offsets.lowerBound),
                Gap(
                    sequences: sequences.upperBound..<gap.sequences.upperBound,
                    offsets: offsets.upperBound..<gap.offsets.upperBound),
            ]
            gaps.insert(
                contentsOf: parts.filter { !$0.sequences.isEmpty && !$0.offsets.isEmpty }, at: place)
            // It was written off as burnt when it was passed over.
            account.burnt -= count
            account.used += count
        }
        let oldest = journal.record.acceptedTo - min(journal.record.acceptedTo, Self.window)
        gaps.removeAll { $0.sequences.upperBound <= oldest }
        journal.record[.padIn] = account
        try commit()
        try erase(.padIn, offsets)
    }

    /// Counts a failed check. - Returns: how many there were, and whether the alarm is due.
    mutating func countFailure() throws(QWaveError) -> (failures: UInt64, alarm: Bool) {
        journal.record.failures += 1
        let failures = journal.record.failures
        // A forger mustn't be able to make this end flush as often as he likes; a close writes the rest.
        if failures % 64 == 0 { try commit() }
        let isPower = failures & (failures - 1) == 0
        let alarm = failures == policy.alarmAfter || failures == policy.lockAfter
        return (failures, alarm || (failures > policy.alarmAfter && isPower))
    }

    /// The peer's enrolled masks, to check a tag with.
    mutating func incomingMask(_ range: Range<UInt64>) throws(QWaveError) -> SecretBuffer {
        guard range.lowerBound >= journal.record[.maskIn].usedTo else {
            throw Self.stale("the mask at \(range.lowerBound) was accepted before: a replay")
        }
        let buffer = try read(.maskIn, range)
        checkedMasks.insert(contentsOf: range)
        return buffer
    }

    /// Everything of the peer's enrolled masks below `offset` is done with.
    mutating func acceptMask(upTo offset: UInt64) throws(QWaveError) {
        var account = journal.record[.maskIn]
        guard offset > account.usedTo else { return }
        let passed = account.usedTo..<offset
        let used = checkedMasks.intersection(RangeSet(passed)).ranges.reduce(UInt64(0)) {
            $0 + UInt64($1.count)
        }
        account.used += used
        account.burnt += UInt64(passed.count) - used
        account.usedTo = offset
        account.reservedTo = offset
        checkedMasks.remove(contentsOf: passed)
        journal.record[.maskIn] = account
        try commit()
        try erase(.maskIn, passed)
    }
}
