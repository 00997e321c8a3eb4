// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Secrecy

@Suite struct RestartTests {
    private let million = Source.uniform(seed: 4, count: 1_000_000)

    @Test func `the cutoff leaves one run in a hundred to chance, over all rows and columns`() {
        // Naively: the largest count of the 2,000 stays below it with probability 0.99.
        for (bits, likeliest) in [(1.0, 2.0), (2, 4), (0.5, 1), (1.5, 2)] {
            let p = exp2(-bits)
            var tail = 0.0
            var cutoff = 1000
            while cutoff > 0 {
                let heads = Double(cutoff)
                let tails = Double(1000 - cutoff)
                let choices: Double = lgamma(1001) - lgamma(heads + 1) - lgamma(tails + 1)
                let logarithm: Double = choices + heads * log(p) + tails * log(1 - p)
                if 1 - pow(1 - likeliest * (tail + exp(logarithm)), 2000) > 0.01 { break }
                tail += exp(logarithm)
                cutoff -= 1
            }
            #expect(RestartAssessment.cutoff(bits) == cutoff, "\(bits)")
        }
        #expect(RestartAssessment.cutoff(0) == 1000)
    }

    @Test func `a source that starts afresh each time passes with its own estimate`() throws {
        let restart = try RestartAssessment(SymbolSeries(million), initial: 0.85)
        #expect(restart.isSane && restart.passed)
        #expect(restart.minEntropy <= 0.85 && restart.minEntropy > 0.8)
        #expect(restart.rows != restart.columns)
    }

    @Test func `a source that starts the same way each time fails, though each start looks well`() throws {
        let start = Array(million[..<1000])
        let same = [[UInt8]](repeating: start, count: 1000).flatMap { $0 }
        let restart = try RestartAssessment(SymbolSeries(same), initial: 0.85)
        #expect(restart.mostFrequent == 1000 && !restart.isSane && !restart.passed)
        #expect(restart.minEntropy == 0 && restart.rows == nil && restart.columns == nil)
    }

    @Test func `starts that resemble one another a little fail by their columns`() throws {
        // Each start is the same pattern with three bits in ten thrown anew: no count stands out, all are guessed.
        var generator = SplitMix64(seed: 8)
        let pattern = million[..<1000]
        let symbols = (0..<1000).flatMap { _ in
            pattern.map { $0 ^ (generator.next() % 10 < 3 ? 1 : 0) }
        }
        let restart = try RestartAssessment(SymbolSeries(symbols), initial: 0.4)
        #expect(restart.isSane)
        #expect(restart.columns.map { $0.minEntropy < 0.5 } ?? false)
        #expect(try !RestartAssessment(SymbolSeries(symbols), initial: 0.9).passed)
    }

    @Test func `another number of symbols and an impossible estimate are bad input`() throws {
        let short = try SymbolSeries(Array(million.dropLast()))
        let full = try SymbolSeries(million)
        #expect(throws: QWaveError.self) { try RestartAssessment(short, initial: 0.5) }
        for initial in [-0.1, 1.1, .nan] {
            #expect(throws: QWaveError.self) { try RestartAssessment(full, initial: initial) }
        }
    }
}
