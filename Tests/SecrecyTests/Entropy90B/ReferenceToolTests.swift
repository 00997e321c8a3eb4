// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Secrecy

/// Every estimate and every intermediate value beside those of NIST's reference tool on the same symbols. Comparing
/// minima alone would hide errors: the minimum comes from another estimator in each set.
@Suite(.enabled(if: PrivateData.hasOracles, "set QWAVE_ORACLES to the folder of recorded results"))
struct ReferenceToolTests {
    /// What the tool printed for one series of one set: estimator, name of the value, value.
    private typealias Table = [String: [String: Any]]

    /// QWAVE_ORACLE_TABLE=1 prints the worst deviation of each comparison.
    private static let printsTable = ProcessInfo.processInfo.environment["QWAVE_ORACLE_TABLE"] != nil

    private static func folder() throws -> URL {
        try #require(PrivateData.oracles).appendingPathComponent("sp800-90b")
    }

    private static func object(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder().appendingPathComponent(name))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test(arguments: [
        "short_uniform_1bit", "short_biased06_1bit", "short_markov_1bit", "short_ar1_2bit", "uniform_1bit",
        "urandom_1bit", "biased06_1bit", "markov_1bit", "periodic37_1bit", "ar1_2bit", "uniform_8bit",
    ]) func `all ten estimates are those of the reference tool`(name: String) throws {
        let symbols = [UInt8](try Data(contentsOf: Self.folder().appendingPathComponent(name + ".bin")))
        let recorded = try Self.object(name + ".noniid.json")
        let set = try #require(recorded["dataset"] as? [String: Any])
        let bits = try #require(set["bits_per_symbol"] as? Int)
        let assessment = try NonIIDAssessment(SymbolSeries(symbols, bits: bits))
        let literal = try #require(recorded["literal"] as? Table)
        #expect(literal.count == (bits == 1 ? 10 : 7))
        Self.compare(assessment.literal, literal)
        let string = try #require(recorded["bitstring"] as? Table)
        #expect((assessment.bitString == nil) == string.isEmpty)
        if let estimates = assessment.bitString {
            #expect(string.count == 10)
            Self.compare(estimates, string)
        }
        let final = try #require(recorded["final"] as? [String: Double])
        Self.expect(assessment.original, final["H_original"], "H_original")
        Self.expect(assessment.minEntropy, final["Assessed min entropy"], "assessed")
        if bits > 1 {
            Self.expect(assessment.perSymbolOfBits, final["H_bitstring Per Symbol"], "bits, per symbol")
        }
    }

    private static func expect(_ value: Double?, _ recorded: Any?, _ name: String) {
        let expected = (recorded as? NSNumber)?.doubleValue ?? .nan
        // Integers come exactly so, being far apart.
        #expect(
            value.map { abs($0 - expected) <= 1e-6 } ?? false, "\(name): \(value ?? .nan), not \(expected)")
    }

    private static func compare(_ estimates: NonIIDEstimates, _ table: Table) {
        var values: [String: [String: Double?]] = [
            "Most Common Value": [
                "Mode count": Double(estimates.mostCommonValue.modeCount),
                "p-hat": estimates.mostCommonValue.proportion, "p_u": estimates.mostCommonValue.upperBound,
                "min entropy": estimates.mostCommonValue.minEntropy,
            ]
        ]
        if let collision = estimates.collision {
            values["Collision"] = [
                "v": Double(collision.collisions), "Sum t_i": Double(collision.time), "X-bar": collision.mean,
                "sigma-hat": collision.deviation, "X-bar'": collision.lowerBound, "p": collision.probability,
                "min entropy": collision.minEntropy,
            ]
        }
        if let markov = estimates.markov {
            values["Markov"] = [
                "P_0": markov.initial[0], "P_1": markov.initial[1], "P_{0,0}": markov.transitions[0],
                "P_{0,1}": markov.transitions[1], "P_{1,0}": markov.transitions[2],
                "P_{1,1}": markov.transitions[3], "min entropy": markov.minEntropy,
                "p-hat_max": exp2(markov.logProbability),
            ]
            // Absolute tolerance says nothing of a number like 10⁻³⁹.
            let recorded = (table["Markov"]?["p-hat_max"] as? NSNumber)?.doubleValue ?? .nan
            #expect(abs(markov.logProbability - log2(recorded)) < 1e-6)
        }
        if let compression = estimates.compression {
            values["Compression"] = [
                "X-bar": compression.mean, "sigma-hat": compression.deviation,
                "X-bar'": compression.lowerBound, "p": compression.probability,
                "min entropy": compression.minEntropy,
            ]
        }
        if let tuple = estimates.tuple {
            values["t-Tuple"] = [
                "t": Double(tuple.length), "p-hat_max": tuple.proportion, "p_u": tuple.upperBound,
                "min entropy": tuple.minEntropy,
            ]
        }
        if let repeated = estimates.longestRepeat {
            values["LRS"] = [
                "u": Double(repeated.shortest), "v": Double(repeated.longest), "p-hat": repeated.proportion,
                "p_u": repeated.upperBound, "min entropy": repeated.minEntropy,
            ]
        }
        values["MultiMCW"] = row(estimates.window)
        values["Lag"] = row(estimates.lag)
        values["MultiMMC"] = row(estimates.markovPrediction)
        values["LZ78Y"] = row(estimates.dictionary)
        #expect(Set(values.keys) == Set(table.keys))
        for (estimator, row) in values {
            // Everything that either of the two has, remarks excepted.
            let recorded = (table[estimator] ?? [:]).filter { $0.key != "notes" }
            let own = row.compactMapValues { $0 }
            #expect(Set(own.keys) == Set(recorded.keys), "\(estimator)")
            var worst = 0.0
            for (name, value) in own {
                expect(value, recorded[name], "\(estimator), \(name)")
                worst = max(worst, abs(value - ((recorded[name] as? NSNumber)?.doubleValue ?? .nan)))
            }
            if printsTable { print("oracle: \(estimator): \(own.count) values, worst deviation \(worst)") }
        }
    }

    private static func row(_ estimate: PredictionEstimate) -> [String: Double?] {
        [
            "C": Double(estimate.correct), "r": Double(estimate.run), "N": Double(estimate.predictions),
            "P_global": estimate.global, "P_global'": estimate.globalUpperBound, "P_local": estimate.local,
            "min entropy": estimate.minEntropy,
        ]
    }
}
