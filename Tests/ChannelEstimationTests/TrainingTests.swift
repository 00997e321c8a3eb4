// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct TrainingTests {
    static let fields: [(TrainingField.Format, ChannelWidth, Int)] = [
        (.ht, .mhz20, 1), (.ht, .mhz20, 2), (.ht, .mhz20, 3), (.ht, .mhz20, 4), (.ht, .mhz40, 1),
        (.ht, .mhz40, 2), (.vht, .mhz20, 1), (.vht, .mhz40, 1), (.vht, .mhz80, 1),
    ]

    /// A symbol of random signs on the tones of the preamble, turned by j where asked for.
    static func symbol(_ preamble: LegacyPreamble, turned: Bool, _ random: inout SplitMix64) -> [IQ] {
        let length = preamble.width.fftLength
        // The same 20 MHz in each part, with the preamble's rotation, as a signal field is sent.
        let signs = (0..<52).map { _ in Bool.random(using: &random) ? Float(1) : -1 }
        let symbol = (0..<length).map { n in
            var sum = (re: 0.0, im: 0.0)
            for (index, tone) in preamble.tones.enumerated() {
                let value = preamble.values[index]
                let rotation =
                    abs(value.re) > 0.5
                    ? (preamble.width == .mhz80 && tone >= -64 ? IQ(-1, 0) : IQ(1, 0)) : IQ(0, 1)
                let sent = rotation * signs[index % 52] * (turned ? IQ(0, 1) : IQ(1, 0))
                let angle = 2 * Double.pi * Double(tone * n) / Double(length)
                sum.re += Double(sent.re) * cos(angle) - Double(sent.im) * sin(angle)
                sum.im += Double(sent.re) * sin(angle) + Double(sent.im) * cos(angle)
            }
            let scale = 1 / Double(preamble.tones.count).squareRoot()
            return IQ(Float(sum.re * scale), Float(sum.im * scale))
        }
        return symbol.suffix(length / 4) + symbol
    }

    /// The frame that one stream's antenna sends, up to the training field.
    static func frame(_ field: TrainingField, stream: Int, seed: UInt64) -> [IQ] {
        let preamble = LegacyPreamble(width: field.width)
        var random = SplitMix64(seed: seed)
        let isHT = field.format == .ht
        var samples = stream == 0 ? preamble.samples : Air.silence(preamble.count)
        for turned in [false, isHT, true] {
            let symbol = symbol(preamble, turned: turned, &random)
            samples += stream == 0 ? symbol : Air.silence(symbol.count)
        }
        samples += preamble.shortField.prefix(field.width.fftLength * 5 / 4)
        return samples + field.samples(stream: stream)
    }

    @Test(arguments: fields)
    func `each stream's channel comes back within the noise that is claimed`(
        format: TrainingField.Format, width: ChannelWidth, streams: Int
    ) throws {
        let field = try TrainingField(format, width: width, streams: streams)
        let estimator = TrainingEstimator(field)
        let preamble = LegacyPreamble(width: width)
        let noise = 0.01
        let offset = 2 * Double.pi * 25e3 / width.sampleRate
        let airs = (0..<streams).map { stream in
            Air(
                taps: [IQ(1, 0), IQ(0.2 * Float(stream), 0.3), IQ(0, 0.2 - 0.1 * Float(stream))],
                offset: offset)
        }
        let frames = 20
        let slot = 2000 * width.parts
        var samples = Air.silence(frames * slot)
        for index in 0..<frames {
            for (stream, air) in airs.enumerated() {
                let sent = Self.frame(field, stream: stream, seed: UInt64(index))
                air.add(sent, at: index * slot + 123, to: &samples)
            }
        }
        var air = Air()
        air.noise = noise
        air.addNoise(to: &samples, seed: 12)
        let found = try PreambleTests.frames(samples, preamble, kept: estimator.reach)
        #expect(found.count == frames)
        var (error, claimed, count) = (0.0, 0.0, 0)
        for frame in found {
            #expect(estimator.format(of: frame, sampleRate: width.sampleRate) == format)
            let result = try #require(estimator.estimate(frame, sampleRate: width.sampleRate))
            claimed += result.noiseVariance
            let middle = Double(frame.start + preamble.longStart + width.fftLength)
            let late = Double(123 - frame.start % slot)
            for (stream, gains) in result.gains.enumerated() {
                // The estimated carrier offset is off by some 600 Hz, which turns all gains of a later field alike.
                var products = (re: 0.0, im: 0.0)
                let truth = field.tones.map { tone in
                    let response = airs[stream].response(tone, width.fftLength)
                    let angle = offset * middle - 2 * .pi * Double(tone) * late / Double(width.fftLength)
                    return IQ(Float(response.re), Float(response.im))
                        * IQ(Float(cos(angle)), Float(sin(angle)))
                }
                for (gain, expected) in zip(gains, truth) {
                    let product = expected.conjugate * gain
                    products.re += Double(product.re)
                    products.im += Double(product.im)
                }
                let angle = atan2(products.im, products.re)
                #expect(abs(angle) < 0.4)
                let turn = IQ(Float(cos(angle)), Float(sin(angle)))
                for (gain, expected) in zip(gains, truth) {
                    error += Double((gain - expected * turn).power)
                    count += 1
                }
            }
        }
        let mean = error / Double(count)
        let bound = noise * Double(field.tones.count) / Double(width.fftLength) / Double(field.symbolCount)
        #expect(abs(claimed / Double(frames) / bound - 1) < 0.15)
        // Streams are told apart by signs over up to four symbols, between which the left offset turns.
        #expect(mean < (streams == 1 ? 1.1 : 1.6) * bound, "\(mean / bound)")
    }

    @Test func `non-HT frames are neither HT nor VHT`() throws {
        let preamble = LegacyPreamble()
        var random = SplitMix64(seed: 3)
        var samples = Air.silence(100) + preamble.samples
        for _ in 0..<6 { samples += Self.symbol(preamble, turned: false, &random) }
        let estimator = TrainingEstimator(try TrainingField(.ht, width: .mhz20))
        let frame = try #require(try PreambleTests.frames(samples, preamble, kept: estimator.reach).first)
        #expect(estimator.format(of: frame, sampleRate: 20e6) == nil)
    }

    @Test func `fields that aren't in the standard or can't be separated are refused`() {
        #expect(throws: QWaveError.self) { try TrainingField(.ht, width: .mhz80) }
        #expect(throws: QWaveError.self) { try TrainingField(.ht, width: .mhz20, streams: 5) }
        #expect(throws: QWaveError.self) { try TrainingField(.ht, width: .mhz20, streams: 0) }
        #expect(throws: QWaveError.self) { try TrainingField(.vht, width: .mhz20, streams: 2) }
    }

    @Test(
        .enabled(if: PrivateData.hasCaptures, "recorded captures aren't here; set QWAVE_CAPTURES"),
        arguments: ["conducted_dot11n_7.2mbps", "conducted_dot11a_06mbps", "conducted_dot11a_24mbps"])
    func `recorded HT frames are told from others, and both training fields agree`(name: String) throws {
        let estimator = TrainingEstimator(try TrainingField(.ht, width: .mhz20))
        let preamble = LegacyPreamble()
        let frames = try RecordedFramesTests.frames(name, kept: estimator.reach)
        var ratios: [Double] = []
        for (index, frame) in frames.enumerated() {
            let format = estimator.format(of: frame, sampleRate: 20e6)
            // A frame of data takes some 200 µs there, and its acknowledgment follows; the next data is soon sent.
            let isData = index + 1 < frames.count && frames[index + 1].start - frame.start > 3000
            guard name.contains("11n") else {
                #expect(format == nil, "at \(frame.start)")
                continue
            }
            if index + 1 < frames.count { #expect(format == (isData ? .ht : nil), "at \(frame.start)") }
            guard format == .ht else { continue }
            let result = try #require(estimator.estimate(frame, sampleRate: 20e6))
            var inner = frame
            inner.gains = zip(estimator.field.tones, result.gains[0])
                .filter { preamble.tones.contains($0.0) }.map(\.1)
            inner.noiseVariance = result.noiseVariance
            // The sender shifts its HT part by three samples against the rest (19.3.9.3.2 lets it); nothing else
            // may differ but the sender's image, which depends on the fields' signs; `mismatch` takes out both.
            ratios.append(RecordedFramesTests.mismatch(frame, inner, delays: -4...4, withImage: true))
        }
        #expect(ratios.count >= (name.contains("11n") ? 8 : 0))
        // 1.5 to 3.4 of the noise, which is 35 dB down: the phase noise of 20 µs comes on top.
        #expect(ratios.allSatisfy { $0 < 4 }, "\(ratios)")
    }
}
