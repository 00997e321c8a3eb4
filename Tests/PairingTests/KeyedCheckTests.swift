// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Secrecy
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
}
