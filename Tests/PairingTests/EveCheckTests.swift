// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Quantization
import Secrecy
import Statistics
import TestSupport
import Testing

@testable import Pairing

/// Attackers who were trained on half of the published samples, against what was charged.
@Suite struct EveCheckTests {
    /// Her capture at a correlation with Alice's, a column for each antenna.
    private static func eve(_ alice: ChannelTrace, correlation: Double, antennas: Int = 1, late: Int = 0)
        -> ChannelTrace
    {
        var random = SplitMix64(seed: 31)
        var trace = ChannelTrace(description: alice.description)
        for index in 0..<alice.count {
            let place = min(max(0, index - late), alice.count - 1)
            let value = (Double(alice.gains(at: place).first?.re ?? 0) + 50) / 5
            let gains = (0..<antennas).map { _ -> IQ in
                let heard =
                    correlation * value + (1 - correlation * correlation).squareRoot()
                    * Traces.gaussian(&random)
                return IQ(Float(-50 + 5 * heard), 0)
            }
            trace.append(
                sequence: UInt64(index), time: Double(index) / 50,
                shape: SnapshotShape(receiveAntennas: antennas), gains: gains)
        }
        return trace
    }

    private static func run(_ eve: (ChannelTrace) -> ChannelTrace, bits: Int = 2) async throws
        -> ExchangeOutcome
    {
        let captures = Traces.pair(12_000)
        var bench = Bench()
        bench.options.threatModel.eveTrace = true
        bench.options.maximumBits = bits
        bench.eve = eve(captures.0)
        return try await bench.run(captures).initiator.get()
    }

    @Test(arguments: [0, 0.3, 0.6, 0.8])
    func `what a trained Eve gains lies within the charge, and every attacker is in the certificate`(
        correlation: Double
    ) async throws {
        let outcome = try await Self.run { Self.eve($0, correlation: correlation) }
        let certificate = try #require(outcome.certificate)
        let results = certificate.health.filter { $0.name.hasPrefix("trained Eve") }
        #expect(results.count == EveCheck.Attacker.allCases.count && results.allSatisfy(\.passed))
        let part = try #require(certificate.terms.components.first)
        // What the law itself says that she knows of a component is charged.
        #expect(part.charge >= ConfidenceBound.charge(correlation: correlation) - 0.01)
    }

    @Test func `more antennas are charged more`() async throws {
        var before = 0.0
        for antennas in [1, 2, 4] {
            let outcome = try await Self.run { Self.eve($0, correlation: 0.5, antennas: antennas) }
            let charge = try #require(outcome.certificate?.terms.components.first?.charge)
            // R² of m antennas with independent noises.
            let m = Double(antennas)
            let explained = m * 0.25 / (0.75 + m * 0.25)
            #expect(charge > -0.5 * log2(1 - explained) - 0.02 && charge > before)
            before = charge
        }
    }

    @Test(arguments: [0.99, 0.999])
    func `an Eve of correlation 0.99 leaves no key`(correlation: Double) async throws {
        let outcome = try await Self.run { Self.eve($0, correlation: correlation) }
        #expect(outcome.key == nil && !outcome.refusals.isEmpty)
    }

    @Test
    func `what the threat model demands is charged beside her trace, and more antennas than recorded refuse`()
        async throws
    {
        let captures = Traces.pair(12_000)
        func run(_ change: (inout ThreatModel) -> Void) async throws -> ExchangeOutcome {
            var bench = Bench()
            bench.options.threatModel.eveTrace = true
            change(&bench.options.threatModel)
            bench.eve = Self.eve(captures.0, correlation: 0.3)
            return try await bench.run(captures).initiator.get()
        }
        let plain = try #require(try await run { _ in }.certificate?.terms.components.first)
        #expect(plain.eveCharge == 0)
        for change in [{ $0.siteCorrelation = 0.8 }, { $0.lineOfSight = true }]
            as [(inout ThreatModel) -> Void]
        {
            var model = ThreatModel.passive()
            change(&model)
            let demanded = ConfidenceBound.charge(correlation: try #require(model.eveCorrelation))
            // Either so much is charged, or nothing is worth keying then.
            let outcome = try await run(change)
            let parts = outcome.certificate?.terms.components ?? []
            #expect(parts.allSatisfy { $0.eveCharge >= demanded - 1e-9 })
            #expect(outcome.key == nil || !parts.isEmpty)
        }
        let more = try await run { $0.eveAntennas = 6 }
        #expect(
            more.key == nil && more.refusals.contains { $0.contains("6 antennas, and 1") }, "\(more.refusals)"
        )
        // A site model speaks for the antennas that didn't record.
        let site = try await run {
            $0.eveAntennas = 6
            $0.siteCorrelation = 0.5
        }
        #expect(!site.refusals.contains { $0.contains("antennas") }, "\(site.refusals)")
    }

