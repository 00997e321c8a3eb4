// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import ChannelModels

@Suite struct MathematicsTests {
    @Test func `sine and cosine agree with the library's to the last few bits`() {
        let stream = SubStream(seed: 1, .fading)
        for index in 0..<20_000 {
            // Within a turn: beyond it the library's argument carries the rounding of 2πx.
            let turns = (stream.uniform(index) - 0.5) * (index % 2 == 0 ? 1 : 2)
            let (sin, cos) = Portable.sinCos(turns: turns)
            #expect(abs(sin - Foundation.sin(2 * Double.pi * turns)) < 8e-16)
            #expect(abs(cos - Foundation.cos(2 * Double.pi * turns)) < 8e-16)
        }
        for quarter in -8...8 {
            let (sin, cos) = Portable.sinCos(turns: Double(quarter) / 4)
            #expect(sin.magnitude == (quarter % 2 == 0 ? 0 : 1))
            #expect(sin == [0, 1, 0, -1][(quarter + 8) % 4])
            #expect(cos == [1, 0, -1, 0][(quarter + 8) % 4])
        }
        // Whole turns are taken away exactly.
        #expect(Portable.sinCos(turns: 0x1p40 + 0.125) == Portable.sinCos(turns: 0.125))
    }

    @Test func `logarithm and exponential agree with the library's`() {
        let stream = SubStream(seed: 2, .fading)
        for index in 0..<10_000 {
            let u = stream.uniform(index)
            let x = Foundation.exp((u - 0.5) * 80)
            #expect(abs(Portable.log(x) - Foundation.log(x)) <= 1e-15 * max(1, abs(Foundation.log(x))))
            let y = (u - 0.5) * 1300
            #expect(abs(Portable.exp(y) / Foundation.exp(y) - 1) < 2e-15)
        }
        #expect(Portable.log(1) == 0)
        #expect(Portable.exp(0) == 1)
        #expect(abs(Portable.decibels(100) - 20) < 1e-13)
        #expect(abs(Portable.power(decibels: 3) - 1.9952623149688797) < 1e-14)
    }

    @Test func `the first words of a stream never change`() {
        // SplitMix64's output function, checked here against the published generator's first outputs for
        // seed 0; a changed sequence would change every simulated capture.
        let stream = SubStream(seed: 7, .noise, index: 3)
        func mix(_ value: UInt64) -> UInt64 {
            var z = value
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        #expect(mix(0x9E37_79B9_7F4A_7C15) == 0xE220_A839_7B1D_CDAF)
        let key = mix(mix(7 &+ 0x9E37_79B9_7F4A_7C15 &* 64) ^ (0xD1B5_4A32_D192_ED03 &* 4))
        #expect(stream.word(0) == mix(key &+ 0x9E37_79B9_7F4A_7C15))
        #expect(stream.word(1) == mix(key &+ 0x9E37_79B9_7F4A_7C15 &* 2))
    }

    @Test func `Gaussian numbers have the moments of a circular Gaussian`() {
        let stream = SubStream(seed: 3, .noise)
        let count = 200_000
        var power = 0.0
        var fourth = 0.0
        var mean = Complex.zero
        var square = Complex.zero
        for index in 0..<count {
            let z = stream.complexGaussian(index)
            power += z.power
            fourth += z.power * z.power
            mean = mean + z
            square = square + z * z
        }
        let n = Double(count)
        #expect(abs(power / n - 1) < 0.01)
        #expect(abs(fourth / n - 2) < 0.05)
        #expect(mean.power.squareRoot() / n < 0.008)
        #expect(square.power.squareRoot() / n < 0.012)
    }

    @Test(arguments: [
        (0.05, 0.97548), (0.1, 0.90371), (0.2, 0.64251), (0.3, 0.29056), (0.3827, 0.0001), (0.5, -0.30424),
        (0.61, -0.40276), (1, 0.22028), (4, 0.112),
    ])
    func `the Bessel function has its table's values`(ratio: Double, value: Double) {
        let computed = SpatialCorrelation.besselJ0(2 * Double.pi * ratio)
        #expect(abs(computed - value) < (ratio == 4 ? 6e-4 : 6e-5))
        #expect(abs(computed - j0(2 * Double.pi * ratio)) < 1e-13)
    }

    @Test(arguments: [
        (0.0, [0.47, 0.30, 0.22, 0.16, 0.11], [0.47, 0.30, 0.22, 0.16, 0.11]),
        (3.0, [0.704, 0.163, 0.000, 0.019, 0.018], [0.924, 0.803, 0.626, 0.458, 0.326]),
        (10.0, [0.889, 0.619, 0.124, 0.000, 0.000], [0.994, 0.975, 0.916, 0.782, 0.601]),
        (30.0, [0.960, 0.850, 0.520, 0.067, 0.000], [0.999, 0.997, 0.989, 0.960, 0.874]),
        (100.0, [0.988, 0.952, 0.822, 0.454, 0.041], [1.000, 1.000, 0.999, 0.996, 0.985]),
    ])
    func `directional scattering has its table's correlations`(
        kappa: Double, broadside: [Double], endfire: [Double]
    ) {
        let tolerance = kappa == 0 ? 6e-3 : 6e-4
        for (index, ratio) in [0.25, 0.5, 1, 2, 4].enumerated() {
            let x = 2 * Double.pi * ratio
            let across = SpatialCorrelation.vonMises(x: x, kappa: kappa, angle: Double.pi / 2)
            let along = SpatialCorrelation.vonMises(x: x, kappa: kappa, angle: 0)
            #expect(abs(across.power.squareRoot() - broadside[index]) < tolerance)
            #expect(abs(along.power.squareRoot() - endfire[index]) < tolerance)
        }
    }
}
