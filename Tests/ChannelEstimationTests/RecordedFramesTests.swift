// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

/// Recorded frames, against what other tools found in them.
@Suite(.enabled(if: PrivateData.hasCaptures, "recorded captures aren't here; set QWAVE_CAPTURES"))
struct RecordedFramesTests {
    /// The oracle's plateaus: start, carrier offset in Hz; and how many there are in all.
    struct Plateaus {
        var count: Int
        var first: [(start: Int, offset: Double)]

        init(_ name: String) throws {
            let url = PrivateData.capture("iq/openofdm/\(name).dat.oracle.json")
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
            let values = try #require(object?["values"] as? [String: Any])
            count = try #require(values["stf_plateaus"] as? Int)
            let list = try #require(values["plateaus_first"] as? [[String: Any]])
            first = list.compactMap { item in
                guard let start = item["start"] as? Int, let offset = item["cfo_hz"] as? Double else {
                    return nil
                }
                return (start, offset)
            }
        }
    }

    static func samples(_ name: String) throws -> [IQ] {
        let reader = try IQFileReader(
            path: PrivateData.capture("iq/openofdm/\(name).dat").path, format: .sc16)
        var samples: [IQ] = []
        while let next = try reader.next() { samples += next }
        return samples
    }

    static func frames(_ name: String, kept: Int = 0) throws -> [PreambleFrame] {
        try PreambleTests.frames(samples(name), LegacyPreamble(), kept: kept)
    }

    @Test(arguments: [
        "conducted_dot11a_06mbps", "conducted_dot11a_24mbps", "conducted_dot11a_48mbps",
        "conducted_dot11n_7.2mbps", "radiated_dot11n_26mbps",
    ])
    func `every frame that the oracle counts is found, at its place and with its offset`(name: String) throws
    {
        let oracle = try Plateaus(name)
        let frames = try Self.frames(name)
        #expect(frames.count == oracle.count)
        for plateau in oracle.first {
            let frame = frames.first { abs($0.start - plateau.start) < 40 }
            #expect(frame != nil, "plateau at \(plateau.start)")
            // The oracle's offset is the short field's. The second radio of the recording over the air still
            // moves its carrier by 2.5 kHz until the long field.
            let tolerance = name.hasPrefix("radiated") ? 3500.0 : 2000
            if let frame { #expect(abs(frame.carrierOffset - plateau.offset) < tolerance) }
        }
    }

    static let conducted = [
        "conducted_dot11a_06mbps", "conducted_dot11a_24mbps", "conducted_dot11a_48mbps",
        "conducted_dot11n_7.2mbps",
    ]

    /// Over cable nothing moves, so frames differ by their noise: after the common gain and delay, which change
    /// from frame to frame, what is left of |H_a − H_b|² is σ_a² + σ_b².
    static func meanMismatch(_ frames: [PreambleFrame]) -> Double {
        var ratios: [Double] = []
        for (index, frame) in frames.enumerated() {
            for other in frames[(index + 1)...] { ratios.append(mismatch(frame, other)) }
        }
        return ratios.reduce(0, +) / Double(ratios.count)
    }

    @Test(arguments: conducted)
    func `repeated frames of one still sender agree within the noise variance that is claimed`(name: String)
        throws
    {
        // Of some 150 pairs, whose own noise leaves a few percent.
        let mean = Self.meanMismatch(try Self.frames(name))
        #expect(mean < 1.05, "\(mean)")
        #expect(mean > 0.6, "\(mean)")
    }

    @Test
    func `the receiver's image is one in all recordings, and without it frames still agree, at less noise`()
        throws
    {
        let preamble = LegacyPreamble()
        var ratios: [IQ] = []
        for name in Self.conducted {
            let samples = try Self.samples(name)
            let image = try #require(try ReceiverImageTests.estimate(samples, preamble).image)
            ratios.append(image.ratio)
            let before = try PreambleTests.frames(samples, preamble)
            let after = try PreambleTests.frames(image.removed(from: samples), preamble)
            #expect(after.map(\.start) == before.map(\.start))
            func noise(_ frames: [PreambleFrame]) -> Double { frames.reduce(0) { $0 + $1.noiseVariance } }
            #expect(noise(after) < 0.6 * noise(before))
            let mean = Self.meanMismatch(after)
            #expect(mean < 1.05 && mean > 0.5, "\(name) \(mean)")
        }
        // −37 dB, the same within a twentieth.
        for ratio in ratios {
            #expect(abs(10 * log10(ratio.power) + 37) < 1)
            #expect((ratio - ratios[0]).amplitude < 0.1 * ratios[0].amplitude)
        }
    }

    /// What is left of |H_a − g·H_b·exp(jkτ)|² with the best g and τ, over the noise claimed for it; with one more
    /// complex number for images where asked for.
    static func mismatch(
        _ a: PreambleFrame, _ b: PreambleFrame, delays: ClosedRange<Double> = -2...2, withImage: Bool = false
    ) -> Double {
        let preamble = LegacyPreamble()
        let tones = preamble.tones
        let (first, second) = (a.gains, b.gains)
        let power = first.reduce(0.0) { $0 + Double($1.power) }
        let other = second.reduce(0.0) { $0 + Double($1.power) }
        var best = Double.infinity
        for delay in stride(from: delays.lowerBound, through: delays.upperBound, by: 0.02) {
            var (re, im) = (0.0, 0.0)
            for (index, tone) in tones.enumerated() {
                let angle = 2 * Double.pi * delay * Double(tone) / 64
                let product =
                    (second[index] * IQ(Float(cos(angle)), Float(sin(angle)))).conjugate * first[index]
                re += Double(product.re)
                im += Double(product.im)
            }
            let squared = (re * re + im * im) / other
            let noise = a.noiseVariance + squared / other * b.noiseVariance
            // The image's part: the mirrored tone's conjugate, less what it has in common with the tone itself.
            let g = IQ(Float(re / other), Float(im / other))
            var image = (re: 0.0, im: 0.0, power: 0.0)
            for (index, tone) in tones.enumerated() {
                let angle = 2 * Double.pi * delay * Double(tone) / 64
                let rest = first[index] - g * second[index] * IQ(Float(cos(angle)), Float(sin(angle)))
                let mirror = tones.count - 1 - index
                let regressor =
                    first[mirror].conjugate * preamble.values[mirror] * preamble.values[index]
                let product = regressor.conjugate * rest
                image.re += Double(product.re)
                image.im += Double(product.im)
                image.power += Double(regressor.power)
            }
            let explained =
                withImage ? (image.re * image.re + image.im * image.im) / image.power : 0
            best = min(best, (power - squared - explained) / (Double(tones.count) * noise))
        }
        return best
    }
}