    @Test func `an Eve two pairs late is charged all the same`() async throws {
        let outcome = try await Self.run { Self.eve($0, correlation: 0.7, late: 2) }
        let charge = try #require(outcome.certificate?.terms.components.first?.charge)
        #expect(charge > ConfidenceBound.charge(correlation: 0.7) - 0.02)
    }

    @Test func `a charge that missed her is caught by the trained attacker`() async throws {
        let captures = Traces.pair(12_000)
        let eve = Self.eve(captures.0, correlation: 0.7)
        var bench = Bench()
        bench.options.threatModel.eveTrace = true
        bench.eve = eve
        let outcome = try await bench.run(captures).initiator.get()
        var plan = try #require(outcome.statistics.plan)
        let count = plan.commissionedPairs
        func features(_ trace: ChannelTrace) throws -> FeatureMatrix {
            try FeatureExtractor(kind: .scalar, like: trace).features(of: trace, at: Array(0..<count))
        }
        let published = SharedCommissioning.PublishedFeatures(
            initiator: try features(captures.0), responder: try features(captures.1))
        func failed(_ plan: QuantizationPlan) throws -> [String] {
            EveCheck(
                plan: plan, published: published, eve: try EveFeatures(of: eve, at: Array(0..<count))
            ).run()
                .filter { !$0.passed }.map(\.name)
        }
        #expect(try failed(plan) == [])
        for index in plan.model.components.indices { plan.model.components[index].memoryCharge = 0.05 }
        #expect(try failed(plan) == ["trained Eve, ridge", "trained Eve, joint"])
        // The past alone tells nothing in this channel; in one with memory it does.
        var x = 0.0
        var random = SplitMix64(seed: 9)
        let slow = (0..<4000).map { _ -> Double in
            x = 0.9 * x + 0.19.squareRoot() * Traces.gaussian(&random)
            return x
        }
        let gain = try #require(EveCheck.attack(slow, eve: [], by: .autoregressive))
        #expect(abs(gain.bits - ConfidenceBound.charge(correlation: 0.9)) < 0.1)
    }

    @Test func `too few rows, or values that are none, fail closed`() {
        #expect(EveCheck.attack([Double](repeating: 1, count: 400), eve: [], by: .autoregressive) == nil)
        #expect(EveCheck.attack((0..<30).map(Double.init), eve: [], by: .autoregressive) == nil)
        #expect(EveCheck.attack((0..<400).map { sin(Double($0)) }, eve: [], by: .ridge) == nil)
        let nan = [[Double](repeating: .nan, count: 400)]
        #expect(EveCheck.attack((0..<400).map { sin(Double($0)) }, eve: nan, by: .joint) == nil)
    }

    /// Any gauge of Bob's or Alice's own values is those values: decibels, amplitudes, powers, path loss.
    @Test(arguments: [0, 1, 2, 3])
    func `an Eve who has an end's values in another gauge leaves no key`(gauge: Int) async throws {
        let captures = Traces.pair(8000)
        let own = gauge < 2 ? captures.1 : captures.0
        var eve = ChannelTrace(description: own.description)
        for index in 0..<own.count {
            let decibels = Double(own.gains(at: index).first?.re ?? 0)
            let value = [
                pow(10, decibels / 20), -pow(10, decibels / 10), pow(10, decibels / 20),
                pow(10, -decibels / 20),
            ]
            eve.append(
                sequence: UInt64(index), time: Double(index) / 50, shape: SnapshotShape(),
                gains: [IQ(Float(value[gauge]), 0)])
        }
        var bench = Bench()
        bench.options.threatModel.eveTrace = true
        bench.options.maximumBits = 2
        bench.eve = eve
        let outcome = try await bench.run(captures).initiator.get()
        #expect(
            outcome.key == nil
                && outcome.refusals.contains { $0.contains("worth keying") || $0.contains("tell nearly all") }
        )
    }

    @Test func `a slow trend that everybody shares isn't sold as key`() async throws {
        // Both ends and everybody else see the trend; what is fast is each end's own noise.
        var random = SplitMix64(seed: 77)
        var level = 0.0
        let trend = (0..<20_000).map { _ -> Double in
            level = 0.9995 * level + 0.0316 * Traces.gaussian(&random)
            return 3 * level
        }
        let ends = (0..<2).map { _ in trend.map { $0 + 0.3 * Traces.gaussian(&random) } }
        let correlation = Series.correlation(ends[0], ends[1])
        try #require(correlation > 0.9)
        var bench = Bench()
        bench.options.trendWindow = nil
        bench.options.stride = nil
        let outcome = try await bench.run((Traces.trace(ends[0]), Traces.trace(ends[1])))
        #expect(outcome.initiator.key == nil && outcome.responder.key == nil)
    }
}
