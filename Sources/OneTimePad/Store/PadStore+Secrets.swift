public import QWaveCore

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Epoch 0: what was enrolled authenticates the exchanges that make epoch 1.
extension PadStore: SecretSource {
    public func hashKey(_ direction: Direction) throws(QWaveError) -> SecretBuffer {
        try withState { (state: inout PadState) throws(QWaveError) in
            let file = try state.storage.file(PadState.secretName)
            var key = SecretBuffer(count: 16)
            try key.withMutableBytes { (bytes: inout MutableSpan<UInt8>) throws(QWaveError) in
                try file.read(at: 16 * Int(direction.rawValue), into: &bytes, part: 0..<16)
            }
            return key
        }
    }

    /// Only the own direction can be reserved: the peer's masks are the peer's. Waits where many were spent since the
    /// last block (`PadPolicy.backoff`).
    public func reserveMask(_ direction: Direction, count: Int) throws(QWaveError) -> UInt64 {
        guard direction == role.sending else {
            throw QWaveError(
                .usage, "the \(role) doesn't send \(direction): it can't reserve that direction's masks")
        }
        let (offset, spent) = try withState { (state: inout PadState) throws(QWaveError) in
            (try state.reserveMask(count), state.journal.record.masksSinceBlock)
        }
        // Outside the lock: whoever forces exchanges to fail waits, nobody else does.
        let (seconds, attoseconds) = policy.backoff(afterSpending: spent).components
        if seconds > 0 || attoseconds > 0 {
            usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
        }
        return offset
    }

    /// A sender's mask is given once, and is gone from the disk then; a receiver's can be read until it is accepted.
    public func mask(_ direction: Direction, at offset: UInt64, count: Int) throws(QWaveError) -> SecretBuffer
    {
        try withState { (state: inout PadState) throws(QWaveError) in
            let enrolled = UInt64(state.identity.maskBytes)
            guard count > 0, offset <= enrolled, UInt64(count) <= enrolled - offset else {
                throw QWaveError(
                    .notAuthenticated,
                    "no masks were enrolled at \(offset) (\(count) bytes of \(enrolled) wanted)")
            }
            let range = offset..<offset + UInt64(count)
            guard direction == role.sending else { return try state.incomingMask(range) }
            guard RangeSet(range).subtracting(state.unfetchedMasks).isEmpty else {
                throw QWaveError(
                    .notAuthenticated,
                    "the mask at \(offset) isn't reserved in this run, or was used: reserve a new one")
            }
            let buffer = try state.read(.maskOut, range)
            state.unfetchedMasks.remove(contentsOf: range)
            try state.erase(.maskOut, range)
            return buffer
        }
    }

    public func accept(_ direction: Direction, upTo offset: UInt64) throws(QWaveError) {
        guard direction != role.sending else {
            throw QWaveError(.usage, "the \(role) sends \(direction): there is nothing to accept from there")
        }
        try withState { (state: inout PadState) throws(QWaveError) in
            guard offset <= UInt64(state.identity.maskBytes) else {
                throw QWaveError(.notAuthenticated, "no masks were enrolled at \(offset)")
            }
            try state.acceptMask(upTo: offset)
        }
    }

    public func remaining(_ direction: Direction) -> Int {
        let left = try? withState { (state: inout PadState) in
            direction == role.sending ? Int(state.spendableMasks) : Int(state.unspent(.maskIn))
        }
        return left ?? 0
    }
}
