// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Quantization
import Testing

@Suite struct MotionTests {
    static func trace(
        _ place: Surroundings, seed: UInt64, _ change: (inout SimulationParameters) -> Void = { _ in }
    )
        throws -> ChannelTrace
    {
        var parameters = place.parameters
        parameters.duration = 25
        parameters.channelSeed = seed
        parameters.aliceSeed = seed
        change(&parameters)
        return try TwoSidedSimulator(parameters).trace(.alice)
    }

    @Test func `a still room is called still at every SNR, and a walk moving`() throws {
        for seed in 0..<12 as Range<UInt64> {
            for snr in [5.0, 20, 40] {
                let still = try Self.trace(.frozen, seed: seed) { $0.snr = snr }
                let meter = try #require(MotionMeter(still))
                #expect(meter.verdict == .still, "\(meter)")
            }
            let walk = try #require(MotionMeter(Self.trace(.office, seed: seed)))
            #expect(walk.verdict == .moving && walk.depth > 0.5)
            // Clarke's power correlation J₀² falls to a half at f_d·τ = 0.18: 22 ms at 8.1 Hz.
            #expect(walk.coherence >= 0.02 && walk.coherence <= 0.06)
        }
    }

    @Test func `slow motion is called slow, and signal strengths are read too`() throws {
        let creep = try Self.trace(.office, seed: 4) { parameters in
            parameters.speed = 0.005
            parameters.duration = 40
        }
        let meter = try #require(MotionMeter(creep, limit: 2000))
        #expect(meter.verdict == .slow && meter.prompt.contains("faster"))
        let levels = try Self.trace(.office, seed: 4).asRSSI()
        #expect(try #require(MotionMeter(levels)).verdict == .moving)
        #expect(MotionMeter(try Self.trace(.office, seed: 1) { $0.duration = 1 }) == nil)
    }

    @Test func `a swept band counts once in its surroundings`() throws {
        var map = SpentMap()
        try map.spend(center: 5.18e9, width: 20e6, surroundings: "lab")
        let error = #expect(throws: QWaveError.self) {
            try map.spend(center: 5.19e9, width: 20e6, surroundings: "lab")
        }
        #expect(error?.code == .refused)
        try map.spend(center: 5.20e9, width: 20e6, surroundings: "lab")
        try map.spend(center: 5.18e9, width: 20e6, surroundings: "hall")
        // Within the coherence bandwidth of a swept one.
        #expect(map.isSpent(center: 5.221e9, width: 20e6, surroundings: "lab", guardBand: 2e6))
        #expect(!map.isSpent(center: 5.221e9, width: 20e6, surroundings: "lab", guardBand: 0.5e6))
        let carriers = [5.18e9, 5.20e9, 5.24e9, 5.25e9, 5.28e9]
        #expect(map.unspent(centers: carriers, width: 20e6, surroundings: "lab") == [5.24e9, 5.28e9])
        let again = try JSONDecoder().decode(SpentMap.self, from: JSONEncoder().encode(map))
        #expect(again == map)
        for (center, width) in [(5e9, 0.0), (5e9, .nan), (.infinity, 20e6), (1e6, 20e6)] {
            #expect(throws: QWaveError.self) {
                try map.spend(center: center, width: width, surroundings: "x")
            }
        }
    }
}
