// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Laboratory

/// The yardstick of the attacks: what a guess is worth.
@Suite struct PredictorTests {
    /// Bits that a guess of correlation R leaves of a symbol with B helper bits, from published tables:
    /// I(S;E|W) for ρ_E = 0.1, 0.3, 0.4, 0.6 with M = 3, B = 3.
    @Test(arguments: [(0.1, 0.0069), (0.3, 0.0677), (0.4, 0.1233), (0.6, 0.3103)])
    func `a Gaussian guess gains what theory says`(correlation: Double, information: Double) {
        var generator = ExperimentGenerator(seed: 4)
        let rest = (1 - correlation * correlation).squareRoot()
        let rows = (0..<60_000).map { _ in
            let guess = correlation * generator.normal()
            return (truth: guess + rest * generator.normal(), guess: guess, deviation: rest)
        }
        let success = TrainedPredictor.examine(rows, bits: 3, helperBits: 3)
        #expect(abs(3 - success.crossEntropy - information) < 4 * success.error)
        // ½ + arcsin(R)/π.
        #expect(abs(success.accuracy - (0.5 + asin(correlation) / Double.pi)) < 0.008)
    }

    @Test func `the largest accuracy is that of the correlation which the charge stands for`() {
        // R = 0.5: charge 0.2075 bit, P_guess 0.667.
        #expect(abs(TrainedPredictor.largestAccuracy(charge: 0.20752) - 2.0 / 3) < 1e-4)
        #expect(TrainedPredictor.largestAccuracy(charge: 0) == 0.5)
    }

    @Test func `an overbold guess costs more than no guess`() {
        var generator = ExperimentGenerator(seed: 5)
        let rows = (0..<4000).map { _ in
            (truth: generator.normal(), guess: generator.normal(), deviation: 0.05)
        }
        #expect(TrainedPredictor.examine(rows, bits: 2, helperBits: 2).crossEntropy > 2)
    }

    @Test func `a scene has the correlations that it claims`() {
        var scene = ScalarScene(count: 40_000, snr: 10, memory: 0.6, seed: 3)
        scene.listen(correlation: 0.5, antennas: 2)
        func correlation(_ x: [Double], _ y: [Double]) -> Double {
            var (xx, yy, xy) = (0.0, 0.0, 0.0)
            for (a, b) in zip(x, y) { (xx, yy, xy) = (xx + a * a, yy + b * b, xy + a * b) }
            return xy / (xx * yy).squareRoot()
        }
        #expect(abs(correlation(scene.alice, scene.bob) - 1 / 1.1) < 0.02)
        #expect(
            abs(correlation(Array(scene.fading.dropFirst()), Array(scene.fading.dropLast())) - 0.6) < 0.03)
        #expect(abs(correlation(scene.eve[0], scene.fading) - 0.5) < 0.03)
        let sum = zip(scene.eve[0], scene.eve[1]).map { $0 + $1 }
        let r = correlation(sum, scene.alice)
        #expect(abs(r * r - scene.explained(correlation: 0.5, antennas: 2)) < 0.03)
    }
}
