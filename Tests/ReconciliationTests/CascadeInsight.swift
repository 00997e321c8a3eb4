// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import QWaveCore

@testable import Reconciliation

/// What the tests see of a search: questions as sets of key bits, and what it believes about intervals.
extension CascadeSearch {
    struct Question: Hashable {
        /// -1: subset number `start`.
        var tree: Int
        var start: Int
        var length: Int
    }

    struct Interval {
        var start: Int
        var length: Int
        /// Nil where nothing is known.
        var isOdd: Bool?
    }

    var questions: [Question] {
        (0..<questionCount).map { index in
            var tree: Int32 = 0
            var start: UInt64 = 0
            var length: UInt64 = 0
            unsafe qw_cascade_question(core, index, &tree, &start, &length)
            return Question(tree: Int(tree), start: Int(start), length: Int(length))
        }
    }

    var treeCount: Int { Int(unsafe qw_cascade_trees(core)) }
    func positions(of tree: Int) -> Int { Int(unsafe qw_cascade_positions(core, Int32(tree))) }

    /// The bit of the raw key at a position of tree 0, nil for padding.
    func bit(at position: Int) -> Int? {
        for (number, group) in plan.groups.enumerated() {
            var offset = position - Int(unsafe qw_cascade_group_start(core, UInt32(number)))
            guard offset >= 0, offset < group.count else { continue }
            for range in group.ranges {
                if offset < range.count { return range.lowerBound + offset }
                offset -= range.count
            }
        }
        return nil
    }

    /// The bit of the raw key at a position of a tree.
    func bit(at position: Int, in tree: Int) -> Int? {
        let place = unsafe qw_cascade_key_position(core, Int32(tree), UInt64(position))
        return place < 0 ? nil : bit(at: Int(place))
    }

    func position(ofKeyPosition position: Int, in tree: Int) -> Int? {
        let place = unsafe qw_cascade_tree_position(core, Int32(tree), UInt64(position))
        return place < 0 ? nil : Int(place)
    }

    func interval(around position: Int, in tree: Int) -> Interval {
        var start: UInt64 = 0
        var length: UInt64 = 0
        let parity = unsafe qw_cascade_interval(core, Int32(tree), UInt64(position), &start, &length)
        return Interval(start: Int(start), length: Int(length), isOdd: parity < 0 ? nil : parity == 1)
    }

    func isKnown(_ position: Int) -> Bool { unsafe qw_cascade_known(core, UInt64(position)) == 1 }
    func subsets(_ position: Int) -> UInt64 { unsafe qw_cascade_subsets(core, UInt64(position)) }
    var memory: Int { unsafe qw_cascade_bytes(core) }

    /// The key bits that a question covers.
    func bits(of question: Question) -> [Int] {
        if question.tree >= 0 {
            return (question.start..<question.start + question.length).compactMap {
                bit(at: $0, in: question.tree)
            }
        }
        return (0..<positions(of: 0)).compactMap { position in
            subsets(position) >> UInt64(question.start) & 1 == 1 ? bit(at: position) : nil
        }
    }

    /// The key bits that were corrected.
    var corrections: [Int] {
        (0..<positions(of: 0)).compactMap {
            unsafe qw_cascade_wrong(core, UInt64($0)) == 1 ? bit(at: $0) : nil
        }
    }

    /// Takes answers given as bits.
    func take(_ answers: [Bool]) throws { try take(pack(answers), at: 0) }
}

/// Parity i in bit (i mod 8) of byte i/8.
func pack(_ bits: [Bool]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (index, bit) in bits.enumerated() where bit { bytes[index >> 3] |= 1 << UInt8(index & 7) }
    return bytes
}

extension Cascade {
    /// A search over an error pattern alone: with a zero reference key, a responder's parities are the answers.
    func search(
        _ key: RawKey, seed: UInt64, corrects: Bool = false, kernel: Int32 = 0, isUniform: Bool = false
    ) throws -> CascadeSearch {
        try CascadeSearch(
            key.bits, plan: plan(key), options: self, seed: seed, corrects: corrects, kernel: kernel,
            isUniform: isUniform)
    }
}
