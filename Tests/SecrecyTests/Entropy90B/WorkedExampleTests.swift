// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Testing

@testable import Secrecy

/// The examples that SP 800-90B (January 2018) works out in section 6.3, with their small parameters. It rounds or cuts to
/// four digits.
@Suite struct WorkedExampleTests {
    private func near(_ value: Double?, _ expected: Double, _ tolerance: Double = 1.1e-4) -> Bool {
        value.map { abs($0 - expected) <= tolerance } ?? false
    }

    /// 6.3.2 and 6.3.3.
    private let bits: [UInt8] = [
        1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0,
        1, 0, 1, 1, 1, 0,
    ]
    /// 6.3.5 and 6.3.6.
    private let trits: [UInt8] = [2, 2, 0, 1, 0, 2, 0, 1, 2, 1, 2, 0, 1, 2, 1, 0, 0, 1, 0, 0, 0]

    @Test func `6.3.1, most common value`() {
        let estimate = MostCommonValueEstimate([0, 1, 1, 2, 0, 1, 2, 2, 0, 1, 0, 1, 1, 0, 2, 2, 1, 0, 2, 1])
        #expect(estimate.modeCount == 8)
        #expect(near(estimate.proportion, 0.4))
        #expect(near(estimate.upperBound, 0.6895))
        #expect(near(estimate.minEntropy, 0.5363))
    }

    @Test func `6.3.2, collision`() throws {
        let estimate = try #require(CollisionEstimate(bits))
        #expect(estimate.collisions == 14)
        #expect(near(estimate.mean, 2.7143))
        #expect(near(estimate.deviation, 0.4688))
        #expect(near(estimate.lowerBound, 2.3915))
        #expect(near(estimate.probability, 0.7329))
        #expect(near(estimate.minEntropy, 0.4483))
    }

    @Test func `6.3.3, Markov`() {
        let estimate = MarkovEstimate(bits)
        #expect(near(estimate.initial[0], 0.475) && near(estimate.initial[1], 0.525))
        #expect(
            near(estimate.transitions[0], 0.389, 6e-4) && near(estimate.transitions[1], 0.611, 6e-4)
                && near(estimate.transitions[2], 0.571, 6e-4) && near(estimate.transitions[3], 0.429, 6e-4))
        #expect(near(estimate.minEntropy, 0.761, 6e-4))
    }

    @Test func `6.3.4, compression with a dictionary of four blocks`() throws {
        let bits: [UInt8] = [
            1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1,
            0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1,
        ]
        let estimate = try #require(CompressionEstimate(bits, dictionary: 4))
        #expect(near(estimate.mean, 2.6304))
        #expect(near(estimate.deviation, 0.9074))
        #expect(near(estimate.lowerBound, 1.4617))
        #expect(near(estimate.probability, 0.5715))
        #expect(near(estimate.minEntropy, 0.1345))
    }

    @Test func `6.3.5 and 6.3.6, tuples that are common from three occurrences on`() throws {
        let tuples = RepeatedTuples(trits)
        #expect(tuples.mostCommon[1] == 9 && tuples.mostCommon[2] == 4)
        let tuple = try #require(TupleEstimate(tuples, cutoff: 3))
        #expect(tuple.length == 3)
        #expect(near(tuple.minEntropy, 0.273, 6e-4))
        let longest = try #require(LongestRepeatEstimate(tuples, cutoff: 3))
        #expect(longest.shortest == 4 && longest.longest == 5)
        #expect(near(longest.minEntropy, 0.6146))
    }

    @Test func `6.3.7, MultiMCW with windows of 3, 5, 7 and 9`() {
        let tally = WindowPredictor.tally(
            [1, 2, 1, 0, 2, 1, 1, 2, 2, 0, 0, 0], alphabet: 3, windows: [3, 5, 7, 9])
        // The table's hits are 0, 0, 0, 1, 0, 1, 0, 0, 1.
        #expect(tally.count == 9 && tally.correct == 3 && tally.longest == 1)
        #expect(near(PredictionEstimate(tally, alphabet: 3).minEntropy, 0.3909, 2e-4))
    }

    @Test func `6.3.8, lag with three predictors`() {
        let estimate = PredictionEstimate(
            LagPredictor.tally([2, 1, 3, 2, 1, 3, 1, 3, 1, 2], depth: 3), alphabet: 3)
        #expect(near(estimate.globalUpperBound, 0.6008, 6e-4), "\(estimate)")
        #expect(near(estimate.minEntropy, 0.735, 6e-4))
    }

    @Test func `6.3.9, MultiMMC with three models`() {
        let estimate = PredictionEstimate(
            MarkovPredictor.tally([2, 1, 3, 2, 1, 3, 1, 3, 1], alphabet: 4, depth: 3), alphabet: 3)
        #expect(near(estimate.minEntropy, 0.0755, 6e-4), "\(estimate)")
    }

    @Test func `6.3.10, LZ78Y with contexts of four symbols`() {
        let estimate = PredictionEstimate(
            DictionaryPredictor.tally([2, 1, 3, 2, 1, 3, 1, 3, 1, 2, 1, 3, 2], alphabet: 4, depth: 4),
            alphabet: 3)
        #expect(near(estimate.globalUpperBound, 0.9868, 6e-4), "\(estimate)")
        #expect(near(estimate.minEntropy, 0.0191, 6e-4))
    }
}
