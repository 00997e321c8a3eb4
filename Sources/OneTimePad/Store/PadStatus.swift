// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The pad's books at one moment, as `qwave pad status --json` prints them. All sizes in bytes.
public struct PadStatus: Codable, Sendable, Hashable {
    /// generated = used + burnt + reserved + free.
    public struct Stream: Codable, Sendable, Hashable {
        public var generated: UInt64
        public var used: UInt64
        public var burnt: UInt64
        public var reserved: UInt64
        public var free: UInt64
    }

    /// 16 hexadecimal digits.
    public var link: String
    public var name: String
    public var role: String
    public var epoch: UInt32
    public var journalGeneration: UInt64
    /// True when a slot of the journal was unreadable at opening; it was mended from the other.
    public var journalWasDamaged: Bool
    /// The pad of the own direction, and the peer's.
    public var outgoing: Stream
    public var incoming: Stream
    /// The enrolled masks.
    public var enrolledOutgoing: Stream
    public var enrolledIncoming: Stream
    /// Outgoing bytes kept for ending the link, and what may be spent above them.
    public var floor: UInt64
    public var spendable: UInt64
    public var lowWater: Int
    /// True when the outgoing pad is below the low-water mark.
    public var isLow: Bool
    /// Blocks whose peer hasn't committed, or that wait for an earlier one; and their bytes of one direction.
    public var pendingBlocks: Int
    public var pendingBytes: UInt64
    public var usableBlocks: Int
    public var uncertain: [UncertainExchange]
    /// Sum over opened blocks and all tags, and the limit beyond which the pad refuses.
    public var epsilonSum: Double
    public var epsilonLimit: Double
    /// Of usable blocks that have bytes left.
    public var assurance: [String]
    public var failedChecks: UInt64
    public var isLocked: Bool
}

extension PadStore {
    /// The books as of now.
    public func status() throws(QWaveError) -> PadStatus {
        try withState { (state: inout PadState) in state.status }
    }
}

extension PadState {
    private func books(_ stream: Stream) -> PadStatus.Stream {
        let account = journal.record[stream]
        let generated = generated(stream)
        return PadStatus.Stream(
            generated: generated, used: account.used, burnt: account.burnt, reserved: account.reserved,
            free: generated - account.reservedTo)
    }

    var status: PadStatus {
        let record = journal.record
        let unspent = unspent(.padOut)
        let waiting = table.waiting
        let first = min(record[.padOut].usedTo, record[.padIn].usedTo)
        let left = table.blocks(in: min(first, table.generated)..<table.generated)
        let digits = String(identity.linkID, radix: 16)
        return PadStatus(
            link: String(repeating: "0", count: 16 - digits.count) + digits, name: identity.label,
            role: "\(identity.role)", epoch: record.epoch, journalGeneration: record.generation,
            journalWasDamaged: journal.wasDamaged, outgoing: books(.padOut), incoming: books(.padIn),
            enrolledOutgoing: books(.maskOut), enrolledIncoming: books(.maskIn),
            floor: min(unspent, Self.floor(ofFree: unspent)), spendable: spendable, lowWater: policy.lowWater,
            isLow: unspent < UInt64(max(0, policy.lowWater)), pendingBlocks: waiting.count,
            pendingBytes: waiting.reduce(0) { $0 + $1.half }, usableBlocks: table.placed.count,
            uncertain: waiting.filter { $0.state == .pending }.map {
                UncertainExchange(id: $0.id, sequence: $0.sequence)
            },
            epsilonSum: epsilonSum(), epsilonLimit: policy.epsilonLimit,
            assurance: Set(left.map(\.assurance)).sorted(), failedChecks: record.failures,
            isLocked: record.failures >= policy.lockAfter)
    }
}
