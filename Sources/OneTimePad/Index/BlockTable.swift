// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// One certified block, and where its halves lie.
struct Block: Equatable, Sendable {
    let id: ExchangeID
    /// The initiator's order.
    let sequence: UInt64
    /// Bytes of one direction: half of the key.
    let half: UInt64
    /// Certified ε of the whole block.
    let epsilon: Double
    let assurance: String
    /// Digest of the certificate, opaque here.
    let digest: [UInt8]
    var state = ExchangeState.pending
    /// Where the block begins in the pads of both directions; nil until it is given an offset.
    var start: UInt64?
}

/// Which blocks there are, and the one order in which usable ones extend the pads.
///
/// A pure state machine over the records of the index, so both ends and every restart come to the same offsets:
///
/// * *usable* and *burnt* are final, and so is the word that a block is unknown here (a tombstone, counted as burnt).
/// * Offsets go to usable blocks in rising sequence, and only while no earlier block is pending; a block that
///   arrives with a sequence at or below one that has an offset is refused.
///
/// Why the pads can't disagree: let one end hold s with an offset, the other t > s but not s below it. The first
/// found s usable because the second had written s (its COMMIT, or its word on reconciliation). The second
/// gave t an offset, so s was decided there or not there yet. Not there yet: s would be refused after t. Usable:
/// it would lie before t. Burnt: only upon the first end's binding word that it holds no s, which is a
/// tombstone there, and a tombstone never becomes usable.
struct BlockTable: Equatable, Sendable {
    private(set) var blocks: [Block] = []
    /// Indices of the blocks with offsets, in the order of the pad.
    private(set) var placed: [Int] = []
    /// Bytes of each direction that have offsets.
    private(set) var generated: UInt64 = 0
    private(set) var highestSequence: UInt64?
    /// Indices of held blocks without offsets, by sequence.
    private var unplaced: [Int] = []
    /// For each placed block the sum of ε up to and with it.
    private var epsilonSums: [Double] = []
    private var places: [ExchangeID: Int] = [:]
    private var tombstones: Set<ExchangeID> = []

    func state(of id: ExchangeID) -> ExchangeState {
        if let place = places[id] { return blocks[place].state }
        return tombstones.contains(id) ? .burnt : .unknown
    }

    func block(_ id: ExchangeID) -> Block? { places[id].map { blocks[$0] } }

    /// Blocks that are pending, or usable and waiting for an earlier one, by sequence.
    var waiting: [Block] { unplaced.map { blocks[$0] } }

    /// Applies one record, or throws `.protocolViolation` and changes nothing when the rules forbid it.
    mutating func apply(_ record: IndexRecord) throws(QWaveError) {
        switch record {
        case .pending(let block): try add(block)
        case .usable(let id): try decide(id, .usable)
        case .burnt(let id):
            if places[id] == nil { tombstones.insert(id) } else { try decide(id, .burnt) }
        }
        place()
    }

    private mutating func add(_ block: Block) throws(QWaveError) {
        let known = state(of: block.id)
        guard known == .unknown else {
            throw QWaveError(
                .protocolViolation,
                "exchange \(block.id) is already \(known) here: every exchange needs a new identifier")
        }
        let lastPlaced = placed.last.map { blocks[$0].sequence }
        let clash = waiting.contains { $0.sequence == block.sequence }
        guard !clash, lastPlaced.map({ $0 < block.sequence }) ?? true else {
            throw QWaveError(
                .protocolViolation,
                "exchange \(block.id) comes with sequence \(block.sequence), but the pad already went on to "
                    + "\(lastPlaced ?? block.sequence): take a later sequence")
        }
        guard generated <= UInt64.max / 4, block.half <= UInt64(Int32.max) else {
            throw QWaveError(
                .protocolViolation, "a block of \(block.half) bytes a direction doesn't fit the pad")
        }
        places[block.id] = blocks.count
        let later = unplaced.firstIndex { blocks[$0].sequence > block.sequence } ?? unplaced.count
        unplaced.insert(blocks.count, at: later)
        blocks.append(block)
        highestSequence = max(highestSequence ?? 0, block.sequence)
    }

    private mutating func decide(_ id: ExchangeID, _ state: ExchangeState) throws(QWaveError) {
        guard let place = places[id] else {
            throw QWaveError(
                .protocolViolation, "exchange \(id) is \(self.state(of: id)) here, it can't become \(state)")
        }
        guard blocks[place].state == .pending || blocks[place].state == state else {
            throw QWaveError(
                .protocolViolation,
                "exchange \(id) is \(blocks[place].state) for good, it can't become \(state)")
        }
        blocks[place].state = state
    }

    private mutating func place() {
        unplaced.removeAll { !blocks[$0].state.isHeld }
        while let index = unplaced.first, blocks[index].state == .usable {
            blocks[index].start = generated
            generated += blocks[index].half
            placed.append(index)
            epsilonSums.append((epsilonSums.last ?? 0) + blocks[index].epsilon)
            unplaced.removeFirst()
        }
    }

    /// Which placed block (as an index of `placed`) is the first that ends behind `offset`.
    private func firstPlaced(endingBehind offset: UInt64) -> Int {
        var low = 0
        var high = placed.count
        while low < high {
            let middle = (low + high) / 2
            let block = blocks[placed[middle]]
            if (block.start ?? 0) + block.half <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The blocks that hold any byte of `range`, in order.
    func blocks(in range: Range<UInt64>) -> [Block] {
        guard !range.isEmpty else { return [] }
        return placed[firstPlaced(endingBehind: range.lowerBound)...].lazy.map { blocks[$0] }
            .prefix { ($0.start ?? 0) < range.upperBound }.map { $0 }
    }

    /// The sum of the ε of every block that begins below `offset`: those that were opened.
    func epsilon(below offset: UInt64) -> Double {
        guard offset > 0, let last = epsilonSums.indices.last else { return 0 }
        return epsilonSums[min(last, firstPlaced(endingBehind: offset - 1))]
    }
}
