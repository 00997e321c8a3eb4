// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Testing

@testable import ChannelModels

/// Statistics over the ensemble: one realization a seed, as a time average of few sinusoids doesn't converge.
@Suite struct FadingTests {
    static func bank(_ seed: Int, _ spectrum: DopplerSpectrum = .clarke, doppler: Double = 1, taps: Int = 1)
        -> SinusoidBank
    {
        SinusoidBank(
            taps: taps, sinusoids: 32, spectrum: spectrum, maximumDoppler: doppler, seed: UInt64(seed),
            process: .fading)
    }

    @Test func `ST-4 every tap has its table's mean power`() {
        var parameters = SimulationParameters(model: TGn.d.model)
        var power = [Double](repeating: 0, count: 18)
        let count = 40_000
        for seed in 0..<count {
            parameters.channelSeed = UInt64(seed)
            for (tap, gain) in FadingChannel(parameters).taps(at: 0.3).enumerated() {
                power[tap] += gain.power
            }
        }
        for (tap, expected) in TGn.d.model.taps.enumerated() {
            #expect(abs(power[tap] / Double(count) / expected.power - 1) < 0.03)
        }
        #expect(abs(power.reduce(0, +) / Double(count) - 1) < 0.01)
    }

    /// J₀ and the truncated bell's values at f_d·τ.
    @Test(arguments: [
        (
            DopplerSpectrum.clarke, [0.05, 0.1, 0.2, 0.3, 0.3827, 0.5, 0.61, 1],
            [0.97548, 0.90371, 0.64251, 0.29056, 0.0001, -0.30424, -0.40276, 0.22028]
        ),
        (.bell, [0.05, 0.1, 0.2, 0.5, 1], [0.95433, 0.85208, 0.68509, 0.36679, 0.12851]),
    ])
    func `ST-5 and ST-6 the ensemble's autocorrelation is the spectrum's`(
        spectrum: DopplerSpectrum, lags: [Double], expected: [Double]
    ) {
        let count = 40_000
        var sums = [Complex](repeating: .zero, count: lags.count)
        for seed in 0..<count {
            let bank = Self.bank(seed, spectrum)
            let start = bank.gain(tap: 0, at: 17).conjugate
            for (index, lag) in lags.enumerated() {
                sums[index] = sums[index] + start * bank.gain(tap: 0, at: 17 + lag)
            }
        }
        for (index, lag) in lags.enumerated() {
            #expect(abs(sums[index].re / Double(count) - expected[index]) < 0.02, "lag \(lag)")
            #expect(abs(sums[index].im / Double(count)) < 0.02)
            #expect(abs(spectrum.autocorrelation(maximumDoppler: 1, lag: lag) - expected[index]) < 2e-4)
        }
    }

    /// Kolmogorov and Smirnov's statistic; 1.95/√n is the 0.1 % point.
    @Test func `ST-7 the envelope is Rayleigh`() {
        let count = 10_000
        let envelope = (0..<count).map { Self.bank($0).gain(tap: 0, at: 5).power.squareRoot() }.sorted()
        var distance = 0.0
        for (index, r) in envelope.enumerated() {
            let theory = 1 - exp(-r * r)
            distance = max(distance, theory - Double(index) / Double(count))
            distance = max(distance, Double(index + 1) / Double(count) - theory)
        }
        #expect(distance < 1.95 / Double(count).squareRoot())
    }

    @Test(arguments: [(1.0, 0.9221, 400, 40.0, 40), (0.1, 0.2482, 400, 40.0, 250)])
    func `ST-8 the envelope crosses a level as often as Rice's formula says`(
        level: Double, rate: Double, realizations: Int, periods: Double, oversampling: Int
    ) {
        var crossings = 0
        for seed in 0..<realizations {
            let bank = Self.bank(seed + 9000)
            var below = false
            for step in 0..<Int(periods) * oversampling {
                let now = bank.gain(tap: 0, at: Double(step) / Double(oversampling)).power < level * level
                if below && !now { crossings += 1 }
                below = now
            }
        }
        let measured = Double(crossings) / (periods * Double(realizations))
        #expect(abs(measured / rate - 1) < 0.05)
    }

    /// Mean power and mean fourth power tell line and diffuse part apart (moments of Rice's law).
    @Test(arguments: [0.0, 6, 10])
    func `ST-9 the line of sight is K times the diffuse power`(factor: Double) {
        var parameters = SimulationParameters(model: .rice)
        parameters.riceFactor = factor
        let k = pow(10, factor / 10)
        let count = 60_000
        var line = 0.0
        var total = 0.0
        for seed in 0..<count {
            parameters.channelSeed = UInt64(seed)
            let channel = FadingChannel(parameters)
            let gain = channel.taps(at: 0.2)[0]
            total += gain.power
            // Coherent with the line's known phase, the diffuse part averages out.
            line += (gain * Complex.turned(-channel.lineOfSight.phase)).re
        }
        line /= Double(count)
        total /= Double(count)
        #expect(abs(total - 1) < 0.02)
        let measured = line * line / (total - line * line)
        #expect(abs(10 * log10(measured / k)) < 0.1)
    }

    @Test func `ST-10 tones correlate as the delays say`() {
        var parameters = SimulationParameters(model: TGn.d.model)
        let tones = Bandwidth.mhz20.toneIndices
        let matrix = ToneMatrix(TGn.d.model, tones: tones, spacing: 312_500)
        let count = 40_000
        var sums = [Complex](repeating: .zero, count: tones.count)
        for seed in 0..<count {
            parameters.channelSeed = UInt64(seed)
            let response = matrix.response(to: FadingChannel(parameters).taps(at: 0))
            let first = response[0].conjugate
            for k in tones.indices { sums[k] = sums[k] + response[k] * first }
        }
        for (k, tone) in tones.enumerated() {
            let difference = Double(tone - tones[0]) * 312_500
            let angle = TGn.d.model.taps.map { ($0.power, -2 * Double.pi * difference * $0.delay * 1e-9) }
            let re = angle.reduce(0) { $0 + $1.0 * cos($1.1) }
            let im = angle.reduce(0) { $0 + $1.0 * sin($1.1) }
            #expect(abs(sums[k].re / Double(count) - re) < 0.02)
            #expect(abs(sums[k].im / Double(count) - im) < 0.02)
        }
    }

    @Test func `taps fade independently`() {
        var sum = Complex.zero
        let count = 20_000
        for seed in 0..<count {
            let bank = Self.bank(seed, taps: 2)
            sum = sum + bank.gain(tap: 0, at: 1).conjugate * bank.gain(tap: 1, at: 1)
        }
        #expect(sum.power.squareRoot() / Double(count) < 0.025)
    }
}
