// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import Testing

@testable import Radio

/// The spectrum of what a prober hands to a radio, at the radio's own rate. Beyond ±10 MHz of 20 MHz it is the device's
/// interpolation that shapes it.
struct BurstSpectrumTests {
    /// IEEE 802.11-2020, 17.3.9.3, 20 MHz channels, from 9 to 11 MHz: dB against the highest density.
    private static func mask(_ megahertz: Double) -> Double { -10 * (abs(megahertz) - 9) }

    @Test func `a burst keeps ten decibels from the mask of a 20 MHz channel, up to the edge of its band`()
        throws
    {
        // 50 kHz a bin: Hann windows of 20 us at half overlap, as in the tests of the shaped burst.
        let size = 400
        let turns = (0..<size).map { index in
            let angle = -2 * Double.pi * Double(index) / Double(size)
            return IQ(Float(cos(angle)), Float(sin(angle)))
        }
        let window = (0..<size).map { Float(0.5 - 0.5 * cos(2 * .pi * (Double($0) + 0.5) / Double(size))) }
        let silence = [IQ](repeating: .zero, count: size)
        var density = [Double](repeating: 0, count: size)
        for number in 0..<12 as Range<UInt32> {
            let secret = try #require(ProbeKey.known.secret(number, .initiator))
            let samples =
                silence + SoundingBurst(sequence: number, sender: .initiator, secret: secret).samples
                + silence
            for start in stride(from: 0, through: samples.count - size, by: size / 2) {
                let piece = (0..<size).map { samples[start + $0] * window[$0] }
                for bin in 0..<size {
                    var sum = IQ.zero
                    for (index, sample) in piece.enumerated() {
                        sum = sum + sample * turns[bin * index % size]
                    }
                    density[bin] += Double(sum.power)
                }
            }
        }
        let most = try #require(density.max())
        for (bin, value) in density.enumerated() {
            let megahertz = 20 * Double(bin < size / 2 ? bin : bin - size) / Double(size)
            guard abs(megahertz) > 9 else { continue }
            #expect(10 * log10(value / most) < Self.mask(megahertz) - 10, "\(megahertz) MHz")
        }
    }
}
