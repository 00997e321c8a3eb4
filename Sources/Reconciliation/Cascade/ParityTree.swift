// SPDX-License-Identifier: GPL-3.0-or-later

/// One pass of Cascade: some of the key's bits in an order, and a binary tree of error parities over them.
///
/// Node (level, index) covers the positions `index << level ..< (index + 1) << level`. Nodes of a level
/// lie side by side, so the way from a bit to the top is a shift per level. Bit 0 of a node's byte is the
/// parity of the errors that are left in its range once the node is known; before that it holds the
/// parity of the corrections made there, so that an answer about the uncorrected key needs only be added.
struct ParityTree: Sendable {
    /// A stretch of positions that is divided into blocks of one size.
    struct Section: Sendable {
        /// log2 of the block size.
        var level: Int
        /// Block numbers at that level.
        var blocks: Range<Int>
        /// True when the errors left in the whole section are known to be even, so the last block is inferred.
        var isTotalEven: Bool
    }

    static let known: UInt8 = 2
    static let pending: UInt8 = 4

    /// The bit at each position; -1 pads a section to whole blocks.
    let order: [Int32]
    /// The position of each bit of the key, -1 for those that aren't in this tree.
    let place: [Int32]
    let sections: [Section]
    let topLevel: Int
    /// Where each level starts in `nodes`.
    let offsets: [Int]
    var nodes: [UInt8]

    /// - Parameters:
    ///   - parts: bits and block level of each section, the largest blocks first, so that starts are aligned.
    ///   - bitCount: length of the whole key.
    init(parts: [(bits: [Int32], level: Int, isTotalEven: Bool)], bitCount: Int) {
        var order: [Int32] = []
        var place = [Int32](repeating: -1, count: bitCount)
        var sections: [Section] = []
        for part in parts {
            let first = order.count >> part.level
            for bit in part.bits {
                place[Int(bit)] = Int32(truncatingIfNeeded: order.count)
                order.append(bit)
            }
            let blocks = (part.bits.count + (1 << part.level) - 1) >> part.level
            order.append(
                contentsOf: repeatElement(-1, count: ((first + blocks) << part.level) - order.count))
            sections.append(
                Section(level: part.level, blocks: first..<first + blocks, isTotalEven: part.isTotalEven))
        }
        let topLevel = parts.first?.level ?? 0
        let top = 1 << topLevel
        let capacity = (order.count + top - 1) / top * top
        order.append(contentsOf: repeatElement(-1, count: capacity - order.count))
        var offsets: [Int] = []
        var total = 0
        for level in 0...topLevel {
            offsets.append(total)
            total += capacity >> level
        }
        var nodes = [UInt8](repeating: 0, count: total)
        // Padding holds no error: nodes that cover nothing else are known and even from the start.
        for position in 0..<capacity where order[position] < 0 { nodes[position] = Self.known }
        if capacity > 0, topLevel > 0 {
            for level in 1...topLevel {
                for index in 0..<capacity >> level {
                    let child = offsets[level - 1] + 2 * index
                    if nodes[child] & nodes[child + 1] & Self.known != 0 {
                        nodes[offsets[level] + index] = Self.known
                    }
                }
            }
        }
        self.order = order
        self.place = place
        self.sections = sections
        self.topLevel = topLevel
        self.offsets = offsets
        self.nodes = nodes
    }

    @inline(__always)
    func slot(_ level: Int, _ index: Int) -> Int { offsets[level] &+ index }
}
