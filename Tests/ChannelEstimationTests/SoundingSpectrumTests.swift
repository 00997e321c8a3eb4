// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import Testing
import Transforms

@Suite struct SoundingSpectrumTests {
    /// IEEE 802.11-2020, 17.3.9.3, 20 MHz channels: dB against the highest density, by MHz from the carrier.
    static func mask(_ megahertz: Double) -> Double {
        let points = [(0.0, 0.0), (9, 0), (11, -20), (20, -28), (30, -40), (1e9, -40)]
        for (a, b) in zip(points, points.dropFirst()) where abs(megahertz) <= b.0 {
            return a.1 + (b.1 - a.1) * (abs(megahertz) - a.0) / (b.0 - a.0)
        }
        return -40
    }

    /// Least distance to the mask in dB outside ±9 MHz: density of whole bursts in 100 kHz and less, Hann windows
    /// of 20 µs at half overlap, over many bursts.
    static func margin(factor: Int, _ burst: (SoundingBurst) throws -> [IQ]) throws -> Double {
        let size = 400 * factor
        let transform = FFT(length: size)
        let window = (0..<size).map { Float(0.5 - 0.5 * cos(2 * .pi * (Double($0) + 0.5) / Double(size))) }
        var density = [Double](repeating: 0, count: size)
        for sequence in 0..<24 as Range<UInt32> {
            let secret = try SoundingTests.secret(sequence, .initiator)
            let silence = Air.silence(size)
            let samples =
                try silence
                + burst(SoundingBurst(sequence: sequence, sender: .initiator, secret: secret)) + silence
            for start in stride(from: 0, through: samples.count - size, by: size / 2) {
                let spectrum = transform.forward((0..<size).map { samples[start + $0] * window[$0] })
                for (bin, value) in spectrum.enumerated() { density[bin] += Double(value.power) }
            }
        }
        let most = density.max() ?? 0
        var margin = Double.infinity
        for (bin, value) in density.enumerated() {
            let megahertz = 20 * Double(factor) * Double(bin < size / 2 ? bin : bin - size) / Double(size)
            guard abs(megahertz) > 9 else { continue }
            margin = min(margin, mask(megahertz) - 10 * log10(max(value, most * 1e-14) / most))
        }
        return margin
    }

    @Test(arguments: [4, 5])
    func `a shaped burst keeps six decibels from the mask of a 20 MHz channel`(factor: Int) throws {
        let margin = try Self.margin(factor: factor) { try $0.shaped(oversampling: factor) }
        #expect(margin > 6, "\(margin)")
    }

    @Test func `without transitions the same symbols leave the mask`() throws {
        // Each symbol of the burst, interpolated by itself from its samples, cut at its borders.
        let factor = 4
        let (narrow, wide) = (FFT(length: 64), FFT(length: 64 * factor))
        let margin = try Self.margin(factor: factor) { burst in
            let samples = burst.samples
            func stretched(_ first: Int, length: Int, guardLength: Int) -> [IQ] {
                let spectrum = narrow.forward(Array(samples[first + guardLength..<first + guardLength + 64]))
                var padded = Air.silence(64 * factor)
                for tone in -32..<32 {
                    padded[(tone + 64 * factor) % (64 * factor)] =
                        spectrum[(tone + 64) % 64] * Float(factor)
                }
                let period = wide.inverse(padded)
                return (0..<length * factor).map {
                    period[($0 - guardLength * factor + 64 * factor) % (64 * factor)]
                }
            }
            return stretched(0, length: 160, guardLength: 0) + stretched(160, length: 160, guardLength: 32)
                + (0..<11).flatMap { stretched(320 + 80 * $0, length: 80, guardLength: 16) }
        }
        #expect(margin < 0, "\(margin)")
    }

    @Test(arguments: [2, 4])
    func `a shaped burst at the receiver's rate is the burst but for its borders, and is received`(
        factor: Int
    )
        throws
    {
        let burst = SoundingBurst(
            sequence: 9, sender: .responder, secret: try SoundingTests.secret(9, .responder))
        let shaped = try burst.shaped(oversampling: factor)
        #expect(shaped.count == SoundingBurst.count * factor)
        let plain = burst.samples
        // The burst's own ends turn inwards.
        let borders = Set([0, 160, 1199] + (0...11).map { 320 + 80 * $0 })
        for (index, sample) in plain.enumerated()
        where !borders.contains(index) && !borders.contains(index + 1) && !borders.contains(index - 1) {
            #expect((shaped[index * factor] - sample).amplitude < 1e-4, "\(index)")
        }
        var receiver = try SoundingTests.receiver()
        let air = Air(taps: Air.fourTaps, offset: 0.003)
        var recordings: [Sounding] = []
        for waveform in [plain, stride(from: 0, to: shaped.count, by: factor).map { shaped[$0] }] {
            var samples = Air.silence(2000)
            air.add(waveform, at: 300, to: &samples)
            recordings += receiver.receive(samples) + receiver.finish()
        }
        #expect(recordings.count == 2 && recordings.allSatisfy { $0.sequence == 9 && $0.start == 300 })
        for (a, b) in zip(recordings[0].gains, recordings[1].gains) { #expect((a - b).amplitude < 2e-3) }
    }

    @Test func `factors that aren't shaped are refused`() throws {
        let burst = SoundingBurst(
            sequence: 9, sender: .responder, secret: try SoundingTests.secret(9, .responder))
        for factor in [-1, 0, 1, 17] {
            #expect(throws: QWaveError.self) { try burst.shaped(oversampling: factor) }
        }
    }
}
