// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// One end's key and, for each tree of the search, its prefix parities: any range parity is two bit reads.
///
/// The responder's key stays uncorrected here; the search accounts for corrections.
struct KeyParities: Sendable {
    private let key: BitString
    /// Bit i of a tree's string is the parity of the positions before i.
    private var prefixes: [BitString] = []

    init(_ key: BitString) { self.key = key }

    /// Makes prefix parities for the trees that the search has added.
    mutating func follow(_ trees: [ParityTree]) {
        while prefixes.count < trees.count { prefixes.append(prefix(trees[prefixes.count].order)) }
    }

    private func prefix(_ order: [Int32]) -> BitString {
        var result = BitString(count: order.count + 1)
        key.withWords { key in
            result.withMutableWords { words in
                var carry: UInt64 = 0
                var position = 0
                for index in 0..<words.count {
                    var word: UInt64 = 0
                    let end = min(position &+ 64, order.count)
                    var shift: UInt64 = 0
                    while position < end {
                        let bit = Int(order[position])
                        if bit >= 0 { word |= (key[bit >> 6] >> UInt64(bit & 63) & 1) << shift }
                        shift &+= 1
                        position &+= 1
                    }
                    word ^= word << 1
                    word ^= word << 2
                    word ^= word << 4
                    word ^= word << 8
                    word ^= word << 16
                    word ^= word << 32
                    words[index] = word << 1 ^ carry
                    carry = word >> 63 != 0 ? ~carry : carry
                }
            }
        }
        return result
    }

    /// The parity of the key's bits that a question is about.
    func parity(_ question: CascadeSearch.Question) -> Bool {
        switch question {
        case .node(let node):
            let prefix = prefixes[Int(node.tree)]
            let start = Int(node.index) << Int(node.level)
            return prefix[start] != prefix[start &+ 1 << Int(node.level)]
        case .subset(let seed):
            var sum: UInt64 = 0
            key.withWords { key in
                for index in 0..<key.count {
                    sum ^= key[index] & PublicShuffle.subsetWord(seed: seed, index: index)
                }
            }
            return sum.nonzeroBitCount & 1 != 0
        }
    }
}
