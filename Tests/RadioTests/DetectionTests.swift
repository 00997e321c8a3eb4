// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Radio

/// What the judge finds in windows of a prober's length, on fresh noise.
struct DetectionTests {
    private static let rate = 20e6

    /// Complex noise of power 1 and, where one is given, a burst above it by `snr` dB in a sample, turned by a carrier
    /// offset and a phase of its own.
    private static func window(
        _ count: Int, burst: [IQ]?, snr: Double, _ random: inout SplitMix64
    ) -> [IQ] {
        var samples = (0..<count).map { _ in
            // Box and Muller: a half in each part.
            let radius = (-log(Double.random(in: .leastNormalMagnitude..<1, using: &random))).squareRoot()
            let angle = Double.random(in: 0..<(2 * .pi), using: &random)
            return IQ(Float(radius * cos(angle)), Float(radius * sin(angle)))
        }
        guard let burst else { return samples }
        let amplitude = pow(10, snr / 20)
        let step = 2 * Double.pi * Double.random(in: -40e3...40e3, using: &random) / rate
        let phase = Double.random(in: 0..<(2 * .pi), using: &random)
        let start = (count - burst.count) / 2
        for (index, sample) in burst.enumerated() {
            let angle = phase + step * Double(index)
            samples[start + index] =
                samples[start + index]
                + sample * IQ(Float(amplitude * cos(angle)), Float(amplitude * sin(angle)))
        }
        return samples
    }

    private static func burst(_ number: UInt32) throws -> [IQ] {
        let secret = try #require(ProbeKey.known.secret(number, .initiator))
        return SoundingBurst(sequence: number, sender: .initiator, secret: secret).samples
    }

    /// Bursts found of as many windows with one: by the judge, and by a receiver at the threshold of a long search.
    private static func found(
        _ snr: Double, _ seed: UInt64, trials: Int = 400
    ) throws -> (judge: Int, search: Int) {
        var random = SplitMix64(seed: seed)
        var judge = try BurstJudge(key: .known, peer: .initiator, rate: rate)
        var search = try SoundingReceiver(sampleRate: rate) { ProbeKey.known.secret($0, $1) }
        var tally = ProbeTally()
        var found = (judge: 0, search: 0)
        for trial in 0..<trials {
            let number = UInt32(trial)
            let samples = window(1400, burst: try burst(number), snr: snr, &random)
            let genuine = judge.judge(
                ReceivedSamples(start: DeviceTime(.zero), samples: samples), into: &tally)
            for one in genuine {
                #expect(one.probe.sequence == number && abs(one.probe.time.sample(at: rate) - 100) <= 3)
                found.judge += 1
            }
            let soundings = search.receive(samples) + search.finish()
            found.search += soundings.count { $0.tagIsRight && $0.coherence >= BurstJudge.leastCoherence }
        }
        return found
    }

    @Test func `weak preambles are found in the windows where they are expected`() throws {
        func share(_ threshold: Float, _ seed: UInt64) throws -> Int {
            var random = SplitMix64(seed: seed)
            var receiver = try PreambleReceiver(LegacyPreamble(), sampleRate: Self.rate, threshold: threshold)
            return try (0..<400).count { _ in
                let samples = Self.window(1400, burst: try Self.burst(1), snr: -3, &random)
                let frames = receiver.receive(samples) + receiver.finish()
                return frames.contains { abs($0.start - 100) <= 5 }
            }
        }
        for seed in [3, UInt64.random(in: 0..<1000)] {
            #expect(try share(BurstJudge.nearbyThreshold, seed) >= 360, "seed \(seed)")
            #expect(try share(PreambleReceiver.usualThreshold, seed) < 300, "seed \(seed)")
        }
    }

    /// Below 1 dB in a sample, 8 dB in a gain, it is the header's check that loses bursts.
    @Test func `the judge finds what a long search finds in a window, and weaker bursts too`() throws {
        for seed in [3, UInt64.random(in: 0..<1000)] {
            #expect(try Self.found(4, seed).judge >= 396, "seed \(seed)")
            #expect(try Self.found(1, seed).judge >= 320, "seed \(seed)")
        }
        let weak = try Self.found(-1.5, 3, trials: 1500)
        #expect(weak.judge > weak.search && weak.judge > 100, "\(weak)")
    }

    @Test func `noise holds no burst, in windows short and long`() throws {
        let seeds: [UInt64] = [5, .random(in: 0..<1000)]
        for seed in seeds {
            var random = SplitMix64(seed: seed)
            var judge = try BurstJudge(key: .known, peer: .initiator, rate: Self.rate)
            var tally = ProbeTally()
            for count in [Int](repeating: 1400, count: 2000) + [1 << 16, 1 << 16] {
                let samples = Self.window(count, burst: nil, snr: 0, &random)
                let genuine = judge.judge(
                    ReceivedSamples(start: DeviceTime(.zero), samples: samples), into: &tally)
                #expect(genuine.isEmpty, "seed \(seed)")
            }
            #expect(tally.rejected == 0, "seed \(seed)")
        }
    }
}
