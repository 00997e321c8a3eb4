// SPDX-License-Identifier: GPL-3.0-or-later

/// What follows from an answer.
extension CascadeSearch {
    /// Marks a node as known and draws all consequences.
    mutating func learn(_ node: Node, isOdd: Bool) {
        mark(node, isOdd: isOdd)
        while let node = fresh.popLast() { infer(from: node) }
    }

    private mutating func mark(_ node: Node, isOdd: Bool) {
        let tree = Int(node.tree)
        let slot = trees[tree].slot(Int(node.level), Int(node.index))
        guard trees[tree].nodes[slot] & ParityTree.known == 0 else { return }
        trees[tree].nodes[slot] = ParityTree.known | (isOdd ? 1 : 0)
        fresh.append(node)
        if isOdd { candidates.append(node) }
    }

    private mutating func infer(from node: Node) {
        let tree = Int(node.tree)
        let level = Int(node.level)
        let index = Int(node.index)
        let isOdd = trees[tree].nodes[trees[tree].slot(level, index)] & 1 != 0
        if level == 0 {
            let bit = trees[tree].order[index]
            guard bit >= 0 else { return }
            if isOdd, tree == 0 { found.append(bit) }
            for other in trees.indices where other != tree {
                let position = trees[other].place[Int(bit)]
                if position >= 0 { mark(Node(tree: Int32(other), level: 0, index: position), isOdd: isOdd) }
            }
        } else {
            let left = trees[tree].slot(level - 1, index * 2)
            let a = trees[tree].nodes[left]
            let b = trees[tree].nodes[left + 1]
            if (a ^ b) & ParityTree.known != 0 {
                let isLeftKnown = a & ParityTree.known != 0
                let knownChildIsOdd = (isLeftKnown ? a : b) & 1 != 0
                mark(
                    Node(
                        tree: node.tree, level: node.level - 1, index: node.index * 2 + (isLeftKnown ? 1 : 0)),
                    isOdd: knownChildIsOdd != isOdd)
            }
        }
        guard level < trees[tree].topLevel else { return }
        let parent = Node(tree: node.tree, level: node.level + 1, index: node.index / 2)
        let sibling = trees[tree].nodes[trees[tree].slot(level, index ^ 1)]
        let above = trees[tree].nodes[trees[tree].slot(level + 1, index / 2)]
        let isSiblingKnown = sibling & ParityTree.known != 0
        let isParentKnown = above & ParityTree.known != 0
        if isSiblingKnown, !isParentKnown {
            mark(parent, isOdd: (sibling & 1 != 0) != isOdd)
        } else if isParentKnown, !isSiblingKnown {
            mark(
                Node(tree: node.tree, level: node.level, index: node.index ^ 1),
                isOdd: (above & 1 != 0) != isOdd)
        }
    }

    /// The last block of a section whose total is known to be even: the sum of the others.
    mutating func inferLastBlocks() {
        guard let number = trees.indices.last else { return }
        for section in trees[number].sections where section.isTotalEven && !section.blocks.isEmpty {
            let base = trees[number].slot(section.level, section.blocks.lowerBound)
            let last = base + section.blocks.count - 1
            guard trees[number].nodes[last] & ParityTree.known == 0 else { continue }
            var sum: UInt8 = 2
            for slot in base..<last {
                let byte = trees[number].nodes[slot]
                sum = (sum ^ byte & 1) & (byte | 1)
            }
            // Bit 1 survives only when every other block is known.
            guard sum & ParityTree.known != 0 else { continue }
            let node = Node(
                tree: Int32(number), level: Int32(section.level), index: Int32(section.blocks.upperBound - 1))
            learn(node, isOdd: sum & 1 != 0)
        }
    }

    /// Corrects the bits that were found wrong: every node above them, in every tree, changes its parity.
    mutating func correct() {
        while let bit = found.popLast() {
            errors.append(bit)
            for tree in trees.indices {
                let position = Int(trees[tree].place[Int(bit)])
                guard position >= 0 else { continue }
                for level in 0...trees[tree].topLevel {
                    let slot = trees[tree].slot(level, position >> level)
                    trees[tree].nodes[slot] ^= 1
                    if trees[tree].nodes[slot] & 3 == 3 {
                        candidates.append(
                            Node(tree: Int32(tree), level: Int32(level), index: Int32(position >> level)))
                    }
                }
            }
            for index in probes.indices
            where PublicShuffle.subset(seed: probes[index].seed, contains: Int(bit)) {
                probes[index].isOdd.toggle()
            }
        }
    }
}
