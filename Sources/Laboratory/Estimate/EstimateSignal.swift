// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
internal import Foundation
internal import QWaveCore

/// Noise with one frame in each slot, and what is true of the frames.
struct EstimateSignal {
    struct Sent {
        var start: Int
        /// Hz.
        var offset: Double
        /// Phase of the carrier at sample 0, in radians.
        var phase: Double
    }

    let preamble: LegacyPreamble
    let taps: [IQ]
    var samples: [IQ]
    var sent: [Sent] = []

    /// - Parameters:
    ///   - slot: samples from frame to frame.
    ///   - spread: carrier offsets are uniform within ± this, in Hz.
    init(
        _ test: EstimateCase, preamble: LegacyPreamble, frames: Int, slot: Int, spread: Double = 50e3,
        random: inout ExperimentGenerator
    ) {
        self.preamble = preamble
        let spacing = preamble.width.parts
        var taps = [IQ](repeating: .zero, count: (test.taps.count - 1) * spacing + 1)
        for (index, tap) in test.taps.enumerated() { taps[index * spacing] = tap }
        self.taps = taps
        samples = [IQ](repeating: .zero, count: frames * slot)
        NoiseTable(power: pow(10, -test.snr / 10)).fill(&samples, &random)
        let waveform = Self.filtered(preamble.samples, taps)
        let rate = preamble.width.sampleRate
        for index in 0..<frames {
            let room = Double(slot - waveform.count - 2)
            let frame = Sent(
                start: index * slot + 1 + Int(room * random.uniform()),
                offset: spread * (2 * random.uniform() - 1), phase: 2 * .pi * random.uniform())
            sent.append(frame)
            let step = 2 * .pi * frame.offset / rate
            for (place, sample) in waveform.enumerated() {
                let angle = frame.phase + step * Double(frame.start + place)
                samples[frame.start + place] =
                    samples[frame.start + place] + sample * IQ(Float(cos(angle)), Float(sin(angle)))
            }
        }
    }

    private static func filtered(_ waveform: [IQ], _ taps: [IQ]) -> [IQ] {
        var result = [IQ](repeating: .zero, count: waveform.count + taps.count - 1)
        for (delay, tap) in taps.enumerated() where tap != .zero {
            for (index, sample) in waveform.enumerated() {
                result[index + delay] = result[index + delay] + tap * sample
            }
        }
        return result
    }

    /// Sum over the tones of |found − true|².
    func error(of frame: PreambleFrame, _ sent: Sent) -> Double {
        let length = preamble.width.fftLength
        let middle = Double(frame.start + preamble.longStart + length)
        let carrier = sent.phase + 2 * .pi * sent.offset / preamble.width.sampleRate * middle
        var sum = 0.0
        for (tone, gain) in zip(preamble.tones, frame.gains) {
            var (re, im) = (0.0, 0.0)
            for (delay, tap) in taps.enumerated() where tap != .zero {
                let late = Double(delay + sent.start - frame.start)
                let angle = carrier - 2 * .pi * Double(tone) * late / Double(length)
                re += Double(tap.re) * cos(angle) - Double(tap.im) * sin(angle)
                im += Double(tap.re) * sin(angle) + Double(tap.im) * cos(angle)
            }
            sum += pow(Double(gain.re) - re, 2) + pow(Double(gain.im) - im, 2)
        }
        return sum
    }
}
