// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Statistics
import Testing

/// The ceiling of TGn model D, 52 tones of a 20 MHz channel, one antenna: channel models, 8.1.
@Suite struct CeilingTests {
    static let delays: [Double] = [
        0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 110, 140, 170, 200, 240, 290, 340, 390,
    ]
    static let decibels: [Double] = [
        0, -0.9, -1.7, -2.6, -3.5, -4.3, -5.2, -6.1, -6.9, -7.8, -4.7, -7.3, -9.9, -12.5, -13.7, -18, -22.4,
        -26.7,
    ]

    /// Covariance of the tones' real parts, then imaginary parts; unit power per complex tone counts double.
    static func toneCovariance() -> Matrix {
        let tones = (-26...26).filter { $0 != 0 }.map { Double($0) * 312.5e3 }
        let powers = decibels.map { pow(10, $0 / 10) }
        let sum = powers.reduce(0, +)
        let n = tones.count
        return Matrix(rows: 2 * n, columns: 2 * n) { i, j in
            var re = 0.0
            var im = 0.0
            for (delay, power) in zip(delays, powers) {
                let angle = -2 * Double.pi * (tones[i % n] - tones[j % n]) * delay * 1e-9
                re += power / sum * cos(angle)
                im += power / sum * sin(angle)
            }
            return i / n == j / n ? re : i < n ? -im : im
        }
    }

    @Test(arguments: [(10.0, 26.2), (15, 37.2), (20, 50.1), (25, 64.5), (30, 80.0)])
    func `a snapshot of TGn-D holds the published number of bits`(decibels: Double, bits: Double) throws {
        let covariance = Self.toneCovariance()
        let eigen = try #require(SymmetricEigen(covariance))
        // The real embedding has every eigenvalue twice.
        let values = stride(from: 0, to: eigen.values.count, by: 2).map { eigen.values[$0] }
        let snr = pow(10, decibels / 10)
        let snapshot = MutualInformation.snapshot(signalToNoise: snr, eigenvalues: values)
        #expect(abs(snapshot - bits) < 0.051)
        let effective = pow(values.reduce(0, +), 2) / values.reduce(0) { $0 + $1 * $1 }
        #expect(abs(effective - 2.46) < 0.005)
        // The same from determinants of what both ends see.
        let n = covariance.rows
        let both = Matrix(rows: 2 * n, columns: 2 * n) {
            covariance[$0 % n, $1 % n] + ($0 == $1 ? 1 / snr : 0)
        }
        let information = try #require(
            MutualInformation.real(covariance: both, Array(0..<n), Array(n..<2 * n)))
        #expect(abs(information - snapshot) < 1e-6)
    }
}
