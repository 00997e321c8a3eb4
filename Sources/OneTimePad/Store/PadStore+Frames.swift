public import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What wrapping and opening need of the store.
extension PadStore {
    static let epoch: UInt32 = 1

    /// Takes the next `count` outgoing pad bytes, for one use of the caller's own. Durable on return.
    ///
    /// - Throws: `.refused` when that would go below the floor, past the pad's ε limit, or into blocks of another
    ///   assurance; then nothing is spent.
    public func reserve(_ count: Int) throws(QWaveError) -> PadSegment {
        guard count > 0 else { throw QWaveError(.usage, "\(count) pad bytes can't be reserved") }
        var allotment = try allot(count, frames: 0)
        let segment = try take(count, from: &allotment)
        try finish(allotment)
        return segment
    }

    /// Pad bytes that a message may spend now.
    func spendable() throws(QWaveError) -> Int {
        try withState { (state: inout PadState) in Int(state.spendable) }
    }

    func allot(_ count: Int, frames: Int, belowFloor: Bool = false) throws(QWaveError) -> Allotment {
        try withState { (state: inout PadState) throws(QWaveError) in
            try state.allot(count, frames: frames, belowFloor: belowFloor)
        }
    }

    func take(_ count: Int, from allotment: inout Allotment) throws(QWaveError) -> PadSegment {
        var rest = allotment
        defer { allotment = rest }
        return try withState { (state: inout PadState) throws(QWaveError) in
            try state.take(count, from: &rest)
        }
    }

    /// Erases what an allotment held, whether it was taken or not.
    func finish(_ allotment: Allotment) throws(QWaveError) {
        try withState { (state: inout PadState) throws(QWaveError) in
            try state.erase(.padOut, allotment.whole)
        }
    }

    /// Adds the forgery bound of a tag that was sent or checked.
    func chargeTag(bodyBytes: Int) throws(QWaveError) {
        try withState { (state: inout PadState) in
            state.journal.record.tagEpsilon += FrameHeader.tagEpsilon(bodyBytes: bodyBytes)
        }
    }

    /// Judges a frame's numbers, and gives the pad bytes to check and open it with. Nothing is consumed.
    func incomingPad(_ header: FrameHeader, count: Int) throws(QWaveError) -> SecretBuffer {
        let range = header.padOffset..<header.padOffset + UInt64(count)
        return try withState { (state: inout PadState) throws(QWaveError) in
            _ = try state.arrival(header.sequence..<header.sequence + 1, range)
            try state.checkUse(range)
            return try state.read(.padIn, range)
        }
    }

    func accept(_ sequences: Range<UInt64>, _ offsets: Range<UInt64>) throws(QWaveError) {
        try withState { (state: inout PadState) throws(QWaveError) in try state.accept(sequences, offsets) }
    }

    /// Counts a failed check, raises the alarm where it is due, and slows the sender of forgeries down.
    func countFailure() throws(QWaveError) {
        let (failures, alarm) = try withState { (state: inout PadState) throws(QWaveError) in
            try state.countFailure()
        }
        if alarm { policy.onAlarm(failures) }
        if failures > policy.alarmAfter {
            let (seconds, attoseconds) = policy.failureDelay.components
            usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
        }
    }
}
