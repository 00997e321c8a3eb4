// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Statistics
import TestSupport
import Testing

@testable import Secrecy

/// Estimates of mutual information beside the closed forms of Gaussian laws.
@Suite struct InformationEstimateTests {
    /// Independent standard normal numbers.
    private struct Gaussian {
        var generator: SplitMix64
        init(seed: UInt64) { generator = SplitMix64(seed: seed) }

        mutating func next() -> Double {
            let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
            return radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &generator))
        }
        /// Of unit power.
        mutating func sample() -> SIMD2<Double> { SIMD2(next(), next()) * 0.5.squareRoot() }
    }

    private func iq(_ value: SIMD2<Double>) -> IQ { IQ(Float(value.x), Float(value.y)) }

    @Test(arguments: [0, 0.4, 0.9, 0.99]) func `nearest neighbors find what a correlation tells`(
        correlation: Double
    ) throws {
        var gaussian = Gaussian(seed: 1)
        var x: [[Double]] = []
        var y: [[Double]] = []
        for _ in 0..<2000 {
            let first = gaussian.next()
            x.append([first])
            y.append([correlation * first + (1 - correlation * correlation).squareRoot() * gaussian.next()])
        }
        let bits = try #require(NearestNeighborInformation.bits(x, y))
        // The estimate scatters by about 0.03 bit at this length.
        #expect(abs(bits - MutualInformation.real(correlation: correlation)) < 0.09)
    }

    @Test func `nearest neighbors see dependence without correlation, and nothing given its cause`() throws {
        var gaussian = Gaussian(seed: 2)
        var x: [[Double]] = []
        var square: [[Double]] = []
        var other: [[Double]] = []
        for _ in 0..<1500 {
            let value = gaussian.next()
            x.append([value])
            square.append([value * value + 0.1 * gaussian.next()])
            other.append([value + 0.5 * gaussian.next()])
        }
        #expect(try #require(NearestNeighborInformation.bits(x, square)) > 1)
        #expect(try #require(NearestNeighborInformation.bits(square, other)) > 0.4)
        let given = try #require(NearestNeighborInformation.bits(square, other, given: x))
        #expect(abs(given) < 0.12)
    }

    @Test func `nearest neighbors of pairs find the information of complex gains`() throws {
        var gaussian = Gaussian(seed: 3)
        let noise = 0.1.squareRoot()
        var alice: [[Double]] = []
        var bob: [[Double]] = []
        for _ in 0..<2000 {
            let gain = gaussian.sample()
            let a = gain + noise * gaussian.sample()
            let b = gain + noise * gaussian.sample()
            alice.append([a.x, a.y])
            bob.append([b.x, b.y])
        }
        let expected = MutualInformation.snapshot(signalToNoise: 10, eigenvalues: [1])
        let bits = try #require(NearestNeighborInformation.bits(alice, bob))
        #expect(abs(bits - expected) < 0.15, "\(bits), \(expected)")
    }

    @Test func `too few points, or unequally many, are no estimate`() {
        #expect(NearestNeighborInformation.bits([[1], [2]], [[1], [2]]) == nil)
        #expect(NearestNeighborInformation.bits([[1], [2]], [[1]], neighbors: 1) == nil)
        #expect(NearestNeighborInformation.bits([[1], [2]], [[1], [2]], given: [[1]], neighbors: 1) == nil)
    }

    /// A first-order fading process seen by two ends and Eve through white noise.
    private struct Fading {
        var memory: Double
        var noise: Double
        /// Eve's share of the same process, the rest being her own of the same memory.
        var overlap: Double

        func series(_ count: Int, seed: UInt64) -> (
            alice: [SIMD2<Double>], bob: [SIMD2<Double>], eve: [SIMD2<Double>]
        ) {
            var gaussian = Gaussian(seed: seed)
            var common = gaussian.sample()
            var own = gaussian.sample()
            let fresh = (1 - memory * memory).squareRoot()
            let deviation = noise.squareRoot()
            var alice: [SIMD2<Double>] = []
            var bob: [SIMD2<Double>] = []
            var eve: [SIMD2<Double>] = []
            for _ in 0..<count {
                common = memory * common + fresh * gaussian.sample()
                own = memory * own + fresh * gaussian.sample()
                alice.append(common + deviation * gaussian.sample())
                bob.append(common + deviation * gaussian.sample())
                let seen = overlap * common + (1 - overlap * overlap).squareRoot() * own
                eve.append(seen + deviation * gaussian.sample())
            }
            return (alice, bob, eve)
        }

        /// The rate in bits a sample: the integral of the closed form over all frequencies.
        func rate(givenEve: Bool) -> Double {
            let steps = 20_000
            return (0..<steps).reduce(0) { sum, step in
                let angle = 2 * Double.pi * (Double(step) + 0.5) / Double(steps)
                let power = (1 - memory * memory) / (1 + memory * memory - 2 * memory * cos(angle))
                // What is left of the common process given Eve's sight of it.
                let known = givenEve ? overlap * overlap * power * power / (power + noise) : 0
                let left = power - known
                let coherence = left * left / ((left + noise) * (left + noise))
                return sum - log2(1 - coherence) / Double(steps)
            }
        }
    }

    @Test(arguments: [(0, 0.1), (0.6, 0.1), (0.8, 1), (0.8, 0.01)])
    func `spectra find the rate of series with memory, with and without Eve`(memory: Double, noise: Double)
        throws
    {
        let fading = Fading(memory: memory, noise: noise, overlap: 0.7)
        let (alice, bob, eve) = fading.series(16_384, seed: 4)
        let plain = try #require(SpectralInformation([alice.map(iq)], [bob.map(iq)]))
        let expected = fading.rate(givenEve: false)
        #expect(abs(plain.rate - expected) < 0.02 + 0.01 * expected, "\(plain.rate), \(expected)")
        let partial = try #require(
            SpectralInformation([alice.map(iq)], [bob.map(iq)], given: [eve.map(iq)]))
        let left = fading.rate(givenEve: true)
        #expect(abs(partial.rate - left) < 0.02 + 0.01 * left, "\(partial.rate), \(left)")
        #expect(left < 0.95 * expected)
    }

    @Test func `the bias is what independent series come out with`() throws {
        var gaussian = Gaussian(seed: 5)
        let alice = (0..<6400).map { _ in iq(gaussian.sample()) }
        let bob = (0..<6400).map { _ in iq(gaussian.sample()) }
        let eve = (0..<6400).map { _ in iq(gaussian.sample()) }
        for (given, names) in [([], 0), ([eve], 1)] as [([[IQ]], Int)] {
            let estimate = try #require(
                SpectralInformation([alice], [bob], given: given, segment: 640, tapers: 2))
            #expect(estimate.averages == 20)
            #expect(abs(estimate.bias - 1 / Double(20 - names - 1) / log(2)) < 1e-12)
            #expect(abs(estimate.rate) < 0.012)
            #expect(estimate.raw > 0.05)
        }
    }

    @Test func `series that don't fit together, or determine one another, are no estimate`() {
        var gaussian = Gaussian(seed: 6)
        let alice = (0..<1024).map { _ in iq(gaussian.sample()) }
        #expect(SpectralInformation([alice], [alice.dropLast()]) == nil)
        #expect(SpectralInformation([alice], [alice]) == nil)
        #expect(SpectralInformation([], [alice]) == nil)
        #expect(SpectralInformation([Array(alice[..<64])], [Array(alice[..<64])]) == nil)
        #expect(SpectralInformation([alice], [Array(alice.reversed())], segment: 1024, tapers: 2) == nil)
    }
}
