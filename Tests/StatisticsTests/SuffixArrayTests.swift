// SPDX-License-Identifier: GPL-3.0-or-later
import TestSupport
import Testing

@testable import Statistics

@Suite struct SuffixArrayTests {
    /// Texts that are hard in different ways: random over small and large alphabets, runs, periods, and small sizes.
    static let texts: [[UInt8]] = {
        var generator = SplitMix64(seed: 7)
        var texts: [[UInt8]] = [[], [0], [255], [0, 0], [0, 1], [1, 0], [1, 1, 1, 1], [2, 0, 2, 0, 2]]
        for alphabet in [1, 2, 3, 4, 256] as [UInt64] {
            for count in [3, 5, 8, 13, 64, 65, 300] {
                texts.append((0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() % alphabet) })
                let pattern = (0..<7).map { _ in UInt8(truncatingIfNeeded: generator.next() % alphabet) }
                texts.append((0..<count).map { pattern[$0 % 7] })
            }
        }
        // Fibonacci words repeat as much as a text can without a period.
        var words: [[UInt8]] = [[0], [0, 1]]
        while words[words.count - 1].count < 300 {
            words.append(words[words.count - 1] + words[words.count - 2])
        }
        return texts + words
    }()

    @Test(arguments: texts) func `suffixes are in order, and neighbors share what they are said to`(
        text: [UInt8]
    ) {
        let array = SuffixArray(text)
        let naive = text.indices.sorted { text[$0...].lexicographicallyPrecedes(text[$1...]) }
        #expect(array.suffixes.map(Int.init) == naive)
        let shared = naive.indices.map { index in
            index == 0 ? 0 : zip(text[naive[index - 1]...], text[naive[index]...]).prefix { $0 == $1 }.count
        }
        #expect(array.commonPrefixes.map(Int.init) == shared)
    }

    @Test(arguments: texts) func `repeats of every length are those that a dictionary counts`(text: [UInt8]) {
        var counted: [Int: [Int]] = [:]
        SuffixArray(text).forEachRepeat { length, outer, count in
            #expect(outer < length && count > 1)
            for inner in outer + 1...length { counted[inner, default: []].append(count) }
        }
        for length in 1..<max(2, text.count) {
            var occurrences: [[UInt8]: Int] = [:]
            for begin in 0..<max(0, text.count - length + 1) {
                occurrences[Array(text[begin..<begin + length]), default: 0] += 1
            }
            #expect((counted[length] ?? []).sorted() == occurrences.values.filter { $0 > 1 }.sorted())
        }
    }
}
