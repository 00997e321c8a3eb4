// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Secrecy

@Suite struct AssessmentTests {
    /// Values of NIST's reference tool.
    @Test func `sources of known law are assessed as the reference tool assesses them`() throws {
        let sets: [([UInt8], Int, Double)] = [
            (Source.uniform(seed: 11, count: 10_000), 1, 0.561230),
            (Source.biased(seed: 12, count: 10_000), 1, 0.491341),
            (Source.markov(seed: 13, count: 10_000), 1, 0.191160),
            (Source.autoregressive(seed: 15, count: 10_000), 2, 0.278608),
        ]
        for (symbols, bits, expected) in sets {
            let assessment = try NonIIDAssessment(SymbolSeries(symbols, bits: bits))
            #expect(abs(assessment.minEntropy - expected) < 1e-6)
        }
    }

    @Test func `a constant source has no entropy, in every estimate`() throws {
        for symbol in [0, 1, 3, 255] as [UInt8] {
            let series = try SymbolSeries([UInt8](repeating: symbol, count: 10_000), bits: 8)
            let assessment = try NonIIDAssessment(series)
            #expect(assessment.bitString == nil)
            #expect(assessment.literal.rows.allSatisfy { $0.minEntropy < 1e-3 }, "\(assessment.literal.rows)")
            #expect(assessment.minEntropy == 0)
            #expect(assessment.literal.rows.allSatisfy { $0.minEntropy.sign == .plus })
        }
    }

    @Test func `strict alternation has the most common value of a coin, and is predicted all the same`()
        throws
    {
        let assessment = try NonIIDAssessment(SymbolSeries((0..<10_000).map { UInt8($0 % 2) }))
        #expect(assessment.literal.mostCommonValue.minEntropy > 0.96)
        #expect(assessment.literal.lag.minEntropy < 1e-3)
        #expect(assessment.literal.markovPrediction.minEntropy < 1e-3)
        #expect(assessment.literal.dictionary.minEntropy < 1e-3)
        #expect(assessment.literal.markov?.minEntropy ?? 1 < 0.01)
        #expect(assessment.minEntropy < 1e-3)
    }

    @Test func `most common value alone misses a channel that is sampled too often`() throws {
        let assessment = try NonIIDAssessment(
            SymbolSeries(Source.autoregressive(seed: 5, count: 20_000), bits: 2))
        #expect(assessment.literal.mostCommonValue.minEntropy > 1.9)
        #expect(assessment.minEntropy < 0.3)
    }

    @Test func `symbols are numbered without gaps, and their bits are those as given`() throws {
        let series = try SymbolSeries([5, 1, 5, 7], bits: 3)
        #expect(series.alphabet == 3)
        #expect(series.numbers == [1, 0, 1, 2])
        #expect(series.bitString == [1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1])
        #expect(try SymbolSeries([0, 0]).bits == 1)
        #expect(try SymbolSeries([4, 0]).bits == 3)
        #expect(try SymbolSeries([200]).bits == 8)
    }

    @Test func `two far values are assessed as bits are`() throws {
        let bits = Source.biased(seed: 3, count: 12_000)
        let plain = try NonIIDAssessment(SymbolSeries(bits))
        let far = try NonIIDAssessment(SymbolSeries(bits.map { $0 == 0 ? 2 : 7 }, bits: 3))
        #expect(far.bitString == nil)
        #expect(far.literal == plain.literal)
    }

    @Test func `what can't be assessed is bad input, and the message says how to mend it`() {
        func complaint(_ body: () throws -> Void) -> String {
            do { try body() } catch let error as QWaveError where error.code == .badInput {
                return error.message
            } catch { return "another error" }
            return "no error"
        }
        #expect(complaint { _ = try SymbolSeries([]) }.contains("no symbols"))
        #expect(complaint { _ = try SymbolSeries([0, 4], bits: 2) }.contains("say 3"))
        #expect(complaint { _ = try SymbolSeries([0, 1], bits: 9) }.contains("1 to 8"))
        #expect(complaint { _ = try SymbolSeries([0, 1], bits: 0) }.contains("1 to 8"))
        #expect(
            complaint {
                _ = try NonIIDAssessment(SymbolSeries(Source.uniform(seed: 1, count: 9_999)))
            }.contains("9999 symbols are too few"))
        #expect(complaint { _ = try UniformControl.series(count: 10, bits: 9) }.contains("no control"))
    }

    @Test func `series too short for an estimator leave it out instead of trapping`() throws {
        for count in 1...300 {
            for alphabet in [1, 2, 3, 200] {
                let symbols = (0..<count).map { UInt8($0 * 7919 % alphabet) }
                let assessment = NonIIDAssessment(unchecked: try SymbolSeries(symbols))
                #expect(assessment.minEntropy >= 0 && assessment.minEntropy <= 8)
            }
        }
    }

    @Test func `progress rises to 1`() throws {
        var seen: [Double] = []
        _ = try NonIIDAssessment(SymbolSeries(Source.uniform(seed: 2, count: 10_000, bits: 3))) {
            seen.append($0)
        }
        #expect(seen == seen.sorted() && seen.last.map { abs($0 - 1) < 1e-9 } ?? false)
    }
}
