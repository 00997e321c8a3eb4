// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Bessel functions of the first kind, for Clarke's correlation and its checks.
public enum Bessel {
    public static func j0(_ x: Double) -> Double { Foundation.j0(x) }
    public static func j1(_ x: Double) -> Double { Foundation.j1(x) }
}

/// Pieces of probabilities that keep their relative precision for large counts
/// (Loader, "Fast and accurate computation of binomial probabilities", 2000).
enum SaddlePoint {
    /// ln n! minus Stirling's formula, for n > 0.
    static func stirlingError(_ n: Double) -> Double {
        if n < 16 {
            return lgamma(n + 1) - (n + 0.5) * log(n) + n - 0.5 * log(2 * Double.pi)
        }
        let square = n * n
        return
            (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square)
                / square)
            / n
    }

    /// x ln(x/m) + m − x without cancellation for x near m.
    static func deviance(_ x: Double, _ mean: Double) -> Double {
        if abs(x - mean) < 0.1 * (x + mean) {
            let v = (x - mean) / (x + mean)
            var sum = (x - mean) * v
            var term = 2 * x * v
            for j in 1..<1000 {
                term *= v * v
                let next = sum + term / Double(2 * j + 1)
                if next == sum { return sum }
                sum = next
            }
            return sum
        }
        return x * log(x / mean) + mean - x
    }

    /// e^−m m^x / Γ(x + 1): the Poisson probability, for real x ≥ 0.
    static func poisson(_ x: Double, _ mean: Double) -> Double {
        if x == 0 { return exp(-mean) }
        if mean == 0 { return 0 }
        return exp(-stirlingError(x) - deviance(x, mean)) / (2 * Double.pi * x).squareRoot()
    }
}

/// The regularized incomplete gamma functions.
public enum IncompleteGamma {
    /// Q(a, x) = Γ(a, x)/Γ(a), a > 0, x ≥ 0; NaN elsewhere.
    public static func upper(_ a: Double, _ x: Double) -> Double {
        guard a > 0, x >= 0 else { return .nan }
        guard x > 0 else { return 1 }
        guard x.isFinite else { return 0 }
        return x < a + 1 ? 1 - series(a, x) : fraction(a, x)
    }

    /// P(a, x) = 1 − Q(a, x).
    public static func lower(_ a: Double, _ x: Double) -> Double {
        guard a > 0, x >= 0 else { return .nan }
        guard x > 0 else { return 0 }
        guard x.isFinite else { return 1 }
        return x < a + 1 ? series(a, x) : 1 - fraction(a, x)
    }

    /// P by its power series: all terms positive, good for x < a + 1.
    private static func series(_ a: Double, _ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        var n = a
        for _ in 0..<100_000 {
            n += 1
            term *= x / n
            sum += term
            if term < sum * 1e-17 { break }
        }
        return min(1, sum * SaddlePoint.poisson(a, x))
    }

    /// Q by Legendre's continued fraction (modified Lentz), good for x ≥ a + 1.
    private static func fraction(_ a: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var h = d
        for i in 1..<100_000 {
            let an = -Double(i) * (Double(i) - a)
            b += 2
            d = an * d + b
            if abs(d) < tiny { d = tiny }
            c = b + an / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            let change = d * c
            h *= change
            if abs(change - 1) < 1e-16 { break }
        }
        return min(1, h * a * SaddlePoint.poisson(a, x))
    }
}
