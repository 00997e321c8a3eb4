// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Statistics
import TestSupport
import Testing

@testable import Quantization

@Suite struct FilterTests {
    static func noise(_ count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            let u = (Double(random.next() >> 11) + 1) * 0x1p-53
            return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * Double(random.next() >> 11) * 0x1p-53)
        }
    }

    /// Tables of Savitzky and Golay's paper (with Steinier, Termonia and Deltour's corrections).
    @Test(arguments: [
        (5, 2, [-3.0, 12, 17, 12, -3], 35.0), (5, 3, [-3, 12, 17, 12, -3], 35),
        (7, 3, [-2, 3, 6, 7, 6, 3, -2], 21), (9, 2, [-21, 14, 39, 54, 59, 54, 39, 14, -21], 231),
        (11, 3, [-36, 9, 44, 69, 84, 89, 84, 69, 44, 9, -36], 429),
        (7, 4, [5, -30, 75, 131, 75, -30, 5], 231),
    ])
    func `Savitzky-Golay has the published coefficients`(
        window: Int, order: Int, weights: [Double], norm: Double
    ) {
        let filter = SavitzkyGolay(window: window, order: order)
        #expect(zip(filter.coefficients, weights).allSatisfy { abs($0 - $1 / norm) < 1e-12 })
    }

    @Test func `Savitzky-Golay passes a cubic unchanged, edges included, and falls noise by its window`() {
        let cubic = (0..<40).map { n in
            let t = Double(n) / 10
            return 1 - 2 * t + 0.5 * t * t - 0.3 * t * t * t
        }
        let filter = SavitzkyGolay()
        #expect(zip(filter.apply(cubic), cubic).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(filter.apply([1, 2, 3]) == [1, 2, 3])
        let noise = Self.noise(20_000, seed: 1)
        // The variance of the middle weights: their squares' sum, 89/429.
        let left = Series.variance(filter.apply(noise)[10..<19_990])
        #expect(abs(left - 89.0 / 429) < 0.01)
    }

    @Test func `the moving average is the mean of what there is of its window`() {
        #expect(MovingAverage().apply([1, 2, 6, 3]) == [1.5, 3, 11.0 / 3, 4.5])
        #expect(MovingAverage(window: 1).apply([4, 5]) == [4, 5])
    }

    @Test func `db4 is orthonormal with four vanishing moments`() {
        let (h, g) = (WaveletShrinkage.scaling, WaveletShrinkage.wavelet)
        #expect(abs(h.reduce(0, +) - 2.0.squareRoot()) < 1e-12)
        for shift in stride(from: 0, to: 8, by: 2) {
            let own = (0..<8 - shift).reduce(0) { $0 + h[$1] * h[$1 + shift] }
            #expect(abs(own - (shift == 0 ? 1 : 0)) < 1e-12)
            let cross = (0..<8).reduce(0) { $0 + ($1 + shift < 8 ? g[$1] * h[$1 + shift] : 0) }
            #expect(abs(cross) < 1e-12)
        }
        for power in 0..<4 {
            #expect(abs(g.indices.reduce(0) { $0 + g[$1] * pow(Double($1), Double(power)) }) < 1e-8)
        }
    }

    @Test func `the wavelet transform is perfectly undone, and keeps energy`() {
        let x = Self.noise(64, seed: 3)
        let (low, high) = WaveletShrinkage.analyze(x)
        let again = WaveletShrinkage.synthesize(low, high)
        #expect(zip(again, x).allSatisfy { abs($0 - $1) < 1e-10 })
        let energy = (low + high).reduce(0) { $0 + $1 * $1 }
        #expect(abs(energy - x.reduce(0) { $0 + $1 * $1 }) < 1e-9)
    }

    @Test func `wavelet shrinkage takes most of the noise out of a smooth stream and leaves it its shape`() {
        for count in [1000, 1003] {
            let clean = (0..<count).map { sin(2 * Double.pi * Double($0) / 200) }
            let noisy = zip(clean, Self.noise(count, seed: 5)).map { $0 + 0.2 * $1 }
            let cleaned = WaveletShrinkage().apply(noisy)
            #expect(cleaned.count == count)
            func error(_ x: [Double]) -> Double {
                zip(x, clean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            }
            #expect(error(cleaned) < 0.3 * error(noisy))
        }
        #expect(WaveletShrinkage().apply([1, 2, 3]) == [1, 2, 3])
    }

    @Test func `a delay window passes echoes within it and keeps delays over tones of the noise`() throws {
        let tones = Bandwidth.mhz20.toneIndices
        let window = try #require(DelayWindow(tones: tones))
        let echoes: [(delay: Int, re: Double, im: Double)] = [
            (-2, 0.3, -0.2), (0, 1, 0.5), (7, -0.4, 0.1), (16, 0.2, 0.2),
        ]
        let gains = tones.map { tone in
            var (re, im) = (0.0, 0.0)
            for echo in echoes {
                let turn = -2 * Double.pi * Double(tone * echo.delay) / 64
                re += echo.re * cos(turn) - echo.im * sin(turn)
                im += echo.re * sin(turn) + echo.im * cos(turn)
            }
            return IQ(Float(re), Float(im))
        }
        #expect(zip(window.apply(gains), gains).allSatisfy { ($0 - $1).power < 1e-9 })
        var power = 0.0
        let runs = 400
        for run in 0..<runs {
            let draws = Self.noise(2 * tones.count, seed: UInt64(run))
            let noise = tones.indices.map { IQ(Float(draws[2 * $0]), Float(draws[2 * $0 + 1])) }
            power += window.apply(noise).reduce(0) { $0 + Double($1.power) }
        }
        #expect(abs(power / Double(2 * tones.count * runs) - 19.0 / 52) < 0.01)
        #expect(DelayWindow(tones: [1, 2, 3]) == nil)
        // Every second tone can't tell delays apart that lie half the transform from each other.
        #expect(DelayWindow(tones: Array(stride(from: -60, to: 60, by: 2)), delays: 0...40) == nil)
    }

    @Test func `calibration finds the ratio of the two directions' hardware`() throws {
        var parameters = SimulationParameters(snr: 25, duration: 2, seed: 8)
        parameters.impairments = .none
        parameters.impairments.hardwareFilters = true
        parameters.turnaround = 0
        let simulator = try TwoSidedSimulator(parameters)
        let (alice, bob) = (try simulator.trace(.alice), try simulator.trace(.bob))
        func snapshots(_ trace: ChannelTrace, _ range: Range<Int>) -> [[IQ]] {
            range.map { Array(trace.gains(at: $0)) }
        }
        let calibration = try #require(
            ReciprocityCalibration(
                initiator: snapshots(alice, 0..<ReciprocityCalibration.probes),
                responder: snapshots(bob, 0..<ReciprocityCalibration.probes)))
        func error(_ range: Range<Int>, calibrated: Bool) -> Double {
            range.reduce(0.0) { sum, index in
                let own = Array(alice.gains(at: index))
                let seen = calibrated ? calibration.apply(own) : own
                return sum + zip(seen, bob.gains(at: index)).reduce(0) { $0 + Double(($1.0 - $1.1).power) }
            }
        }
        // On other probes than those that it was measured on.
        #expect(error(64..<100, calibrated: true) < 0.5 * error(64..<100, calibrated: false))
        #expect(ReciprocityCalibration(initiator: [], responder: []) == nil)
        #expect(ReciprocityCalibration(initiator: [[.zero]], responder: [[IQ(1, 0)]]) == nil)
        #expect(ReciprocityCalibration(initiator: [[IQ(1, 0)]], responder: [[IQ(1, 0), IQ(1, 0)]]) == nil)
    }
}
