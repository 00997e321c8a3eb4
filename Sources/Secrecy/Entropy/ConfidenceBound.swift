// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// Confidence bounds of correlations by Fisher's transform: what an estimate may be charged or credited.
///
/// The transform at tails of 2⁻⁴⁰ is a Gaussian model assumption; the certificate says so.
public struct ConfidenceBound: Sendable, Hashable {
    /// z such that a standard normal exceeds it with probability ε/m.
    public let z: Double

    /// - Parameters:
    ///   - epsilon: probability that any of the estimates is wrong, ε_est.
    ///   - estimates: m, how many estimates must hold together (components × kinds).
    public init(epsilon: Double, estimates: Int = 1) {
        z = Normal.upperQuantile(epsilon / Double(max(1, estimates)))
    }

    /// Upper bound of |R|: tanh(atanh |R| + z/√(n − 3 − p)).
    ///
    /// Nil, which means refuse, where n − 3 − p ≤ 0 or a number makes no sense. |R| = 1 gives 1.
    ///
    /// - Parameters:
    ///   - correlation: the estimate, a correlation or multiple correlation.
    ///   - samples: effective number of samples (`effectiveSamples`).
    ///   - coefficients: p, how many coefficients were fitted.
    public func upper(_ correlation: Double, samples: Double, coefficients: Int = 0) -> Double? {
        guard let margin = margin(samples, coefficients), abs(correlation) <= 1 else { return nil }
        return tanh(atanh(abs(correlation)) + margin)
    }

    /// Lower bound of a (signed) correlation: tanh(atanh ρ − z/√(n − 3 − p)); nil as in `upper`.
    public func lower(_ correlation: Double, samples: Double, coefficients: Int = 0) -> Double? {
        guard let margin = margin(samples, coefficients), abs(correlation) <= 1 else { return nil }
        return tanh(atanh(correlation) - margin)
    }

    private func margin(_ samples: Double, _ coefficients: Int) -> Double? {
        let degrees = samples - 3 - Double(coefficients)
        guard degrees > 0, coefficients >= 0, z.isFinite else { return nil }
        return z / degrees.squareRoot()
    }

    /// n/(1 + 2 Σ ρx(lag) ρy(lag)), lags from 1: how many independent samples a pair of series is worth.
    /// Never more than n, even where the sum is negative.
    ///
    /// - Parameters:
    ///   - x: autocorrelation of one series at lags 1, 2, …
    ///   - y: of the other; lags that one lacks count as 0.
    public static func effectiveSamples(count: Int, x: [Double], y: [Double]) -> Double {
        var sum = 0.0
        for (a, b) in zip(x, y) { sum += a * b }
        guard sum.isFinite else { return 0 }
        return Double(count) / max(1, 1 + 2 * sum)
    }

    /// ½ log2(1/(1 − R²)): what a Gaussian predictor of (multiple) correlation R tells, in bits; +∞ at |R| = 1,
    /// NaN beyond.
    public static func charge(correlation: Double) -> Double {
        abs(correlation) <= 1 ? -0.5 * log2(1 - correlation * correlation) : .nan
    }
}
