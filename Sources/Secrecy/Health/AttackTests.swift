// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The jump test: rounds whose innovation is an outlier of the commissioned law may have been injected.
public struct JumpTest: Sendable, Hashable {
    /// Commissioned standard deviation of the innovation.
    public let deviation: Double
    /// f_max of the threat model.
    public let injectedFraction: Double

    public init(deviation: Double, injectedFraction: Double) {
        self.deviation = deviation
        self.injectedFraction = injectedFraction
    }

    /// Which rounds earn no credit, and whether there are few enough of them.
    ///
    /// A round is an outlier beyond the two-sided 2⁻²⁰ point of the commissioned normal law; up to that share of
    /// rounds is expected by chance and allowed beside f_max.
    public func run(_ innovations: [Double]) -> (outliers: [Int], result: HealthResult) {
        let name = "jumps"
        guard deviation > 0, deviation.isFinite, (0..<1).contains(injectedFraction), !innovations.isEmpty
        else {
            return (Array(innovations.indices), .failure(name))
        }
        let limit = deviation * Normal.upperQuantile(0x1p-21)
        // Negated, so that NaN is an outlier.
        let outliers = innovations.indices.filter { !(abs(innovations[$0]) <= limit) }
        let chance = Binomial(trials: innovations.count, probability: 0x1p-20).criticalValue(tail: 0x1p-20)
        let allowed = injectedFraction * Double(innovations.count) + Double(chance)
        let result = HealthResult(
            name: name, passed: Double(outliers.count) <= allowed, threshold: allowed,
            localValue: Double(outliers.count))
        return (outliers, result)
    }
}

/// The predictor test: a linear predictor with 32 taps must not guess raw bits better than their claimed entropy
/// allows.
public struct PredictorTest: Sendable, Hashable {
    public static let taps = 32

    /// H, the claimed min-entropy per bit.
    public let entropy: Double

    public init(entropy: Double) { self.entropy = entropy }

    /// Learns on the first half of the bits and guesses the second. Fewer than 1,024 bits fail.
    ///
    /// - Parameter independentShare: how many independent guesses a guess is worth, where bits have a memory.
    public func run(_ bits: [Bool], independentShare: Double = 1, name: String = "predictor") -> HealthResult
    {
        guard entropy > 0, entropy <= 1, bits.count >= 1024, independentShare > 0, independentShare <= 1,
            let accuracy = Self.accuracy(bits)
        else { return .failure(name) }
        return judge(
            accuracy: accuracy, trials: Double(bits.count - bits.count / 2) * independentShare, name: name)
    }

    /// Whether so many guesses, of which that share hit, are more than chance at 2⁻²⁰ makes of the claimed entropy.
    ///
    /// - Parameter trials: independent guesses; less than one counts as one.
    public func judge(accuracy: Double, trials: Double, name: String = "predictor") -> HealthResult {
        guard entropy > 0, entropy <= 1, trials.isFinite, accuracy.isFinite else { return .failure(name) }
        let count = max(1, Int(trials))
        let allowed = Binomial(trials: count, probability: exp2(-entropy)).criticalValue(tail: 0x1p-20)
        let threshold = Double(allowed) / Double(count)
        return HealthResult(
            name: name, passed: accuracy <= threshold, threshold: threshold, localValue: accuracy)
    }

    /// The share of the second half that a predictor guesses which learned on the first; nil for too few bits.
    public static func accuracy(_ bits: [Bool]) -> Double? {
        hits(bits).map { hits in Double(hits.count { $0 }) / Double(hits.count) }
    }

    /// Which bits of the second half it guesses.
    public static func hits(_ bits: [Bool]) -> [Bool]? {
        guard bits.count >= 4 * taps else { return nil }
        let signs = bits.map { $0 ? 1.0 : -1.0 }
        let half = signs.count / 2
        let lesson = Array(signs[..<half])
        let mean = Series.mean(lesson)
        let taps = LevinsonDurbin(
            autocovariance: Series.autocovariance(lesson, maximumLag: Self.taps)
        ).coefficients
        var hits: [Bool] = []
        for index in half..<signs.count {
            var guess = mean
            for (lag, tap) in taps.enumerated() { guess += tap * (signs[index - 1 - lag] - mean) }
            hits.append((guess >= 0) == bits[index])
        }
        return hits
    }
}
