// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

/// Estimates against the Cramér-Rao bounds of a preamble in white noise.
@Suite struct EfficiencyTests {
    @Test(arguments: ChannelWidth.allCases, [10.0, 20, 30])
    func `carrier offset, timing and gains have errors within 1.2 of their bounds`(
        width: ChannelWidth, snr: Double
    ) throws {
        let preamble = LegacyPreamble(width: width)
        let noise = pow(10, -snr / 10)
        let count = 150
        // A fresh offset for each frame, known to the test alone.
        var random = SplitMix64(seed: UInt64(snr) + 7)
        var samples = Air.silence(count * 800 * width.parts)
        var sent: [(start: Int, offset: Double)] = []
        for index in 0..<count {
            let start = index * 800 * width.parts + Int.random(in: 100..<300, using: &random)
            let offset = Double.random(in: -60e3...60e3, using: &random)
            sent.append((start, offset))
            Air(offset: 2 * .pi * offset / width.sampleRate).add(preamble.samples, at: start, to: &samples)
        }
        Air(noise: noise).addNoise(to: &samples, seed: UInt64(snr) * 3 + 1)
        let frames = try PreambleTests.frames(samples, preamble)
        #expect(frames.map(\.start) == sent.map(\.start))
        let length = Double(width.fftLength)
        var (offset, timing, gains) = (0.0, 0.0, 0.0)
        for (frame, truth) in zip(frames, sent) {
            offset += pow(frame.carrierOffset - truth.offset, 2)
            let middle = Double(frame.start + preamble.longStart + width.fftLength)
            let angle = 2 * Double.pi * truth.offset / width.sampleRate * middle
            let turn = IQ(Float(cos(angle)), Float(-sin(angle)))
            var (slope, weight) = (0.0, 0.0)
            for (tone, gain) in zip(preamble.tones, frame.gains) {
                let flat = gain * turn
                gains += Double((flat - IQ(1, 0)).power)
                // Small errors: a late sample turns tone k by −2πk/length.
                let k = 2 * Double.pi * Double(tone) / length
                slope -= k * Double(flat.im)
                weight += k * k
            }
            timing += pow(slope / weight, 2)
        }
        let frameCount = Double(frames.count)
        // Phase between two symbols of unknown waveform: 1/(length·SNR) rad², over 2π·length samples.
        let offsetBound = pow(width.sampleRate / (2 * .pi * length), 2) * noise / length
        #expect(offset / frameCount < 1.2 * 1.2 * offsetBound, "\(offset / frameCount / offsetBound)")
        let tone = noise * 52 / 64 / 2
        #expect(gains / frameCount / Double(preamble.tones.count) < 1.2 * tone)
        // Half the noise of a gain is across it; tones weigh by k².
        let sum = preamble.tones.reduce(0.0) { $0 + pow(2 * .pi * Double($1) / length, 2) }
        #expect(timing / frameCount < 1.3 * tone / 2 / sum, "\(timing / frameCount / (tone / 2 / sum))")
    }
}
