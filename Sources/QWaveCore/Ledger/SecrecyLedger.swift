// SPDX-License-Identifier: GPL-3.0-or-later
internal import Synchronization

/// The sum of all that was said about one block's key, by direction and kind.
///
/// Every message passes through `record`, when it is sent or, at the other end, when it is understood; both
/// ends' ledgers end up equal. Nothing is ever taken back: retries and aborted attempts stay counted.
public final class SecrecyLedger: Sendable {
    /// One line of the account.
    public struct Line: Sendable, Hashable {
        public var direction: Direction
        public var kind: Disclosure.Kind
        public var isReconciliation: Bool
        /// Bits about the key.
        public var bits: Double
        public var messages: Int
        /// Bytes on the link, headers included.
        public var bytes: Int
    }

    private struct Key: Hashable {
        var direction: Direction
        var kind: Disclosure.Kind
        var isReconciliation: Bool
    }

    private let lines = Mutex<[Key: Line]>([:])

    public init() {}

    /// Charges one message.
    public func record(_ disclosure: Disclosure, direction: Direction, bytes: Int) {
        let key = Key(
            direction: direction, kind: disclosure.kind, isReconciliation: disclosure.isReconciliation)
        lines.withLock { lines in
            var line =
                lines[key]
                ?? Line(
                    direction: direction, kind: disclosure.kind,
                    isReconciliation: disclosure.isReconciliation, bits: 0, messages: 0, bytes: 0)
            line.bits += disclosure.bits
            line.messages += 1
            line.bytes += bytes
            lines[key] = line
        }
    }

    /// The account, in a fixed order.
    public var account: [Line] {
        lines.withLock { Array($0.values) }.sorted {
            ($0.direction.rawValue, $0.kind.name) < ($1.direction.rawValue, $1.kind.name)
        }
    }

    /// Bits told by reconciliation in one direction. Forward is initiator to responder.
    public func reconciliationLeak(_ direction: Direction) -> Double {
        account.filter { $0.isReconciliation && $0.direction == direction }.reduce(0) { $0 + $1.bits }
    }

    /// Bits told otherwise, verification excepted, both directions.
    public var otherLeak: Double {
        account.filter { !$0.isReconciliation && $0.kind != .verificationHash }.reduce(0) { $0 + $1.bits }
    }

    /// Bits told by verification hashes, both directions.
    public var verificationLeak: Double {
        account.filter { $0.kind == .verificationHash }.reduce(0) { $0 + $1.bits }
    }

    /// Messages in both directions.
    public var messages: Int { account.reduce(0) { $0 + $1.messages } }
    /// Bytes in both directions.
    public var bytes: Int { account.reduce(0) { $0 + $1.bytes } }
}
