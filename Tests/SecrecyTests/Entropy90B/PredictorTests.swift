// SPDX-License-Identifier: GPL-3.0-or-later
import TestSupport
import Testing

@testable import Secrecy

/// The quick predictors beside slow ones that follow the standard's steps word by word.
@Suite struct PredictorTests {
    static let series: [(symbols: [UInt8], alphabet: Int)] = {
        var generator = SplitMix64(seed: 90)
        var all: [([UInt8], Int)] = [
            (Source.markov(seed: 1, count: 1500), 2), (Source.autoregressive(seed: 2, count: 1500), 4),
            ((0..<900).map { UInt8($0 % 37 % 5) }, 5), ([UInt8](repeating: 0, count: 300), 1),
        ]
        for alphabet in [2, 3, 16, 17, 256] {
            all.append(
                ((0..<1200).map { _ in UInt8(generator.next() % UInt64(alphabet)) }, alphabet))
        }
        return all
    }()

    private func expectEqual(_ tally: PredictionTally, _ naive: [Bool], _ what: String) {
        var longest = 0
        var current = 0
        for isCorrect in naive {
            current = isCorrect ? current + 1 : 0
            longest = max(longest, current)
        }
        #expect(tally.count == naive.count, "\(what)")
        #expect(tally.correct == naive.count { $0 }, "\(what)")
        #expect(tally.longest == longest, "\(what)")
    }

    /// Which of the predictions at each place hit, by the scoreboard that 6.3.7 to 6.3.9 share.
    private func scoreboard(
        _ symbols: [UInt8], from first: Int, _ predictions: (Int) -> [UInt8?]
    ) -> [Bool] {
        var scores: [Int] = []
        var winner = 0
        return (first..<symbols.count).map { position in
            let said = predictions(position)
            if scores.isEmpty { scores = said.map { _ in 0 } }
            let isCorrect = said[winner] == symbols[position]
            for index in said.indices where said[index] == symbols[position] {
                scores[index] += 1
                if scores[index] >= scores[winner] { winner = index }
            }
            return isCorrect
        }
    }

    @Test(arguments: series.indices) func `MultiMCW`(index: Int) {
        let (symbols, alphabet) = Self.series[index]
        for windows in [[63, 255, 1023, 4095], [3, 5, 7, 9], [1, 2]] {
            let naive = scoreboard(symbols, from: windows[0]) { position in
                windows.map { window -> UInt8? in
                    guard position >= window else { return nil }
                    let past = symbols[position - window..<position]
                    let counts = past.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                    let most = counts.values.max()
                    return past.last { counts[$0] == most }
                }
            }
            expectEqual(
                WindowPredictor.tally(symbols, alphabet: alphabet, windows: windows), naive, "\(windows)")
        }
    }

    @Test(arguments: series.indices) func `lag`(index: Int) {
        let symbols = Self.series[index].symbols
        for depth in [1, 3, 128] {
            let naive = scoreboard(symbols, from: 1) { position in
                (1...depth).map { $0 <= position ? symbols[position - $0] : nil }
            }
            expectEqual(LagPredictor.tally(symbols, depth: depth), naive, "\(depth)")
        }
    }

    /// Successors of contexts and their counts.
    private typealias Counts = [[UInt8]: [UInt8: Int]]

    private func best(_ successors: [UInt8: Int]?) -> (symbol: UInt8, count: Int)? {
        successors?.max { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    }

    @Test(arguments: series.indices, [3, 16]) func `MultiMMC, however little it may remember`(
        index: Int, depth: Int
    ) {
        let (symbols, alphabet) = Self.series[index]
        for entries in [40, 100_000] {
            var models = [Counts](repeating: [:], count: depth)
            var sizes = [Int](repeating: 0, count: depth)
            let naive = scoreboard(symbols, from: 2) { position in
                (1...depth).map { length -> UInt8? in
                    let last = symbols[position - 1]
                    if length < position {
                        let context = Array(symbols[position - 1 - length..<position - 1])
                        if models[length - 1][context]?[last] != nil {
                            models[length - 1][context]?[last]? += 1
                        } else if sizes[length - 1] < entries {
                            models[length - 1][context, default: [:]][last] = 1
                            sizes[length - 1] += 1
                        }
                    }
                    guard length <= position else { return nil }
                    return best(models[length - 1][Array(symbols[position - length..<position])])?.symbol
                }
            }
            let tally = MarkovPredictor.tally(symbols, alphabet: alphabet, depth: depth, entries: entries)
            expectEqual(tally, naive, "\(entries)")
            let general = MarkovPredictor.tally(symbols, UInt128.self, 8, depth, entries)
            expectEqual(general, naive, "\(entries)")
        }
    }

    @Test(arguments: series.indices, [4, 16]) func `LZ78Y, however little it may remember`(
        index: Int, depth: Int
    ) {
        let (symbols, alphabet) = Self.series[index]
        for entries in [50, 65_536] {
            var dictionary = Counts()
            let naive = (depth + 1..<symbols.count).map { position in
                for length in stride(from: depth, through: 1, by: -1) {
                    let context = Array(symbols[position - 1 - length..<position - 1])
                    if dictionary[context] != nil || dictionary.count < entries {
                        dictionary[context, default: [:]][symbols[position - 1], default: 0] += 1
                    }
                }
                var most = 0
                var said: UInt8?
                for length in stride(from: depth, through: 1, by: -1) {
                    let found = best(dictionary[Array(symbols[position - length..<position])])
                    if let found, found.count > most { (said, most) = (found.symbol, found.count) }
                }
                return said == symbols[position]
            }
            let tally = DictionaryPredictor.tally(symbols, alphabet: alphabet, depth: depth, entries: entries)
            expectEqual(tally, naive, "\(entries)")
            let general = DictionaryPredictor.tally(symbols, UInt128.self, 8, depth, entries)
            expectEqual(general, naive, "\(entries)")
        }
    }
}
