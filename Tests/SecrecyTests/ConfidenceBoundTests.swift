// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Statistics
import Testing

@Suite struct ConfidenceBoundTests {
    @Test(arguments: [
        (0.0, 10_000.0, 0.070484, 0.004968, 0.003593), (0, 100_000, 0.022287, 0.000497, 0.000358),
        (0.2, 10_000, 0.266724, 0.071142, 0.053235), (0.5, 1_000, 0.650508, 0.423161, 0.396880),
        (0.5, 10_000, 0.551063, 0.303671, 0.261079), (0.5, 100_000, 0.516531, 0.266804, 0.223865),
        (0.9, 10_000, 0.912593, 0.832826, 1.290289),
    ])
    func `the published upper bounds come out`(
        _ r: Double, _ samples: Double, _ upper: Double, _ square: Double, _ charge: Double
    ) throws {
        let bound = ConfidenceBound(epsilon: 0x1p-40)
        let value = try #require(bound.upper(r, samples: samples, coefficients: 32))
        #expect(abs(value - upper) < 6e-7)
        #expect(abs(value * value - square) < 6e-7)
        #expect(abs(ConfidenceBound.charge(correlation: value) - charge) < 6e-7)
    }

    @Test func `too few samples or senseless numbers give no bound`() {
        let bound = ConfidenceBound(epsilon: 0x1p-40)
        #expect(bound.upper(0.5, samples: 35, coefficients: 32) == nil)
        #expect(bound.upper(0.5, samples: 35.5, coefficients: 32) != nil)
        #expect(bound.lower(0.5, samples: 3) == nil)
        #expect(bound.upper(1.5, samples: 1000) == nil)
        #expect(bound.upper(.nan, samples: 1000) == nil)
        #expect(bound.upper(0.5, samples: .nan) == nil)
        #expect(ConfidenceBound(epsilon: 0).upper(0.5, samples: 1000) == nil)
        #expect(bound.upper(1, samples: 1000) == 1)
        #expect(ConfidenceBound.charge(correlation: 1) == .infinity)
    }

    @Test func `more estimates widen the bound, and both bounds enclose the estimate`() throws {
        let one = ConfidenceBound(epsilon: 0x1p-40, estimates: 1)
        let many = ConfidenceBound(epsilon: 0x1p-40, estimates: 2000)
        #expect(many.z > one.z)
        #expect(abs(one.z - 7.0477) < 5e-5)
        let low = try #require(one.lower(0.9, samples: 500))
        let high = try #require(one.upper(0.9, samples: 500))
        #expect(low < 0.9 && 0.9 < high)
        #expect(abs((atanh(low) + atanh(high)) / 2 - atanh(0.9)) < 1e-12)
    }

    @Test func `autocorrelated series are worth fewer samples, never more`() {
        #expect(ConfidenceBound.effectiveSamples(count: 100, x: [0.5, 0.25], y: [0.5, 0.25]) == 100 / 1.625)
        #expect(ConfidenceBound.effectiveSamples(count: 100, x: [0.5], y: [-0.5]) == 100)
        #expect(ConfidenceBound.effectiveSamples(count: 100, x: [.nan], y: [1]) == 0)
    }

    @Test func `the Gaussian formulas give the published ceilings`() {
        // Complex, equal signal-to-noise ratio: 10, 15, 20, 25, 30 dB.
        for (decibels, expected) in [(10.0, 2.53), (15, 4.05), (20, 5.67), (25, 7.31), (30, 8.97)] {
            let snr = pow(10, decibels / 10)
            let rho = MutualInformation.correlation(signalToNoise: snr)
            #expect(abs(MutualInformation.complex(coherence: rho) - expected) < 0.0051)
            #expect(
                abs(
                    MutualInformation.snapshot(signalToNoise: snr, eigenvalues: [1])
                        - MutualInformation.complex(coherence: rho)) < 1e-9)
        }
    }

    @Test func `mutual information from a covariance is that of its correlation`() throws {
        let rho = 0.8
        let pair = Matrix([[4, 2 * rho], [2 * rho, 1]])
        #expect(
            abs(try #require(MutualInformation.real(covariance: pair, [0], [1])) + 0.5 * log2(1 - rho * rho))
                < 1e-12)
        #expect(MutualInformation.real(covariance: Matrix([[1, 1], [1, 1]]), [0], [1]) == nil)
        // Eve has Alice's value with noise: I(A;B|E) from the partial correlation.
        let triple = Matrix([[1, 0.8, 0.5], [0.8, 1, 0.4], [0.5, 0.4, 1]])
        let partial = (0.8 - 0.5 * 0.4) / ((1 - 0.25) * (1 - 0.16)).squareRoot()
        let value = try #require(MutualInformation.real(covariance: triple, [0], [1], given: [2]))
        #expect(abs(value + 0.5 * log2(1 - partial * partial)) < 1e-12)
    }
}
