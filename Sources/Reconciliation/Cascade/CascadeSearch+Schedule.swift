// SPDX-License-Identifier: GPL-3.0-or-later

/// What is asked next.
extension CascadeSearch {
    /// Draws up the next list of questions: odd blocks first, then the next pass, then the tail.
    mutating func advance() {
        questions = []
        while questions.isEmpty {
            collect()
            if !questions.isEmpty { break }
            if beginPass() { continue }
            if !isTailAsked {
                isTailAsked = true
                askTail()
            } else if !openProbe() {
                break
            }
        }
        if questions.isEmpty { return }
        // Both ends come to the same verdict here, after the same answer.
        if asked + questions.count > limits.parities {
            failure = .tooManyParities
        } else if rounds == limits.rounds {
            failure = .tooManyRounds
        }
        if failure != nil { questions = [] }
        asked += questions.count
        rounds += 1
    }

    /// Turns the odd nodes into questions: of the smallest known odd node around an error, the left child.
    private mutating func collect() {
        for candidate in candidates {
            let tree = Int(candidate.tree)
            var level = Int(candidate.level)
            var index = Int(candidate.index)
            guard trees[tree].nodes[trees[tree].slot(level, index)] & 3 == 3 else { continue }
            while level > 0 {
                let left = trees[tree].slot(level - 1, index * 2)
                let byte = trees[tree].nodes[left]
                if byte & ParityTree.known == 0 {
                    if byte & ParityTree.pending == 0 {
                        trees[tree].nodes[left] |= ParityTree.pending
                        questions.append(
                            .node(
                                Node(tree: candidate.tree, level: Int32(level - 1), index: Int32(index * 2))))
                    }
                    break
                }
                // Both children are known; an inconsistent peer may have left neither odd.
                if byte & 1 != 0 {
                    index = index * 2
                } else if trees[tree].nodes[left + 1] & 3 == 3 {
                    index = index * 2 + 1
                } else {
                    break
                }
                level -= 1
            }
        }
        candidates = []
    }

    private func isKnown(_ bit: Int32) -> Bool {
        trees[0].nodes[Int(trees[0].place[Int(bit)])] & ParityTree.known != 0
    }

    /// Starts the next pass where one is due, and asks its blocks.
    private mutating func beginPass() -> Bool {
        let parts = passParts()
        guard !parts.isEmpty else { return false }
        let tree = ParityTree(parts: parts, bitCount: plan.bitCount)
        trees.append(tree)
        let number = Int32(trees.count - 1)
        for section in tree.sections {
            for block in section.blocks.dropLast(section.isTotalEven ? 1 : 0) {
                questions.append(.node(Node(tree: number, level: Int32(section.level), index: Int32(block))))
            }
        }
        inferLastBlocks()
        return true
    }

    /// The sections of the next pass, or none when no further pass pays.
    private mutating func passParts() -> [(bits: [Int32], level: Int, isTotalEven: Bool)] {
        let pass = passes
        // Blocks of the largest size are asked once; what they leave is the tail's.
        if pass > 0,
            plan.groups.allSatisfy({
                tuning.level(pass: pass, of: $0) == tuning.level(pass: pass - 1, of: $0)
            })
        {
            return []
        }
        var generator = PublicShuffle(seed: seed, stream: UInt64(pass))
        var parts: [(bits: [Int32], level: Int, isTotalEven: Bool)] = []
        for group in plan.groups {
            let level = tuning.level(pass: pass, of: group)
            var bits = group.bits
            if pass > 0 { bits = remaining(of: group) }
            let isTotalEven = pass > 0 && group.level != 1
            if let index = parts.firstIndex(where: { $0.level == level }) {
                parts[index].bits.append(contentsOf: bits)
                parts[index].isTotalEven = parts[index].isTotalEven && isTotalEven
            } else {
                parts.append((bits, level, isTotalEven))
            }
        }
        parts.sort { $0.level > $1.level }
        if pass > 0 { parts = Self.join(parts) }
        guard !parts.isEmpty else { return [] }
        passes += 1
        for index in parts.indices { generator.shuffle(&parts[index].bits) }
        return parts
    }

    /// The bits of a group that later passes ask about: those not known yet, and of a pair that is known to
    /// be even only the first, which stands for both.
    private func remaining(of group: CascadePlan.Group) -> [Int32] {
        let tree = trees[0]
        var bits: [Int32] = []
        for bit in group.bits {
            let position = Int(tree.place[Int(bit)])
            if tree.nodes[position] & ParityTree.known != 0 { continue }
            if group.level == 1, position & 1 == 1 { continue }
            bits.append(bit)
        }
        return bits
    }

    /// Joins sections that have too few blocks with the next smaller size, and drops a pass without blocks.
    private static func join(
        _ parts: [(bits: [Int32], level: Int, isTotalEven: Bool)]
    ) -> [(bits: [Int32], level: Int, isTotalEven: Bool)] {
        var result: [(bits: [Int32], level: Int, isTotalEven: Bool)] = []
        for part in parts {
            var part = part
            if let last = result.last, last.bits.count < 4 << last.level {
                part.bits.append(contentsOf: last.bits)
                part.isTotalEven = part.isTotalEven && last.isTotalEven
                result.removeLast()
            }
            result.append(part)
        }
        // A pass of one block tells nothing that the tail doesn't.
        if let last = result.last, last.bits.count <= 1 << last.level {
            result.removeLast()
        }
        return result
    }

    /// Asks parities of random subsets; where fewer bits than that are open, the bits themselves.
    private mutating func askTail() {
        let tailParities = tuning.tailParities(bits: plan.bitCount)
        let open = plan.groups.flatMap { group in group.bits.filter { !isKnown($0) } }
        if open.count <= tailParities {
            for bit in open {
                let position = Int(trees[0].place[Int(bit)])
                // The right one of a pair whose parity is known follows from the left one.
                if trees[0].topLevel > 0, position & 1 == 1,
                    trees[0].nodes[trees[0].slot(1, position >> 1)] & ParityTree.known != 0,
                    trees[0].nodes[position - 1] & ParityTree.known == 0
                {
                    continue
                }
                questions.append(.node(Node(tree: 0, level: 0, index: Int32(position))))
            }
            return
        }
        var generator = PublicShuffle(seed: seed, stream: 1 << 32)
        for _ in 0..<tailParities { questions.append(.subset(seed: generator.next())) }
    }

    /// Makes a tree of the first odd subset, whose search then begins; false when all are even.
    private mutating func openProbe() -> Bool {
        guard let index = probes.firstIndex(where: { $0.isOdd }) else { return false }
        let probe = probes.remove(at: index)
        var bits: [Int32] = []
        for group in plan.groups {
            for bit in group.bits
            where PublicShuffle.subset(seed: probe.seed, contains: Int(bit)) && !isKnown(bit) {
                bits.append(bit)
            }
        }
        guard !bits.isEmpty else { return true }
        var generator = PublicShuffle(seed: probe.seed, stream: 0)
        generator.shuffle(&bits)
        var level = 0
        while 1 << level < bits.count { level += 1 }
        trees.append(ParityTree(parts: [(bits, level, false)], bitCount: plan.bitCount))
        learn(Node(tree: Int32(trees.count - 1), level: Int32(level), index: 0), isOdd: true)
        correct()
        return true
    }
}
