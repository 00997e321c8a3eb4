// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct PreambleTests {
    @Test func `the 20 MHz preamble begins with the standard's printed samples`() {
        // IEEE 802.11-2020, I.1.3, tables I-2 and I-4: first samples of one short period and of the long field's
        // symbol, whose scale is 1/64 of the sum over tones where ours is 1/sqrt(52).
        let preamble = LegacyPreamble()
        let scale = Float(52).squareRoot() / 64
        let short = preamble.shortField.prefix(4).map { $0 * scale }
        for (sample, expected) in zip(
            short, [(0.046, 0.046), (-0.132, 0.002), (-0.013, -0.079), (0.143, -0.013)])
        {
            #expect(abs(Double(sample.re) - expected.0) < 6e-4)
            #expect(abs(Double(sample.im) - expected.1) < 6e-4)
        }
        let long = preamble.longSymbol.prefix(4).map { $0 * scale }
        for (sample, expected) in zip(long, [(0.156, 0), (-0.005, -0.120), (0.040, -0.111), (0.097, 0.083)]) {
            #expect(abs(Double(sample.re) - expected.0) < 6e-4)
            #expect(abs(Double(sample.im) - expected.1) < 6e-4)
        }
    }

    @Test(arguments: ChannelWidth.allCases)
    func `both fields have unit power, their periods and the guard interval`(width: ChannelWidth) {
        let preamble = LegacyPreamble(width: width)
        let samples = preamble.samples
        #expect(samples.count == 320 * width.parts && preamble.tones.count == 52 * width.parts)
        for field in [preamble.shortField, preamble.longField] {
            let power = field.reduce(0) { $0 + $1.power } / Float(field.count)
            #expect(abs(power - 1) < 1e-4)
        }
        for index in 0..<preamble.fieldLength - preamble.shortPeriod {
            #expect((samples[index] - samples[index + preamble.shortPeriod]).amplitude < 1e-5)
        }
        for index in preamble.fieldLength..<samples.count - width.fftLength {
            #expect((samples[index] - samples[index + width.fftLength]).amplitude < 1e-5)
        }
        #expect((samples[preamble.longStart] - preamble.longSymbol[0]).amplitude < 1e-6)
    }

    /// Preambles through the air, one every `spacing` samples.
    static func recording(
        _ preamble: LegacyPreamble, _ air: Air, frames: Int, spacing: Int, seed: UInt64
    ) -> (samples: [IQ], starts: [Int]) {
        var samples = Air.silence(frames * spacing + 100)
        var random = SplitMix64(seed: seed ^ 99)
        let waveform = preamble.samples
        let starts = (0..<frames).map {
            $0 * spacing + Int.random(in: 50..<spacing - waveform.count - 50, using: &random)
        }
        for start in starts { air.add(waveform, at: start, to: &samples) }
        air.addNoise(to: &samples, seed: seed)
        return (samples, starts)
    }

    static func frames(
        _ samples: [IQ], _ preamble: LegacyPreamble, cut: Int = .max, kept: Int = 0, stride: Int = 1
    ) throws -> [PreambleFrame] {
        var receiver = try PreambleReceiver(
            preamble, sampleRate: preamble.width.sampleRate, kept: kept, stride: stride)
        var frames: [PreambleFrame] = []
        var index = 0
        while index < samples.count {
            let end = min(samples.count, cut == .max ? samples.count : index + cut)
            frames += receiver.receive(Array(samples[index..<end]))
            index = end
        }
        return frames + receiver.finish()
    }

    @Test(arguments: ChannelWidth.allCases, [-200e3, 0, 61e3])
    func `at 20 dB each frame is found at its place, with its offset and gains`(
        width: ChannelWidth, offset: Double
    )
        throws
    {
        let preamble = LegacyPreamble(width: width)
        let air = Air(
            taps: Air.fourTaps, offset: 2 * .pi * offset / width.sampleRate, noise: 0.01)
        let (samples, starts) = Self.recording(
            preamble, air, frames: 20, spacing: 3000 * width.parts, seed: 5)
        let frames = try Self.frames(samples, preamble)
        #expect(frames.map(\.start) == starts)
        var error = 0.0
        var claimed = 0.0
        for frame in frames {
            #expect(abs(frame.carrierOffset - offset) < 4000)
            #expect(frame.time == Double(frame.start) / width.sampleRate)
            claimed += frame.noiseVariance
            // The phase of the carrier in the middle of the two long symbols.
            let middle = frame.start + preamble.longStart + width.fftLength
            let angle = air.offset * Double(middle)
            let turn = IQ(Float(cos(angle)), Float(sin(angle)))
            for (tone, gain) in zip(preamble.tones, frame.gains) {
                let truth = air.response(tone, width.fftLength)
                error += Double((gain - IQ(Float(truth.re), Float(truth.im)) * turn).power)
            }
        }
        // Cramér and Rao: the noise in a tone is noise·tones/fftLength, halved by the second symbol.
        let bound = air.noise * 52 / 64 / 2
        #expect(error / Double(52 * width.parts * frames.count) < 1.2 * bound)
        #expect(abs(claimed / Double(frames.count) / bound - 1) < 0.15)
    }

    @Test func `the SNR that is told is the one in a tone`() throws {
        let preamble = LegacyPreamble()
        for snr in [0.0, 10, 30] {
            let air = Air(taps: Air.fourTaps, noise: pow(10, -snr / 10))
            let (samples, _) = Self.recording(preamble, air, frames: 100, spacing: 1500, seed: UInt64(snr))
            let frames = try Self.frames(samples, preamble)
            #expect(frames.count >= 98)
            let mean = frames.reduce(0) { $0 + pow(10, $1.signalToNoise / 10) } / Double(frames.count)
            // 52 of 64 tones carry the signal.
            #expect(abs(10 * log10(mean) - snr - 10 * log10(64.0 / 52)) < 0.6, "\(snr)")
        }
    }

    @Test(arguments: [1, 16])
    func `frames don't depend on how the stream is cut`(stride: Int) throws {
        let preamble = LegacyPreamble()
        let air = Air(taps: Air.fourTaps, offset: 0.01, noise: 0.03)
        let (samples, starts) = Self.recording(preamble, air, frames: 40, spacing: 1100, seed: 8)
        for cut in [Int.max, 1, 15, 97, 1000, 2500, 2501, 5000, 7777, 20_000] where cut > 1 || stride == 1 {
            let frames = try Self.frames(samples, preamble, cut: cut, kept: 400, stride: stride)
            #expect(frames.map(\.start) == starts, "cut \(cut)")
            for frame in frames {
                let end = min(samples.count, frame.start + 400)
                #expect(frame.samples == Array(samples[frame.start..<end]), "cut \(cut)")
            }
        }
    }

    @Test func `a frame is found while its long field is whole, and not when it is cut off`() throws {
        let preamble = LegacyPreamble()
        for (kept, found) in [(320, 1), (319, 0), (200, 0)] {
            let samples = Air.silence(500) + preamble.samples.prefix(kept)
            #expect(try Self.frames(samples, preamble).count == found)
        }
        let late = Array(preamble.samples.dropFirst(60)) + Air.silence(1000)
        #expect(try Self.frames(late, preamble, kept: 320).map(\.start) == [-60])
    }

    @Test func `noise alone, tones and other waveforms are no frame`() throws {
        let preamble = LegacyPreamble()
        #expect(try Self.frames(CorrelatorTests.noise(2_000_000, seed: 77), preamble).isEmpty)
        let tone = (0..<20_000).map { IQ(Float(cos(0.3 * Double($0))), Float(sin(0.3 * Double($0)))) }
        #expect(try Self.frames(tone, preamble).isEmpty)
        // A short field without a long one.
        #expect(try Self.frames(Air.silence(300) + preamble.shortField + Air.silence(900), preamble).isEmpty)
    }

    @Test func `a rate or threshold that can't be is refused`() {
        for rate in [0, -1, .nan, .infinity] {
            #expect(throws: QWaveError.self) { try PreambleReceiver(LegacyPreamble(), sampleRate: rate) }
        }
        #expect(throws: QWaveError.self) {
            try PreambleReceiver(LegacyPreamble(), sampleRate: 20e6, threshold: 1)
        }
    }
}
