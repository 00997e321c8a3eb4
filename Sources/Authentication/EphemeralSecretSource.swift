// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Synchronization

/// A shared secret in memory, for replays and tests: it forgets what was used when the process ends, so the
/// same bytes must never be given to two processes or twice to one end.
///
/// Layout: the hash key initiator → responder (16 bytes), the hash key responder → initiator (16 bytes), then
/// the masks: the first half initiator → responder, the second half responder → initiator. Each end makes its
/// own source from the same bytes.
public final class EphemeralSecretSource: SecretSource {
    private struct State: ~Copyable {
        let secret: SecretBuffer
        /// Own masks: reserved up to here, and given out up to here.
        var reserved: UInt64 = 0
        var taken: UInt64 = 0
        /// The peer's masks: accepted up to here.
        var accepted: UInt64 = 0
    }

    private let role: Party.Role
    /// Mask bytes of each direction.
    private let half: UInt64
    private let state: Mutex<State>

    /// Bytes before the masks.
    private static let keyBytes = 32

    /// One end's source over the enrolled bytes: 32 bytes of hash keys, then both directions' masks.
    ///
    /// Throws `.badInput` for fewer than 32 bytes.
    public init(enrolled: borrowing SecretBuffer, role: Party.Role) throws(QWaveError) {
        guard enrolled.count >= Self.keyBytes else {
            throw QWaveError(
                .badInput,
                "the enrolled secret has \(enrolled.count) bytes; two hash keys alone take \(Self.keyBytes), and each tag 16"
            )
        }
        self.role = role
        half = UInt64((enrolled.count - Self.keyBytes) / 2)
        state = Mutex(State(secret: enrolled.copy()))
    }

    private static func slice(_ secret: borrowing SecretBuffer, _ start: Int, _ count: Int) -> SecretBuffer {
        secret.withBytes { SecretBuffer(copying: $0.extracting(start..<start + count)) }
    }

    private func refused(_ why: String) -> QWaveError {
        QWaveError(.notAuthenticated, "the shared secret refuses: \(why); enroll a fresh secret at both ends")
    }

    public func hashKey(_ direction: Direction) throws(QWaveError) -> SecretBuffer {
        state.withLock { Self.slice($0.secret, direction == .initiatorToResponder ? 0 : 16, 16) }
    }

    public func reserveMask(_ direction: Direction, count: Int) throws(QWaveError) -> UInt64 {
        guard direction == role.sending else {
            throw refused("an end reserves masks of its own direction only")
        }
        guard count > 0 else { throw refused("a mask has at least one byte") }
        let offset: UInt64? = state.withLock { state in
            guard UInt64(count) <= half - state.reserved else { return nil }
            defer { state.reserved += UInt64(count) }
            return state.reserved
        }
        guard let offset else { throw refused("it is used up (\(half) mask bytes in this direction)") }
        return offset
    }

    public func mask(_ direction: Direction, at offset: UInt64, count: Int) throws(QWaveError) -> SecretBuffer
    {
        guard count > 0, UInt64(count) <= half, offset <= half - UInt64(count) else {
            throw refused("there is no mask at this offset")
        }
        let end = offset + UInt64(count)
        let start = Self.keyBytes + Int(direction == .initiatorToResponder ? offset : half + offset)
        let isOwn = direction == role.sending
        let mask: SecretBuffer? = state.withLock { state in
            if isOwn {
                guard offset >= state.taken, end <= state.reserved else { return nil }
                state.taken = end
            } else {
                guard offset >= state.accepted else { return nil }
            }
            return Self.slice(state.secret, start, count)
        }
        guard let mask else { throw refused("the mask at this offset was used, or was never reserved") }
        return mask
    }

    public func accept(_ direction: Direction, upTo offset: UInt64) throws(QWaveError) {
        guard direction != role.sending else {
            throw refused("an end accepts masks of the peer's direction only")
        }
        guard offset <= half else { throw refused("there is no mask at this offset") }
        state.withLock { $0.accepted = max($0.accepted, offset) }
    }

    public func remaining(_ direction: Direction) -> Int {
        let isOwn = direction == role.sending
        return state.withLock { Int(half - (isOwn ? $0.reserved : $0.accepted)) }
    }
}
