// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The chi-square distribution with `degrees` degrees of freedom.
public struct ChiSquare: Sendable, Hashable {
    public let degrees: Double

    public init(degrees: Double) { self.degrees = degrees }

    /// P[X > x]; precise in relative terms however small.
    public func upperTail(_ x: Double) -> Double { x <= 0 ? 1 : IncompleteGamma.upper(degrees / 2, x / 2) }

    /// P[X ≤ x].
    public func cumulative(_ x: Double) -> Double { x <= 0 ? 0 : IncompleteGamma.lower(degrees / 2, x / 2) }

    /// The x with P[X > x] = `tail`; NaN outside [0, 1]. Relative error below 1e−12.
    public func upperQuantile(_ tail: Double) -> Double {
        guard degrees > 0, tail >= 0, tail <= 1 else { return .nan }
        if tail == 0 { return .infinity }
        if tail == 1 { return 0 }
        // Bisection: unconditionally safe, and nobody asks for quantiles in a hot loop.
        var low = 0.0
        var high = degrees + 10
        while upperTail(high) > tail, high < 1e300 { high *= 2 }
        for _ in 0..<2000 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if upperTail(middle) > tail { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }

    /// The x with P[X ≤ x] = `probability`.
    public func quantile(_ probability: Double) -> Double { upperQuantile(1 - probability) }
}
