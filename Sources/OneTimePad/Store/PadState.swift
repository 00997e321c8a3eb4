// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Everything behind the store's lock: files, books, and which bytes are still needed.
struct PadState: Sendable {
    static let secretName = "epoch-0"
    static let segmentSize: UInt64 = 1 << 20
    /// Frames that may arrive late within a run (key-delivery.md, 2.3).
    static let window: UInt64 = 1024

    /// Frames that were passed over in this run and may still arrive.
    struct Gap: Equatable, Sendable {
        var sequences: Range<UInt64>
        var offsets: Range<UInt64>
    }

    let storage: any Storage
    let identity: LinkIdentity
    let policy: PadPolicy
    let anchor: (any RollbackAnchor)?
    var journal: Journal
    var index: BlockIndex
    /// Files that exist; one that was erased is gone from here.
    var present: Set<String>
    /// Files with overwrites that aren't flushed yet.
    var unflushed: Set<String> = []
    /// What was overwritten of each stream.
    var erased = [RangeSet<UInt64>](repeating: RangeSet(), count: Stream.allCases.count)
    /// Enrolled masks that were reserved and not yet fetched, and incoming ones that were fetched to check.
    var unfetchedMasks = RangeSet<UInt64>()
    var checkedMasks = RangeSet<UInt64>()
    var gaps: [Gap] = []
    /// The next outgoing frame's.
    var nextSequence: UInt64
    /// Why nothing more may be done, once that is so.
    var stopped: String?

    var table: BlockTable { index.table }

    func generated(_ stream: Stream) -> UInt64 {
        switch stream {
        case .maskOut, .maskIn: UInt64(identity.maskBytes)
        case .padOut, .padIn: index.table.generated
        }
    }

    func direction(_ stream: Stream) -> Direction {
        stream.isOutgoing ? identity.role.sending : identity.role.sending.reversed
    }

    /// Balances the books and makes them durable. Every promise of the store is kept by this line: what was said
    /// before it returns isn't true, what is said after it survives. The anchor follows the journal, so that a crash
    /// between the two leaves a journal that is ahead, never behind.
    mutating func commit() throws(QWaveError) {
        for stream in Stream.allCases {
            try journal.record[stream].check(generated: generated(stream), stream)
        }
        journal.record.indexLength = index.length
        journal.record.indexHead = index.head
        try journal.commit()
        try anchor?.advance(identity.anchorName, to: journal.record.generation)
    }

    /// Opens a pad directory. What the last run had reserved and didn't close is burnt.
    init(opening storage: any Storage, policy: PadPolicy, anchor: (any RollbackAnchor)?) throws(QWaveError) {
        let identity = try LinkIdentity.read(from: storage)
        self.storage = storage
        self.identity = identity
        self.policy = policy
        self.anchor = anchor
        journal = try Journal.open(in: storage, linkID: identity.linkID)
        // Before anything is written: a copy that is refused stays as it is.
        try anchor?.check(identity, at: journal.record.generation, place: storage.place)
        index = try BlockIndex(
            in: storage, knownLength: journal.record.indexLength, knownHead: journal.record.indexHead)
        present = Set(try storage.names())
        nextSequence = journal.record.sequenceTo
        let wasClean = journal.record.isClean
        for stream in Stream.allCases {
            journal.record[stream].burnReservation()
            if wasClean { erased[stream.rawValue] = RangeSet(0..<journal.record[stream].usedTo) }
        }
        journal.record.isClean = false
        try commit()
        try removeOrphans()
        if !wasClean { try eraseBehindMarks() }
    }

    /// Closes in order: nothing is lost, and the marks of the journal are exact.
    mutating func close() throws(QWaveError) {
        gaps = []
        unfetchedMasks = RangeSet()
        try eraseBehindMarks()
        for stream in Stream.allCases { journal.record[stream].reservedTo = journal.record[stream].usedTo }
        journal.record.sequenceTo = nextSequence
        journal.record.isClean = true
        try commit()
        stopped = "the pad was closed"
    }

    /// Files of blocks that never came in, or that were burnt.
    private mutating func removeOrphans() throws(QWaveError) {
        var wanted: Set<String> = [Journal.name, BlockIndex.name, LinkIdentity.name, Self.secretName]
        for block in table.blocks where block.state.isHeld { wanted.formUnion(block.segmentNames) }
        let orphans = present.filter { $0.hasSuffix(Block.suffix) }.subtracting(wanted)
        for name in orphans.sorted() {
            try storage.erase(name)
            present.remove(name)
        }
        if !orphans.isEmpty { try storage.syncNames() }
    }

    /// The sum that the pad answers for: ε of every block opened in either direction, and of all tags.
    func epsilonSum(openingTo offset: UInt64 = 0) -> Double {
        let record = journal.record
        let opened = max(offset, record[.padOut].reservedTo, record[.padIn].usedTo)
        return table.epsilon(below: opened) + record.tagEpsilon
    }

    /// Throws `.refused` where the pad's ε or the assurance of its blocks forbids to open `range`.
    func checkUse(_ range: Range<UInt64>) throws(QWaveError) {
        let record = journal.record
        let opened = max(record[.padOut].reservedTo, record[.padIn].usedTo)
        let sum = epsilonSum(openingTo: range.upperBound)
        guard sum <= policy.epsilonLimit else {
            throw QWaveError(
                .refused,
                "this pad's errors would add up to \(sum), above its limit \(policy.epsilonLimit): enroll anew, or "
                    + "make blocks with a smaller epsilon")
        }
        guard !policy.mixesAssurance else { return }
        var levels = Set(table.blocks(in: range).map(\.assurance))
        if opened > 0 { levels.formUnion(table.blocks(in: opened - 1..<opened).map(\.assurance)) }
        guard levels.count <= 1 else {
            throw QWaveError(
                .refused,
                "the next pad bytes come with assurance \(levels.sorted().joined(separator: " and ")): a pad doesn't "
                    + "mix levels unless its policy says so")
        }
    }
}
