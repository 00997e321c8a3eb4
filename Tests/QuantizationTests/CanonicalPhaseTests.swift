// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Quantization
import TestSupport
import Testing

@Suite struct CanonicalPhaseTests {
    static let legacy = Bandwidth.mhz20.toneIndices
    /// The 30 tones that an Intel 5300 reports at 20 MHz.
    static let intel =
        stride(from: -28, through: -2, by: 2).map { $0 } + [-1]
        + stride(from: 1, through: 27, by: 2).map { $0 } + [28]

    /// A channel of a few taps over the tones.
    private func channel(_ tones: [Int], seed: UInt64, spread: Double = 4) -> [IQ] {
        var noise = Gaussians(seed: seed)
        let taps = (0..<5).map { _ in (noise.next(), noise.next(), abs(noise.next()) * spread) }
        return tones.map { tone in
            var re = 0.0
            var im = 0.0
            for (a, b, delay) in taps {
                let angle = -2 * Double.pi * Double(tone) * delay / 64
                re += a * cos(angle) - b * sin(angle)
                im += a * sin(angle) + b * cos(angle)
            }
            return IQ(Float(re), Float(im))
        }
    }

    /// H[k]·exp(j(α − kβ)).
    private func turned(_ gains: [IQ], _ tones: [Int], alpha: Double, beta: Double) -> [IQ] {
        zip(gains, tones).map { gain, tone in
            let angle = alpha - Double(tone) * beta
            let (c, s) = (cos(angle), sin(angle))
            let (re, im) = (Double(gain.re), Double(gain.im))
            return IQ(Float(re * c - im * s), Float(re * s + im * c))
        }
    }

    private func distance(_ a: [(re: Double, im: Double)], _ b: [(re: Double, im: Double)]) -> Double {
        zip(a, b).map { max(abs($0.re - $1.re), abs($0.im - $1.im)) }.max() ?? 0
    }

    @Test func `on the grid of 52 tones every common phase and every timing error disappears`() {
        var random = SplitMix64(seed: 9)
        let canonical = CanonicalPhase(tones: Self.legacy)
        #expect(canonical.step == 1)
        for seed in 0..<200 {
            let gains = channel(Self.legacy, seed: UInt64(seed))
            let alpha = Double.random(in: -10...10, using: &random)
            let beta = Double.random(in: -10...10, using: &random)
            let plain = canonical.apply(gains)
            let other = canonical.apply(turned(gains, Self.legacy, alpha: alpha, beta: beta))
            // Gains are floats of order 3, tones reach 26: rounding of 1e−6 a part.
            #expect(distance(plain.gains, other.gains) < 3e-4, "α \(alpha), β \(beta)")
            #expect(abs(plain.quality - other.quality) < 1e-4)
        }
    }

    /// A naive reading of the definition, in complex exponentials.
    @Test func `gains and quality are those of the formula`() {
        let tones = Self.legacy
        let h = channel(tones, seed: 77).map { (Double($0.re), Double($0.im)) }
        var (x, y) = (0.0, 0.0)
        for (i, tone) in tones.enumerated() {
            guard let j = tones.firstIndex(of: tone + 1) else { continue }
            x += h[j].0 * h[i].0 + h[j].1 * h[i].1
            y += h[j].1 * h[i].0 - h[j].0 * h[i].1
        }
        let a = atan2(y, x)
        let turned = zip(h, tones).map { gain, k in
            let angle = atan2(gain.1, gain.0) - Double(k) * a
            let magnitude = hypot(gain.0, gain.1)
            return (magnitude * cos(angle), magnitude * sin(angle))
        }
        let sum = turned.reduce((0.0, 0.0)) {
            ($0.0 + $1.0 * hypot($1.0, $1.1), $0.1 + $1.1 * hypot($1.0, $1.1))
        }
        let phi = atan2(sum.1, sum.0)
        let power = h.reduce(0) { $0 + $1.0 * $1.0 + $1.1 * $1.1 }
        let result = CanonicalPhase(tones: tones).apply(channel(tones, seed: 77))
        #expect(abs(result.quality - hypot(sum.0, sum.1) / power) < 1e-9)
        for (got, want) in zip(result.gains, turned) {
            #expect(abs(got.re - (want.0 * cos(phi) + want.1 * sin(phi))) < 1e-6)
            #expect(abs(got.im - (want.1 * cos(phi) - want.0 * sin(phi))) < 1e-6)
        }
    }

    @Test func `the 30 tones of an Intel 5300 step by two`() {
        #expect(Self.intel.count == 30)
        #expect(CanonicalPhase(tones: Self.intel).step == 2)
    }

    /// Exact for timing errors below N/(2g) samples, less what the channel's own slope takes of that range.
    @Test(arguments: [2, 4]) func `a grid with a step is exact inside its range`(step: Int) {
        var random = SplitMix64(seed: 10)
        let tones = step == 2 ? Self.intel : Array(stride(from: -52, through: 52, by: 4))
        let canonical = CanonicalPhase(tones: tones)
        #expect(canonical.step == step)
        let range = 64.0 / Double(2 * step)
        for seed in 0..<100 {
            let gains = channel(tones, seed: UInt64(seed), spread: 0.5)
            let plain = canonical.apply(gains)
            let samples = Double.random(in: -0.5...0.5, using: &random) * range
            let other = canonical.apply(
                turned(gains, tones, alpha: 1.3, beta: 2 * Double.pi * samples / 64))
            #expect(distance(plain.gains, other.gains) < 5e-4, "\(samples) samples")
        }
    }

    @Test func `a flat channel has quality one and becomes real, silence has quality zero`() {
        let canonical = CanonicalPhase(tones: Self.legacy)
        let flat = turned(
            [IQ](repeating: IQ(2, 0), count: 52), Self.legacy, alpha: 2, beta: 0.7)
        let result = canonical.apply(flat)
        #expect(abs(result.quality - 1) < 1e-5)
        #expect(result.gains.allSatisfy { abs($0.re - 2) < 1e-4 && abs($0.im) < 1e-4 })
        let silence = canonical.apply([IQ](repeating: .zero, count: 52))
        #expect(silence.quality == 0 && silence.gains.allSatisfy { $0.re == 0 && $0.im == 0 })
    }

    @Test func `noise alone has a quality below the drop rule's now and then, a channel hardly ever`() {
        let canonical = CanonicalPhase(tones: Self.legacy)
        var noise = Gaussians(seed: 5)
        let qualities = (0..<400).map { _ in
            canonical.apply((0..<52).map { _ in IQ(Float(noise.next()), Float(noise.next())) }).quality
        }
        let channels = (0..<400).map { canonical.apply(channel(Self.legacy, seed: UInt64($0))).quality }
        #expect(qualities.reduce(0, +) < 0.75 * channels.reduce(0, +))
        #expect(channels.allSatisfy { $0 >= 0 && $0 <= 1 + 1e-9 })
    }
}
