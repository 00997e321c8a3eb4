// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import ChannelModels

/// The cross-check of the sums of sinusoids: white noise shaped in frequency, which has the exact spectrum.
@Suite struct FilteredNoiseTests {
    /// Bins of a block, and its sample rate in units of f_d: 16 periods of the fastest shift of Clarke's spectrum.
    static let bins = 256
    static let rate = 16.0

    /// √ of each bin's share of power, from the spectrum's own distribution function.
    static func weights(_ spectrum: DopplerSpectrum) -> [Double] {
        func below(_ shift: Double) -> Double {
            switch spectrum {
            case .clarke: 0.5 + asin(min(max(shift, -1), 1)) / Double.pi
            case .bell: 0.5 + atan(3 * min(max(shift, -5), 5)) / (2 * atan(15))
            }
        }
        return (0..<bins).map { bin in
            let width = rate / Double(bins)
            let center = (Double(bin) - Double(bins / 2)) * width
            return max(0, below(center + width / 2) - below(center - width / 2)).squareRoot()
        }
    }

    @Test(arguments: DopplerSpectrum.allCases)
    func `ST-15 filtered noise and sums of sinusoids agree in correlation and envelope`(
        spectrum: DopplerSpectrum
    ) {
        let weights = Self.weights(spectrum)
        let lags = [1, 2, 4, 8, 16]
        let width = Self.rate / Double(Self.bins)
        let turns = ([0] + lags).map { lag in
            (0..<Self.bins).map { bin in
                let phase =
                    2 * Double.pi * (Double(bin) - Double(Self.bins / 2)) * width * Double(lag) / Self.rate
                return Complex(cos(phase), sin(phase)) * weights[bin]
            }
        }
        let count = 20_000
        var filtered = [Complex](repeating: .zero, count: lags.count)
        var sinusoids = filtered
        var envelopes: [[Double]] = [[], []]
        for block in 0..<count {
            let noise = SubStream(seed: UInt64(block), .noise)
            let white = (0..<Self.bins).map { noise.complexGaussian($0) }
            let h = turns.map { turn in
                zip(white, turn).reduce(Complex.zero) { $0 + $1.0 * $1.1 }
            }
            let bank = FadingTests.bank(block, spectrum)
            let start = bank.gain(tap: 0, at: 0)
            for (slot, lag) in lags.enumerated() {
                filtered[slot] = filtered[slot] + h[0].conjugate * h[slot + 1]
                sinusoids[slot] =
                    sinusoids[slot] + start.conjugate * bank.gain(tap: 0, at: Double(lag) / Self.rate)
            }
            envelopes[0].append(h[0].power.squareRoot())
            envelopes[1].append(start.power.squareRoot())
        }
        for (slot, lag) in lags.enumerated() {
            let exact = spectrum.autocorrelation(maximumDoppler: 1, lag: Double(lag) / Self.rate)
            #expect(abs(filtered[slot].re / Double(count) - exact) < 0.02)
            #expect(abs(sinusoids[slot].re / Double(count) - exact) < 0.02)
        }
        // Kolmogorov and Smirnov on two samples of equal size: 1.95·√(2/n) is the 0.1 % point.
        let (a, b) = (envelopes[0].sorted(), envelopes[1].sorted())
        var distance = 0.0
        var place = 0
        for (index, value) in a.enumerated() {
            while place < b.count, b[place] <= value { place += 1 }
            distance = max(distance, abs(Double(index + 1 - place) / Double(count)))
        }
        #expect(distance < 1.95 * (2 / Double(count)).squareRoot())
    }
}
