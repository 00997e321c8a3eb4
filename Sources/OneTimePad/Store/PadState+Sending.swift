// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Pad bytes and sequences that belong to one message and to nothing else, ever; durably so.
struct Allotment: Sendable {
    /// What isn't taken yet.
    var rest: Range<UInt64>
    let whole: Range<UInt64>
    let firstSequence: UInt64
}

extension PadState {
    /// What is kept for control frames: min(1 KiB, free/8), at least 64 bytes (key-delivery.md, 3, rule 10).
    static func floor(ofFree free: UInt64) -> UInt64 { max(64, min(1024, free / 8)) }

    /// Bytes of an outgoing stream that nobody was given yet.
    func unspent(_ stream: Stream) -> UInt64 { generated(stream) - journal.record[stream].usedTo }

    /// Bytes that DATA and KEYWRAP may spend.
    var spendable: UInt64 {
        let unspent = unspent(.padOut)
        return unspent - min(unspent, Self.floor(ofFree: unspent))
    }

    /// Gives `need` bytes of an outgoing stream away, once and for ever: the reservation is durable on return.
    ///
    /// - Parameter limit: the offset that a reservation beyond the need doesn't pass.
    private mutating func allot(
        _ stream: Stream, _ need: UInt64, limit: UInt64, frames: UInt64
    ) throws(QWaveError) -> Range<UInt64> {
        var account = journal.record[stream]
        let range = account.usedTo..<account.usedTo + need
        let isShortOfSequences = nextSequence + frames > journal.record.sequenceTo && stream == .padOut
        if range.upperBound > account.reservedTo || isShortOfSequences {
            let free = generated(stream) - account.reservedTo
            let batch = min(4096, max(64, free / 16))
            let target = min(account.reservedTo + batch, limit)
            account.reservedTo = max(range.upperBound, account.reservedTo, target)
            let before = journal.record
            journal.record[stream] = account
            if stream == .padOut {
                // Every frame takes at least its mask, so the reservation can't hold more frames than this.
                let most = (account.reservedTo - account.usedTo) / 16 + 1
                journal.record.sequenceTo = max(journal.record.sequenceTo, nextSequence + max(frames, most))
            }
            do { try commit() } catch {
                journal.record = before
                throw error
            }
        }
        account.use(need)
        journal.record[stream] = account
        return range
    }

    /// Pad for a message: `need` bytes and `frames` sequences, contiguous.
    ///
    /// - Parameter belowFloor: for frames that keep the link alive (RESYNC, ALARM, CLOSE).
    mutating func allot(_ need: Int, frames: Int, belowFloor: Bool) throws(QWaveError) -> Allotment {
        let need = UInt64(need)
        let unspent = unspent(.padOut)
        let usable = belowFloor ? unspent : spendable
        guard need <= usable else {
            throw QWaveError(
                .refused,
                "this takes \(need) pad bytes, and \(usable) may be spent (\(unspent) are left, "
                    + "\(unspent - usable) of them kept to end the link safely): \(need - usable) bytes are missing; "
                    + "nothing was spent; make more pad first")
        }
        let start = journal.record[.padOut].usedTo
        try checkUse(start..<start + need)
        // A reservation doesn't reach into a block that the need doesn't open: its ε would be charged for nothing.
        let last = table.blocks(in: start..<start + need).last
        let blockEnd = last.map { ($0.start ?? 0) + $0.half } ?? start
        let limit = min(blockEnd, belowFloor ? blockEnd : start + usable)
        let range = try allot(.padOut, need, limit: limit, frames: UInt64(frames))
        let first = nextSequence
        nextSequence += UInt64(frames)
        return Allotment(rest: range, whole: range, firstSequence: first)
    }

    /// The next `count` bytes of an allotment.
    func take(_ count: Int, from allotment: inout Allotment) throws(QWaveError) -> PadSegment {
        guard count >= 0, count <= allotment.rest.count else {
            throw QWaveError(
                .internalFault, "\(count) bytes wanted of an allotment with \(allotment.rest.count) left")
        }
        let range = allotment.rest.lowerBound..<allotment.rest.lowerBound + UInt64(count)
        allotment.rest = range.upperBound..<allotment.rest.upperBound
        return PadSegment(offset: range.lowerBound, bytes: try read(.padOut, range))
    }

    /// Outgoing masks that may be spent: what is enrolled and left, above the reserve.
    var spendableMasks: UInt64 {
        let left = unspent(.maskOut)
        return left - min(left, UInt64(max(0, policy.maskReserve)))
    }

    /// Enrolled masks of the own direction.
    mutating func reserveMask(_ count: Int) throws(QWaveError) -> UInt64 {
        let (left, spendable) = (unspent(.maskOut), spendableMasks)
        guard count > 0, UInt64(count) <= spendable else {
            throw QWaveError(
                .notAuthenticated,
                "the enrolled masks of this direction are spent (\(left) bytes left, \(left - spendable) of them in "
                    + "reserve, \(count) wanted): enroll again"
                    + (left > spendable ? ", or spend the reserve once the cause is mended" : ""))
        }
        journal.record.masksSinceBlock += UInt64(count)
        // A reservation beyond the need doesn't reach into the reserve: a crash would burn it.
        let limit = journal.record[.maskOut].usedTo + spendable
        let range = try allot(.maskOut, UInt64(count), limit: limit, frames: 0)
        unfetchedMasks.insert(contentsOf: range)
        return range.lowerBound
    }
}
