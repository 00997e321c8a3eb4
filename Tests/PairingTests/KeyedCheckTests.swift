// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Quantization
import Secrecy
import Statistics
import TestSupport
import Testing

@testable import Pairing

/// A channel that is good while it is looked at, and somebody else's afterwards.
@Suite struct KeyedCheckTests {
    private static let count = 6000
    private static let published = Traces.quick.commissionedPairs(of: count)

    /// Both ends hear `channel`, each with a noise of its own.
    private static func captures(_ channel: (Int, [Double]) -> Double) -> (ChannelTrace, ChannelTrace) {
        var generator = SplitMix64(seed: 11)
        let fading = (0..<count).map { _ in Traces.gaussian(&generator) }
        let heard = (0..<2).map { _ in
            (0..<count).map { channel($0, fading) + 0.05 * Traces.gaussian(&generator) }
        }
        return (Traces.trace(heard[0]), Traces.trace(heard[1]))
    }

    private static func refusals(_ channel: (Int, [Double]) -> Double) async throws -> [String] {
        let result = try await Bench().run(captures(channel))
        #expect(result.initiator.key == nil && result.responder.key == nil)
        return result.initiator.refusals + result.responder.refusals
    }

    @Test func `the same channel left alone makes a key`() async throws {
        let result = try await Bench().run(Self.captures { $1[$0] })
        #expect(result.initiator.key != nil && result.responder.key != nil)
    }

    @Test(arguments: [8, 32]) func `a path that is blocked in step after commissioning makes none`(
        period: Int
    )
        async throws
    {
        let refusals = try await Self.refusals { row, fading in
            row < Self.published
                ? fading[row] : 0.25 * fading[row] + (row / (period / 2) % 2 == 0 ? 1 : -1)
        }
        #expect(refusals.contains { $0.contains("predictor") }, "\(refusals)")
    }

    @Test func `signs that the charge says nobody can guess make none, on what was published already`() {
        var generator = SplitMix64(seed: 12)
        var x = (0..<20).map { _ in Traces.gaussian(&generator) }
        for row in 20..<6000 { x.append(0.9 * x[row - 20] + 0.436 * Traces.gaussian(&generator)) }
        let white = (0..<6000).map { _ in Traces.gaussian(&generator) }
        // A memory of 20 rows ago, charged as if there were none, and in full.
        for (scores, charge, isFine) in [(x, 0.05, false), (x, 1.25, true), (white, 0.05, true)] {
            let results = SignPredictors.run([scores], plan: Self.plan(charge: charge)) { _ in 0..<6000 }
            #expect(results.map(\.passed) == [isFine], "\(results)")
        }
    }

    @Test func `too few signs are no test, and no test is a failure`() {
        var generator = SplitMix64(seed: 13)
        let few = (0..<1000).map { _ in Traces.gaussian(&generator) }
        let results = SignPredictors.run([few], plan: Self.plan(charge: 0.1)) { _ in 0..<1000 }
        #expect(results.count == 1 && results.allSatisfy { !$0.passed })
    }

    /// One component of two bits with that charge.
    private static func plan(charge: Double) -> QuantizationPlan {
        let flat = [MarginalDistribution(samples: (0..<16).map(Double.init))].compactMap(\.self)
        let map = LinearMap(mean: [0], selection: [0])
        return QuantizationPlan(
            feature: .scalar, trend: TrendRemoval(window: 11), stride: 1, decorrelation: .identity,
            initiatorMap: map, responderMap: map, initiatorMarginals: flat, responderMarginals: flat,
            components: [.init(source: 0, segmentClass: 0, bits: 2, helperBits: 3, correlation: 0.99)],
            model: ComponentModel(components: [
                .init(
                    name: "component", bits: 2, helperBits: 3, correlation: 0.99, correlationLowerBound: 0.98,
                    memoryCorrelation: 0.3, memoryCharge: charge, eveCharge: 0, deficit: 0,
                    errorPatternCharge: 0.1, errorRates: [0.01, 0.02], softEntropies: [0.1, 0.2])
            ]), commissionedPairs: 1024)
    }

    @Test func `a block that repeats what was published makes none`() async throws {
        let refusals = try await Self.refusals { row, fading in fading[row % Self.published] }
        #expect(refusals.contains { $0.contains("repeated stretch") }, "\(refusals)")
    }

    @Test func `packets far above the channel's own level make none, within the allowed share they do`()
        async throws
    {
        let loud = { (row: Int, fading: [Double]) -> Double in
            row >= Self.published && row % 200 == 0 ? 7 : fading[row]
        }
        let refusals = try await Self.refusals(loud)
        #expect(refusals.contains { $0.contains("jumps") }, "\(refusals)")
        var bench = Bench()
        bench.options.threatModel.injectedFraction = 0.02
        let result = try await bench.run(Self.captures(loud))
        #expect(!(result.initiator.refusals + result.responder.refusals).contains { $0.contains("jumps") })
    }

    @Test
    func `packets that are far too loud from the beginning are credited nothing, and more of them make none`()
        async throws
    {
        // As loud as the loudest published ones: no jump.
        for (after, isFine) in [(100, true), (10, false)] {
            let captures = Self.captures { row, fading in
                row % (row < Self.published ? 100 : after) == 7 ? 14 : fading[row]
            }
            var bench = Bench()
            bench.options.maximumBits = 2
            let result = try await bench.run(captures)
            let outcomes = [try result.initiator.get(), try result.responder.get()]
            #expect(outcomes.allSatisfy { ($0.key != nil) == isFine })
            #expect(outcomes.contains { $0.refusals.contains { $0.contains("loud rounds") } } != isFine)
            let terms = try #require(outcomes[0].certificate?.terms)
            let taken = terms.otherItems.filter { $0.name == KeyLength.injectedName }.reduce(0) {
                $0 + $1.bits
            }
            // One published round in 100, and a margin: at least the share that is the attacker's.
            #expect(taken >= 0.01 * terms.entropy)
        }
    }

    @Test func `the bulk of the published rounds decides what is loud, and few or equal ones have no law`()
        throws
    {
        var generator = SplitMix64(seed: 14)
        var levels = (0..<4000).map { _ in Traces.gaussian(&generator) }
        let clean = try #require(LoudRounds(published: levels))
        #expect(clean.share == LoudRounds.leastShare && abs(clean.limit - 6) < 0.5)
        for row in stride(from: 0, to: 4000, by: 50) { levels[row] = 12 }
        let foreign = try #require(LoudRounds(published: levels))
        #expect(abs(foreign.share - 4 * 0.02) < 1e-9 && foreign.limit < 8)
        #expect(
            LoudRounds(published: []) == nil
                && LoudRounds(published: [Double](repeating: 1, count: 100)) == nil)
        #expect(LoudRounds(published: levels + [.nan]) == nil)
        #expect(LoudRounds.uncredited(of: 1000, published: [levels, []], injectedFraction: 0) == 1)
        #expect(LoudRounds.uncredited(of: 0, published: [levels], injectedFraction: 0) == 1)
        #expect(!clean.test(keyed: [0, .nan], uncredited: 0.1).passed)
        // f_max comes on top, and a few rounds are let pass, and charged, of any block.
        #expect(
            LoudRounds.uncredited(of: 10_000, published: [levels], injectedFraction: 0.1) == 0.1
                + foreign.share)
        #expect(LoudRounds.uncredited(of: 10, published: [levels], injectedFraction: 0) == 0.3)
    }
}
