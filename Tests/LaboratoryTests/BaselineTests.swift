// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Laboratory

/// Published pipelines, counted as their papers do and as QWave does.
@Suite struct BaselineTests {
    static func captures(_ place: Surroundings, seconds: Double = 120, seed: UInt64 = 5, rate: Double = 50)
        throws -> (alice: ChannelTrace, bob: ChannelTrace, simulator: TwoSidedSimulator)
    {
        var parameters = place.parameters
        parameters.duration = seconds
        parameters.probeRate = rate
        (parameters.channelSeed, parameters.aliceSeed, parameters.bobSeed) = (seed, seed, seed)
        let simulator = try TwoSidedSimulator(parameters)
        return (try simulator.trace(.alice), try simulator.trace(.bob), simulator)
    }

    @Test(arguments: Baseline.allCases)
    func `on a still channel a paper still counts bits, and none of them is secret`(baseline: Baseline)
        async throws
    {
        let (alice, bob, _) = try Self.captures(.frozen, seconds: 60)
        let report: BaselineReport
        do {
            report = try await BaselineReplay(baseline).run(alice, bob)
        } catch {
            #expect(error.code == .refused)
            return
        }
        #expect([.hrube, .mathur].contains(baseline) || report.published.bits > 0)
        #expect(report.accounted.secretBits == 0 && report.accounted.netBits == 0)
        #expect(!report.accounted.refused.isEmpty)
    }

    @Test(arguments: Baseline.allCases)
    func `what is counted as secret is less than the paper counts, and than the channel holds`(
        baseline: Baseline
    ) async throws {
        let (alice, bob, simulator) = try Self.captures(.office, seconds: 240)
        let report = try await BaselineReplay(baseline).run(alice, bob)
        #expect(report.simulated && report.pairs == 12_000 && report.commissioned == 2400)
        #expect(report.published.bits > 0 && report.published.disagreement < 0.35)
        let minutes = 4.0
        let perMinute = try #require(report.published.bitsPerMinute)
        #expect(abs(perMinute / (report.published.bitsPerProbe * 3000) - 1) < 0.01)
        let ours = report.accounted
        #expect(ours.secretBits <= report.published.bits && ours.secretBits % 256 == 0)
        #expect(Double(ours.netBits) / minutes < simulator.ceilings.bitsPerMinute)
        let sum =
            ours.entropy - ours.memoryCharge - ours.eveCharge - ours.finiteSize - ours.leakForward
            - ours.leakBackward - ours.overhead
        #expect(
            ours.secretBits == 0 || (Double(ours.secretBits) <= sum && sum < Double(ours.secretBits + 256)))
        #expect((ours.netBits > 0) == ours.refused.isEmpty && (ours.netBits == 0 || ours.keysEqual))
    }

    @Test func `correlated tones are counted by the paper and charged here`() async throws {
        let (alice, bob, _) = try Self.captures(.office, seconds: 120)
        let report = try await BaselineReplay(.cgc).run(alice, bob)
        #expect(report.published.bitsPerProbe == 104)
        #expect(report.accounted.secureBitsPerProbe < 4)
    }

    @Test(arguments: [Baseline.asbg, .hrube])
    func `an Eve who has Bob's capture leaves nothing`(baseline: Baseline) async throws {
        let (alice, bob, _) = try Self.captures(.office, seconds: 240)
        let report = try await BaselineReplay(baseline).run(alice, bob, eve: bob)
        #expect(report.eveMeasured && report.accounted.secretBits == 0)
    }

    @Test func `captures that can't be judged are refused`() async throws {
        let (alice, bob, _) = try Self.captures(.office, seconds: 10)
        let error = await #expect(throws: QWaveError.self) {
            try await BaselineReplay(.mathur).run(alice, bob)
        }
        #expect(error?.code == .refused)
        let empty = ChannelTrace(description: alice.description)
        await #expect(throws: QWaveError.self) { try await BaselineReplay(.cgc).run(empty, bob) }
        #expect(Baseline.allCases.allSatisfy { !$0.paper.isEmpty && !$0.summary.isEmpty })
    }
}
