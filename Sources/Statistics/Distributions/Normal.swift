// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The standard normal distribution, accurate in both tails.
public enum Normal {
    /// Density at `x`.
    public static func density(_ x: Double) -> Double { exp(-0.5 * x * x) / (2 * Double.pi).squareRoot() }

    /// P[X ≤ x]; relative error about x² ulp in the lower tail.
    public static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x * 0.5.squareRoot()) }

    /// P[X > x], without the cancellation of 1 − cumulative(x).
    public static func upperTail(_ x: Double) -> Double { 0.5 * erfc(x * 0.5.squareRoot()) }

    /// The x with P[X ≤ x] = `probability`; −∞ at 0, +∞ at 1, NaN outside [0, 1].
    ///
    /// Wichura's AS 241 (Applied Statistics 37, 1988), polished by one Halley step: relative error about
    /// 1e−15 down to 1e−300. Above ½ the probability itself is rounded: use `upperQuantile` there.
    public static func quantile(_ probability: Double) -> Double {
        guard probability >= 0, probability <= 1 else { return .nan }
        return probability <= 0.5 ? lowerQuantile(probability) : -lowerQuantile(1 - probability)
    }

    /// The z with P[X > z] = `tail`: z for a failure probability like 2⁻⁴⁰/m.
    public static func upperQuantile(_ tail: Double) -> Double { -quantile(tail) }

    /// The quantile for p in [0, ½].
    private static func lowerQuantile(_ p: Double) -> Double {
        guard p > 0 else { return -.infinity }
        let q = p - 0.5
        if abs(q) <= 0.425 {
            let r = 0.180625 - q * q
            return polish(q * polynomial(centralTop, r) / polynomial(centralBottom, r), p)
        }
        var r = (-log(p)).squareRoot()
        let x: Double
        if r <= 5 {
            r -= 1.6
            x = -polynomial(middleTop, r) / polynomial(middleBottom, r)
        } else {
            r -= 5
            x = -polynomial(tailTop, r) / polynomial(tailBottom, r)
        }
        return polish(x, p)
    }

    private static func polish(_ x: Double, _ p: Double) -> Double {
        let density = density(x)
        guard density > 0 else { return x }
        let step = (cumulative(x) - p) / density
        return step.isFinite ? x - step / (1 + 0.5 * x * step) : x
    }

    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        var sum = 0.0
        for coefficient in coefficients.reversed() { sum = sum * x + coefficient }
        return sum
    }

    private static let centralTop = [
        3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
        45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
    ]
    private static let centralBottom = [
        1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
        39307.895800092710610, 28729.085735721942674, 5226.4952788528545610,
    ]
    private static let middleTop = [
        1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
        1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4,
    ]
    private static let middleBottom = [
        1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
        0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ]
    private static let tailTop = [
        6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
        0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ]
    private static let tailBottom = [
        1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ]
}
