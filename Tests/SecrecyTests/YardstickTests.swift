// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Statistics
import Testing

/// Published yardsticks: the information of Gaussian channels, and what is left of it net of reconciliation.
@Suite struct YardstickTests {
    private static func snr(_ decibels: Double) -> Double { pow(10, decibels / 10) }

    /// Two ends' view of one real dimension at equal signal-to-noise ratios.
    private static func correlation(_ decibels: Double) -> Double {
        MutualInformation.correlation(signalToNoise: snr(decibels))
    }

    @Test(
        arguments: [
            (5.0, 0.621, 1.24), (10, 1.263, 2.53), (15, 2.025, 4.05), (20, 2.833, 5.67), (25, 3.656, 7.31),
            (30, 4.484, 8.97),
        ])
    func `a dimension and a complex gain hold the published information`(
        decibels: Double, real: Double, complex: Double
    ) throws {
        let rho = Self.correlation(decibels)
        #expect(abs(MutualInformation.real(correlation: rho) - real) < 0.00051)
        #expect(abs(MutualInformation.complex(coherence: rho) - complex) < 0.0051)
        #expect(
            abs(MutualInformation.snapshot(signalToNoise: Self.snr(decibels), eigenvalues: [1]) - complex)
                < 0.0051)
        // The same from a covariance with noise on both diagonals.
        let noise = 1 / Self.snr(decibels)
        let covariance = Matrix(rows: 2, columns: 2) { $0 == $1 ? 1 + noise : 1 }
        let bits = try #require(MutualInformation.real(covariance: covariance, [0], [1]))
        #expect(abs(bits - real) < 0.00051)
    }

    /// Alice, Bob and Eve of two antennas: covariance of one real dimension.
    private static func scene(_ rho: Double, _ eve: [Double]) -> Matrix {
        // Everybody's signal is a share of one fading and noise of his own.
        let shares = [rho.squareRoot(), rho.squareRoot()] + eve
        return Matrix(rows: shares.count, columns: shares.count) { $0 == $1 ? 1 : shares[$0] * shares[$1] }
    }

    @Test(arguments: [[0.4], [0.7], [0.4, 0.4], [0.9, 0.2]])
    func `the secret part of the information is what partial correlation leaves`(eve: [Double]) throws {
        let rho = 0.95
        let covariance = Self.scene(rho, eve)
        let places = Array(2..<2 + eve.count)
        let known = try #require(MutualInformation.real(covariance: covariance, [0], [1]))
        let secret = try #require(MutualInformation.real(covariance: covariance, [0], [1], given: places))
        let eveKnows = try #require(MutualInformation.real(covariance: covariance, [0], places))
        // Maurer's and Ahlswede and Csiszár's bounds: I(A;B) − I(A;E) ≤ capacity ≤ min(I(A;B), I(A;B|E)).
        #expect(known - eveKnows <= secret + 1e-12 && secret < known)
        // For one antenna the partial correlation has a closed form.
        guard let share = eve.first, eve.count == 1 else { return }
        let ofEve = rho.squareRoot() * share
        let partial = (rho - ofEve * ofEve) / (1 - ofEve * ofEve)
        #expect(abs(secret - MutualInformation.real(correlation: partial)) < 1e-12)
        #expect(abs(eveKnows - ConfidenceBound.charge(correlation: ofEve)) < 1e-12)
    }

    @Test(
        arguments: [
            (5.0, 1, 0.25), (10, 1, 0.69), (15, 2, 1.38), (20, 3, 2.11), (25, 4, 2.87), (30, 4, 3.71),
        ])
    func `zero-leakage symbols with hard decisions leave the published net bits`(
        decibels: Double, bits: Int, net: Double
    ) throws {
        let best = try (1...6).map { m -> Double in
            let pattern = try #require(
                ErrorPattern(bits: m, helperBits: 3, correlation: Self.correlation(decibels)))
            let limit = pattern.bitErrorRates.reduce(0) { sum, p in
                sum - p * log2(max(p, 1e-300)) - (1 - p) * log2(max(1 - p, 1e-300))
            }
            return Double(m) - 1.1 * limit
        }
        // The published table counts the mean error rate of all label bits, or B = 8: within a hundredth or two.
        let found = try #require(best.max())
        #expect(abs(found - net) < 0.04, "\(best)")
        #expect(abs(best[bits - 1] - found) < 0.03)
    }

    @Test(arguments: [(5.0, 2, 0.48), (10, 3, 1.11), (15, 4, 1.86), (20, 5, 2.67)])
    func `zero-leakage symbols with soft decisions leave the published net bits`(
        decibels: Double, bits: Int, net: Double
    ) throws {
        let left = try #require(
            SymbolUncertainty.symbol(bits: bits, helperBits: 3, correlation: Self.correlation(decibels)))
        #expect(abs(Double(bits) - 1.05 * left - net) < 0.015)
    }

    @Test func `the regression numbers at 20 dB`() throws {
        let rho = Self.correlation(20)
        let two = try #require(ErrorPattern(bits: 2, helperBits: 3, correlation: rho))
        let three = try #require(ErrorPattern(bits: 3, helperBits: 3, correlation: rho))
        #expect(abs(two.bitErrorRate - 0.0041) < 0.0006 && abs(two.symbolErrorRate - 0.0081) < 0.0012)
        #expect(abs(three.bitErrorRate - 0.0467) < 0.0011 && abs(three.symbolErrorRate - 0.140) < 0.004)
        for (m, rate) in zip(1...4, [0.0448, 0.0581, 0.0826, 0.1253]) {
            let gray = try #require(ErrorPattern(bits: m, helperBits: 0, correlation: rho))
            #expect(abs(gray.bitErrorRate - rate) < 0.001, "\(m): \(gray.bitErrorRate)")
        }
        for (eve, told, known) in [
            (0.1, 0.0069, 0.0072), (0.3, 0.0677, 0.0680), (0.4, 0.1233, 0.1258),
            (0.6, 0.3103, 0.3219),
        ] {
            let pattern = try #require(
                ErrorPattern(bits: 3, helperBits: 3, correlation: rho, eveCorrelation: eve))
            // Published from Monte Carlo.
            #expect(abs(pattern.eveInformation - told) < 0.003)
            #expect(abs(ConfidenceBound.charge(correlation: eve) - known) < 0.0001)
            #expect(pattern.eveInformation <= ConfidenceBound.charge(correlation: eve))
        }
    }

    @Test(arguments: [(10.0, 0.73), (20, 2.17)])
    func `nearest neighbors find the published information of envelopes`(decibels: Double, bits: Double)
        throws
    {
        let noise = (0.5 / Self.snr(decibels)).squareRoot()
        let normals = AttackTestsTests.normals(6 * 3000, seed: 21)
        var alice: [[Double]] = []
        var bob: [[Double]] = []
        for row in 0..<3000 {
            let draw = normals[6 * row..<6 * row + 6].map { $0 }
            let (re, im) = (draw[0] * 0.5.squareRoot(), draw[1] * 0.5.squareRoot())
            alice.append([hypot(re + noise * draw[2], im + noise * draw[3])])
            bob.append([hypot(re + noise * draw[4], im + noise * draw[5])])
        }
        let found = try #require(NearestNeighborInformation.bits(alice, bob))
        #expect(abs(found - bits) < 0.1, "\(found)")
    }

    @Test func `nearest neighbors under-read strong dependence, which is why they only cross-check`() throws {
        // Six dimensions of 16 bits together, 400 points.
        let rho = (1 - exp2(-16.05 / 3)).squareRoot()
        let normals = AttackTestsTests.normals(6 * 400, seed: 22)
        var alice: [[Double]] = []
        var bob: [[Double]] = []
        for row in 0..<400 {
            let draw = Array(normals[6 * row..<6 * row + 6])
            alice.append(Array(draw[..<3]))
            bob.append((0..<3).map { rho * draw[$0] + (1 - rho * rho).squareRoot() * draw[3 + $0] })
        }
        let truth = 3 * MutualInformation.real(correlation: rho)
        let found = try #require(NearestNeighborInformation.bits(alice, bob))
        #expect(abs(truth - 8.025) < 0.001)
        #expect(found < truth - 0.5)
    }
}
