// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Testing

@testable import ChannelModels

@Suite struct EveArrayTests {
    /// E[exp(j2π(d/λ)·sin φ)] over a Laplacian density about φ₀, by midpoints of the definition's own interval.
    static func laplacian(wavelengths: Double, center: Double, spread: Double) -> Complex {
        var sum = Complex.zero
        var weight = 0.0
        for step in 0..<40_000 {
            let angle = center + Double.pi * (2 * (Double(step) + 0.5) / 40_000 - 1)
            let density = exp(-2.0.squareRoot() * abs(angle - center) / spread)
            let path = 2 * Double.pi * wavelengths * sin(angle)
            weight += density
            sum = sum + Complex(cos(path), sin(path)) * density
        }
        return sum * (1 / weight)
    }

    @Test(arguments: [TGn.a, .b, .d, .f])
    func `ST-12 clusters correlate each tap as their Laplacian angles say`(model: TGn) {
        var eve = EveParameters()
        eve.scattering = .clusters
        for wavelengths in [0.1, 0.5, 1, 4] {
            for (index, tap) in model.model.taps.enumerated() where index % 5 == 0 {
                for atBob in [true, false] {
                    var expected = Complex.zero
                    var total = 0.0
                    for cluster in model.clusters where cluster.delays.contains(tap.delay) {
                        let place = model.delays.filter { cluster.delays.contains($0) }.firstIndex(
                            of: tap.delay)!
                        let power = pow(10, cluster.decibels[place] / 10)
                        let (angle, spread) =
                            atBob
                            ? (cluster.arrival, cluster.arrivalSpread)
                            : (cluster.departure, cluster.departureSpread)
                        let part = Self.laplacian(
                            wavelengths: wavelengths, center: angle * Double.pi / 180,
                            spread: spread * Double.pi / 180)
                        expected = expected + part * power
                        total += power
                    }
                    let found = eve.correlation(wavelengths: wavelengths, tap: tap, atBob: atBob)
                    #expect((found + expected * (-1 / total)).power.squareRoot() < 1e-4)
                }
            }
        }
    }

    /// Isotropic, so that the covariance is J₀ of the distances; closely spaced, so that it is nearly singular.
    @Test(arguments: [0.5, 0.05])
    func `ST-13 the joint covariance of 64 antennas is one, and is realized`(spacing: Double) throws {
        var parameters = SimulationParameters(model: .rayleigh, probeRate: 0.5, duration: 4)
        parameters.toneIndices = [0]
        parameters.eve = EveParameters(distanceToBob: 0.2 * parameters.wavelength)
        parameters.eve.antennas = 64
        parameters.eve.antennaSpacing = spacing
        let positions = try #require(parameters.eve.distances(toBob: true, wavelength: parameters.wavelength))
        let covariance = EveArray.covariance(positions, isNear: true) {
            Complex(j0(2 * Double.pi * $0), 0)
        }
        let factor = try #require(EveArray.cholesky(covariance, size: 65))
        for i in 0..<65 {
            for j in 0...i {
                let sum = (0..<65).reduce(Complex.zero) {
                    $0 + factor[i * 65 + $1] * factor[j * 65 + $1].conjugate
                }
                #expect((sum + covariance[i * 65 + j] * -1).power.squareRoot() < 1e-5)
            }
        }
        // Realized, over independent runs: against the true channel and among antennas.
        var sums = [Complex](repeating: .zero, count: 4)
        let runs = 4000
        for seed in 0..<runs {
            parameters.channelSeed = UInt64(seed)
            let world = try World(parameters)
            let heard = world.eveResponses(ofAlice: true, at: 3).map { $0[0] }
            let real = world.response(at: 3)[0]
            for (slot, pair) in [
                (real, heard[0]), (real, heard[3]), (heard[0], heard[1]), (heard[7], heard[7]),
            ]
            .enumerated() {
                sums[slot] = sums[slot] + pair.0.conjugate * pair.1
            }
        }
        let distances = [0.2, 0.2 + 3 * spacing, spacing, 0]
        for (sum, distance) in zip(sums, distances) {
            #expect(abs(sum.re / Double(runs) - j0(2 * Double.pi * distance)) < 0.05)
            #expect(abs(sum.im) / Double(runs) < 0.05)
        }
    }

    @Test func `a matrix that is no covariance is refused`() {
        let twice = Complex(2, 0)
        let one = Complex(1, 0)
        #expect(EveArray.cholesky([one, twice, twice, one], size: 2) == nil)
        // Two antennas in one place follow from one another.
        let same = EveArray.cholesky([one, one, one, one], size: 2)
        #expect(same == [one, .zero, one, .zero])
    }

    @Test func `CH-7 antennas are receive antennas of her capture, and leave the first as it was`() throws {
        var parameters = SimulationParameters(duration: 0.2, seed: 3)
        let single = try TwoSidedSimulator(parameters).trace(.eve)
        parameters.eve.antennas = 3
        let triple = try TwoSidedSimulator(parameters).trace(.eve)
        #expect(
            triple.shape(at: 0)
                == SnapshotShape(receiveAntennas: 3, transmitAntennas: 2, subcarriers: 52))
        for index in 0..<single.count {
            #expect(Array(triple.gains(at: index).prefix(104)) == Array(single.gains(at: index)))
        }
        parameters.eve.antennas = 65
        #expect(throws: QWaveError.self) { try TwoSidedSimulator(parameters) }
        parameters.eve.antennas = 1
        parameters.eve.scattering = .clusters
        _ = try TwoSidedSimulator(parameters)
        parameters.model = .rayleigh
        #expect(throws: QWaveError.self) { try TwoSidedSimulator(parameters) }
    }
}
