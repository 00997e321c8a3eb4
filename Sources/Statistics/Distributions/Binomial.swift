// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The binomial distribution: `trials` trials of success `probability` each.
public struct Binomial: Sendable, Hashable {
    public let trials: Int
    public let probability: Double

    /// - Precondition: `trials` ≥ 0; a probability outside [0, 1] or NaN makes every answer NaN.
    public init(trials: Int, probability: Double) {
        precondition(trials >= 0, "a negative number of trials")
        self.trials = trials
        self.probability = probability
    }

    private var isProper: Bool { probability >= 0 && probability <= 1 }

    /// P[X = k], relative error about 1e−14 (Loader's saddle point).
    public func mass(_ k: Int) -> Double {
        guard isProper else { return .nan }
        guard k >= 0, k <= trials else { return 0 }
        let n = Double(trials)
        let p = probability
        if p == 0 { return k == 0 ? 1 : 0 }
        if p == 1 { return k == trials ? 1 : 0 }
        if k == 0 { return exp(n * log1p(-p)) }
        if k == trials { return exp(n * log(p)) }
        let x = Double(k)
        let exponent =
            SaddlePoint.stirlingError(n) - SaddlePoint.stirlingError(x) - SaddlePoint.stirlingError(n - x)
            - SaddlePoint.deviance(x, n * p) - SaddlePoint.deviance(n - x, n * (1 - p))
        return exp(exponent) * (n / (2 * Double.pi * x * (n - x))).squareRoot()
    }

    /// P[X ≥ k]; precise in relative terms above the mean.
    public func upperTail(_ k: Int) -> Double {
        guard isProper else { return .nan }
        if k <= 0 { return 1 }
        if k > trials { return 0 }
        if Double(k) <= Double(trials) * probability { return max(0, 1 - lowerSum(k - 1)) }
        var term = mass(k)
        var sum = term
        let odds = probability / (1 - probability)
        var index = k
        while index < trials, term > sum * 1e-18 {
            term *= Double(trials - index) / Double(index + 1) * odds
            sum += term
            index += 1
        }
        return min(1, sum)
    }

    /// P[X ≤ k].
    public func cumulative(_ k: Int) -> Double {
        guard isProper else { return .nan }
        if k < 0 { return 0 }
        if k >= trials { return 1 }
        return Double(k) >= Double(trials) * probability ? 1 - upperTail(k + 1) : lowerSum(k)
    }

    private func lowerSum(_ k: Int) -> Double {
        var term = mass(k)
        var sum = term
        let odds = (1 - probability) / probability
        var index = k
        while index > 0, term > sum * 1e-18 {
            term *= Double(index) / Double(trials - index + 1) * odds
            sum += term
            index -= 1
        }
        return min(1, sum)
    }

    /// The smallest k with P[X > k] ≤ `tail`: critbinom(n, p, 1 − tail) of SP 800-90B, 4.4.2, without the
    /// rounding of 1 − tail.
    public func criticalValue(tail: Double) -> Int {
        guard isProper, tail >= 0 else { return trials }
        var low = 0
        var high = trials
        while low < high {
            let middle = low + (high - low) / 2
            if upperTail(middle + 1) <= tail { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
