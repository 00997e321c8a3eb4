// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import TestSupport
import Testing

@testable import Quantization

@Suite struct MemoryTests {
    @Test(arguments: [0.0, 0.3, 0.6, 0.9]) func `an autoregression's memory is its coefficient`(phi: Double) {
        var noise = Gaussians(seed: UInt64(phi * 100))
        let memory = ScalarMemory(scores: noise.autoregression(20_000, phi: phi))
        // R of a fit of p coefficients to n samples errs up by √(p/n) where there is nothing.
        let bias = (Double(memory.parameters) / 20_000).squareRoot()
        #expect(memory.linear >= phi - 0.02 && memory.linear < hypot(phi, bias) + 0.02)
        #expect(memory.correlation >= memory.linear - 1e-6 && memory.correlation < hypot(phi, bias) + 0.03)
        // A Gaussian process tells nothing of the size beyond what its guess of the value does.
        #expect(
            memory.evenCorrelation < 2 * (Double(memory.evenParameters) / memory.evenEffective).squareRoot())
    }

    /// x = s·z with slow s and a fresh sign: the size is predictable, and helper values tell no sizes; the sign isn't.
    @Test func `clustered volatility is charged as memory of the size, not of the value`() {
        var noise = Gaussians(seed: 31)
        let volatility = noise.autoregression(20_000, phi: 0.98).map { exp(0.8 * $0) }
        let raw = volatility.map { $0 * noise.next() }
        let marginal = MarginalDistribution(samples: raw)
        let scores = raw.map { marginal?.score($0) ?? 0 }
        let memory = ScalarMemory(scores: scores)
        let bias = (Double(memory.parameters) / 20_000).squareRoot()
        #expect(memory.correlation < 1.7 * bias && memory.linear < 0.08)
        // ln|x| = 0.8 v + ln|z| of variances 0.64 and 1.234: who knows v exactly has R² = 0.34, and v is known well.
        #expect(memory.evenCorrelation > 0.4 && memory.evenCorrelation < 0.62)
    }

    /// A radio that hops over so many channels comes back to each after that many probes.
    @Test(arguments: [(17, 0.965), (20, 0.95), (24, 0.94), (31, 0.9), (37, 0.9), (300, 0.95)])
    func `a memory of long ago is found and charged`(period: Int, phi: Double) {
        var noise = Gaussians(seed: UInt64(period))
        var x = noise.array(period)
        for n in period..<20_000 {
            x.append(phi * x[n - period] + (1 - phi * phi).squareRoot() * noise.next())
        }
        let memory = ScalarMemory(scores: x)
        #expect(memory.linear > phi - 0.01 && memory.correlation > phi - 0.01)
        // The same at 25 dB: the last visits together tell more than the last one alone.
        let level = pow(10, -25.0 / 20)
        let noisy = ScalarMemory(
            scores: x.map { ($0 + level * noise.next()) / (1 + level * level).squareRoot() })
        #expect(noisy.linear > phi / (1 + level * level) - 0.01)
    }

    @Test func `nothing is found far back where nothing is, and nothing traps`() {
        var noise = Gaussians(seed: 38)
        // Chance takes a lag in one series of 300 or so, of the values or of the sizes.
        let found = (0..<20).map { _ in ScalarMemory.distantLags(noise.array(4000)) }
        #expect(found.filter { $0 != DistantLags() }.count <= 2)
        let slow = ScalarMemory.distantLags(noise.autoregression(20_000, phi: 0.9))
        #expect(slow.odd.count <= 1)
        for count in [0, 1, 16, 17, 130, 200, 1000] {
            #expect(ScalarMemory.distantLags([Double](repeating: 1, count: count)) == DistantLags())
        }
        // A recording too short for its own past is looked at by nothing further back.
        #expect(
            ScalarMemory.distantLags(noise.array(4000), joints: Array(stride(from: 100, to: 4000, by: 100)))
                == DistantLags())
    }

    /// Uncorrelated with its past, and yet an attacker who multiplies knows the sign.
    @Test func `a sign that products of the past foretell is charged`() {
        var noise = Gaussians(seed: 32)
        var x = noise.array(2)
        for n in 2..<20_000 {
            let size = abs(noise.next())
            let clue = x[n - 1] * (x[n - 2] * x[n - 2] - 1)
            x.append(abs(noise.next()) < 1.3 ? (clue < 0 ? -size : size) : (noise.next() < 0 ? -size : size))
        }
        let memory = ScalarMemory(scores: x)
        #expect(memory.correlation > 0.35)
        #expect(memory.correlation > memory.linear + 0.1)
    }

    @Test func `products of the past that foretell the size beyond the sizes are charged`() {
        var noise = Gaussians(seed: 33)
        var x = noise.array(2)
        for n in 2..<20_000 { x.append(noise.next() * (x[n - 1] * x[n - 2] > 0 ? 1.3 : 0.6)) }
        #expect(ScalarMemory(scores: x).evenCorrelation > 0.15)
    }

    @Test func `an eavesdropper's column among the regressors counts`() {
        var noise = Gaussians(seed: 34)
        let x = noise.array(10_000)
        let eve = noise.partner(of: x, rho: 0.7)
        #expect(abs(ScalarMemory(scores: x, eve: [eve]).correlation - 0.7) < 0.03)
        #expect(ScalarMemory(scores: x, eve: [noise.array(10_000)]).correlation < 0.15)
        // Shorter than the scores: no trap.
        #expect(ScalarMemory(scores: x, eve: [Array(eve.prefix(100))]).correlation < 0.2)
    }

    @Test func `few samples and constants trap nowhere`() {
        for count in [0, 1, 2, 3, 5, 17, 64] {
            let memory = ScalarMemory(scores: [Double](repeating: 0, count: count))
            #expect(memory.correlation.isFinite && memory.effective.isFinite)
        }
    }

    /// Σ φ^2l gives n(1 − φ²)/(1 + φ²).
    @Test(arguments: [0.0, 0.5, 0.8]) func `dependent samples count for less, by Bartlett's formula`(
        phi: Double
    ) {
        var noise = Gaussians(seed: 35)
        let (x, y) = (noise.autoregression(20_000, phi: phi), noise.autoregression(20_000, phi: phi))
        let expected = 20_000 * (1 - phi * phi) / (1 + phi * phi)
        #expect(abs(SampleStatistics.effectiveCount(x, y) / expected - 1) < 0.1)
        // It never raises the count.
        let zigzag = (0..<1000).map { $0 % 2 == 0 ? 1.0 : -1 }
        #expect(SampleStatistics.effectiveCount(zigzag, noise.array(1000)) <= 1000)
        #expect(SampleStatistics.effectiveCount([], []) == 0)
    }

    @Test func `Hermite functions are orthonormal under the normal law`() {
        let rule = Quadrature.normal(40)
        let functions: [(Double) -> Double] = [{ $0 }, SampleStatistics.hermite2, SampleStatistics.hermite3]
        for (i, f) in functions.enumerated() {
            #expect(abs(rule.integrate(f)) < 1e-9)
            for (j, g) in functions.enumerated() {
                #expect(abs(rule.integrate { f($0) * g($0) } - (i == j ? 1 : 0)) < 1e-9)
            }
        }
    }

    /// z = 0 leaves the plug-in value; a symbol that is one of four cells out of eight misses one bit.
    @Test func `the deficit is nothing for uniform symbols and what is missing for biased ones`() {
        var noise = Gaussians(seed: 36)
        let uniform = noise.array(50_000)
        let fair = SampleStatistics.deficit(uniform, bits: 2, helperBits: 3, z: 0, effective: 50_000)
        #expect(fair < 0.002)
        let half = uniform.map { abs($0) }
        let biased = SampleStatistics.deficit(half, bits: 3, helperBits: 2, z: 0, effective: 50_000)
        #expect(abs(biased - 1) < 0.002)
        // The bound lies above, falls with more samples, and never exceeds M.
        let few = SampleStatistics.deficit(uniform, bits: 2, helperBits: 3, z: 7, effective: 500)
        let many = SampleStatistics.deficit(uniform, bits: 2, helperBits: 3, z: 7, effective: 50_000)
        #expect(few > many && many > fair)
        #expect(SampleStatistics.deficit(uniform, bits: 2, helperBits: 3, z: 7, effective: 1) == 2)
        #expect(SampleStatistics.deficit([], bits: 2, helperBits: 3, z: 7, effective: 1) == 2)
        // A helper value's own bias is no deficit of the symbol.
        let lattice = (0..<50_000).map { Normal.quantile((Double($0 % 4) + 0.3) / 4) }
        #expect(SampleStatistics.deficit(lattice, bits: 2, helperBits: 2, z: 0, effective: 50_000) < 1e-6)
    }

    @Test func `information is the Gaussian formula's`() {
        #expect(abs(SampleStatistics.information(0.5) - 0.2075187) < 1e-6)
        #expect(abs(SampleStatistics.information(-0.4) - 0.1257688) < 1e-6)
        #expect(SampleStatistics.information(0) == 0 && SampleStatistics.information(1).isFinite)
    }

    @Test func `dependence inside a snapshot is charged at its floor, and above it where it shows`() {
        var noise = Gaussians(seed: 37)
        let plain: (Double, Int) -> Double = { information, _ in information }
        let independent = (0..<6).map { _ in noise.array(4000) }
        #expect(abs(SnapshotDependence(scores: independent, bound: plain).charge - 3) < 1e-9)
        #expect(SnapshotDependence(scores: [independent[0]], bound: plain).charge == 0)
        let many = (0..<20).map { _ in noise.array(1000) }
        #expect(SnapshotDependence(scores: many) { _, _ in 0 }.charge == SnapshotDependence.floorBits)
        // A copy, and a function of an earlier one that no correlation shows.
        let copy = [independent[0], noise.partner(of: independent[0], rho: 0.999)]
        #expect(SnapshotDependence(scores: copy, bound: plain).charge > 4)
        let folded = [independent[0], independent[0].map { SampleStatistics.hermite2($0) }]
        #expect(SnapshotDependence(scores: folded, bound: plain).charge > 4)
        // No bound, no mercy.
        #expect(SnapshotDependence(scores: independent) { _, _ in .infinity }.charge > 50)
    }
}
