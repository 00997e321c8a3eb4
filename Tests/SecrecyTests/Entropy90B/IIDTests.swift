// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Secrecy

@Suite struct IIDTests {
    @Test(
        .enabled(if: PrivateData.hasOracles, "set QWAVE_ORACLES to the folder of recorded results"),
        arguments: [
            "short_uniform_1bit", "short_biased06_1bit", "short_markov_1bit", "uniform_1bit", "urandom_1bit",
            "biased06_1bit",
        ]) func `the quick tests say what the reference tool says`(name: String) throws
    {
        let folder = try #require(PrivateData.oracles).appendingPathComponent("sp800-90b")
        let symbols = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name + ".bin")))
        let data = try Data(contentsOf: folder.appendingPathComponent(name + ".iid.json"))
        let recorded = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let lines = try #require(recorded["lines"] as? [String])
        func number(_ prefix: String) throws -> Double {
            let line = try #require(lines.first { $0.hasPrefix(prefix) })
            return try #require(Double(line.dropFirst(prefix.count)))
        }
        func verdict(_ prefix: String) throws -> Bool {
            try #require(lines.first { $0.hasPrefix(prefix) }).hasSuffix("Passed")
        }
        let checks = try IIDChecks(SymbolSeries(symbols))
        for (check, title) in [
            (checks.independence, "Chi square independence"), (checks.fit, "Chi square goodness of fit"),
        ] {
            #expect(abs(check.statistic - (try number("\(title): T = "))) < 1e-6)
            #expect(check.degrees == Int(try number("\(title): df = ")))
            #expect(abs(check.probability - (try number("\(title): P-value = "))) < 1e-6)
        }
        let chiSquare = try verdict("Chi square tests")
        #expect((checks.independence.passed && checks.fit.passed) == chiSquare)
        let repeats = try verdict("Length of longest repeated substring test")
        #expect((checks.repeatProbability >= 0.001) == repeats)
    }

    @Test func `independent symbols of any width pass, dependent and drifting ones don't`() throws {
        for bits in [1, 2, 3, 8] {
            let checks = try IIDChecks(
                SymbolSeries(Source.uniform(seed: 6, count: 100_000, bits: bits), bits: bits))
            #expect(checks.passed, "\(checks)")
        }
        #expect(try IIDChecks(SymbolSeries(Source.biased(seed: 2, count: 50_000))).passed)
        #expect(try !IIDChecks(SymbolSeries(Source.markov(seed: 2, count: 50_000))).independence.passed)
        let correlated = try IIDChecks(SymbolSeries(Source.autoregressive(seed: 5, count: 20_000), bits: 2))
        #expect(!correlated.independence.passed && correlated.repeatProbability < 0.001)
        // Independent, but of another law in its second half.
        let drifting = Source.uniform(seed: 1, count: 20_000) + Source.biased(seed: 1, count: 20_000)
        #expect(try !IIDChecks(SymbolSeries(drifting)).fit.passed)
    }

    @Test func `chi-square of three symbols is that of a hand count`() throws {
        // 9,000 pairs (0, 1) and 1,000 pairs (2, 2): shares 0.45, 0.45 and 0.1.
        let symbols: [UInt8] = (0..<9000).flatMap { _ in [0, 1] } + (0..<1000).flatMap { _ in [2, 2] }
        let check = ChiSquareCheck.independence(try SymbolSeries(symbols))
        let expected = [2025.0, 2025, 2025, 2025, 450, 450, 450, 450, 100]
        let observed = [0.0, 9000, 0, 0, 0, 0, 0, 0, 1000]
        let sum = zip(observed, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
        #expect(abs(check.statistic - sum) < 1e-6)
        #expect(check.degrees == 6 && !check.passed)
    }

    @Test func `constant symbols can't be tested, and don't pass`() throws {
        let checks = try IIDChecks(SymbolSeries([UInt8](repeating: 1, count: 10_000)))
        #expect(!checks.passed && checks.independence.degrees == 0)
        #expect(throws: QWaveError.self) { try IIDChecks(SymbolSeries([0, 1])) }
    }
}
