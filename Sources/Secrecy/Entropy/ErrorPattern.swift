// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// What the errors between the two ends' symbols look like, and what they tell about the key.
///
/// Alice's component X is standard normal; her symbol s is the M-bit quantile cell of X, her public helper data
/// w the B-bit cell inside it (zero-leakage quantile symbols; de Groot et al. 2016). Bob sees
/// Y = ρ X + √(1 − ρ²) N and decides for the nearest candidate, argmin |y − ρ xᵢ(w)|; without helper data
/// (B = 0) he quantizes y by the same thresholds. Labels are Gray. The error pattern is
/// E = label(s) xor label(ŝ). Eve sees Z = ρ_E X + √(1 − ρ_E²) N′, N′ independent of N.
///
/// Everything by deterministic quadrature, error below 1e−6 bit: both ends compute the same.
public struct ErrorPattern: Sendable, Hashable {
    /// I(S;E|W): what the whole error pattern tells about the symbol, bits per symbol, without an Eve.
    public let charge: Double
    /// I(S;E|W,Z) = I(S;E,Z|W) − I(S;Z|W): the same for an Eve who has measured Z as well; without one the same
    /// as `charge`.
    public let chargeGivenEve: Double
    /// I(X;E|W): what the pattern tells about the whole component. At least `chargeGivenEve` for every ρ_E,
    /// because E, X, Z is a Markov chain; and no memory between symbols can raise the sum above it.
    public let componentCharge: Double
    /// I(S;Z|W), bits per symbol; never above ½ log2(1/(1 − ρ_E²)).
    public let eveInformation: Double
    /// H(E|W), bits per symbol: what an ideal code must send to describe the errors.
    public let errorEntropy: Double
    /// Probability of a wrong bit, by label bit, most significant first.
    public let bitErrorRates: [Double]
    /// Probability of a wrong symbol.
    public let symbolErrorRate: Double

    /// Mean of `bitErrorRates`.
    public var bitErrorRate: Double { Series.mean(bitErrorRates) }

    /// Computes the pattern's law.
    ///
    /// Nil, which means refuse, outside 1 ≤ M ≤ 8, 0 ≤ B ≤ 8, M + B ≤ 12, 0 ≤ ρ ≤ 1, 0 ≤ ρ_E < 1. Correlations
    /// above 1 − 1e−7 are taken as that.
    public init?(bits: Int, helperBits: Int, correlation: Double, eveCorrelation: Double = 0) {
        guard (1...8).contains(bits), (0...8).contains(helperBits), bits + helperBits <= 12,
            correlation >= 0, correlation <= 1, eveCorrelation >= 0, eveCorrelation < 1
        else { return nil }
        var sum = PatternSum(
            bits: bits, helperBits: helperBits, rho: min(correlation, 1 - 1e-7),
            eveRho: min(eveCorrelation, 1 - 1e-4))
        sum.run()
        charge = max(0, sum.errorEntropy - sum.errorEntropyGivenSymbol)
        componentCharge = max(charge, sum.errorEntropy - sum.errorEntropyGivenComponent)
        chargeGivenEve = eveCorrelation > 0 ? max(0, sum.eveErrorInformation) : charge
        eveInformation = eveCorrelation > 0 ? max(0, sum.eveInformation) : 0
        errorEntropy = max(0, sum.errorEntropy)
        bitErrorRates = sum.bitErrors
        symbolErrorRate = sum.symbolErrors
    }

    /// Which charge bounds the leak of the pattern.
    public enum Accounting: String, Sendable, Hashable, Codable {
        /// I(X;E|W): holds for symbols with any memory and for every Eve whose noise is independent of Bob's,
        /// so it needs no ρ_E. For B ≥ 3 it costs some thousandths of a bit more than the other.
        case anyMemory
        /// I(S;E|W,Z), summed over symbols: holds where the symbols are independent of each other, and for the
        /// given ρ_E. Eve's correlation must be an upper bound.
        case independentSymbols
    }

    /// c_err of a component whose correlation is only known to lie in an interval: the largest charge in it.
    /// Nil as in `init`.
    ///
    /// The charge isn't monotone in ρ (it vanishes at both ends), so the interval is searched: a grid of nine
    /// points, then a golden section around the best.
    public static func upperBound(
        bits: Int, helperBits: Int, correlation: ClosedRange<Double>, eveCorrelation: Double = 0,
        accounting: Accounting = .anyMemory
    ) -> Double? {
        func value(_ rho: Double) -> Double? {
            let eve = accounting == .anyMemory ? 0 : eveCorrelation
            let pattern = ErrorPattern(
                bits: bits, helperBits: helperBits, correlation: rho, eveCorrelation: eve)
            return accounting == .anyMemory ? pattern?.componentCharge : pattern?.chargeGivenEve
        }
        let width = correlation.upperBound - correlation.lowerBound
        let steps = width > 0 ? 8 : 0
        var best = (index: 0, charge: -1.0)
        for index in 0...steps {
            let rho = correlation.lowerBound + width * Double(index) / Double(max(1, steps))
            guard let charge = value(min(rho, correlation.upperBound)) else { return nil }
            if charge > best.charge { best = (index, charge) }
        }
        guard steps > 0 else { return best.charge }
        var low = correlation.lowerBound + width * Double(max(0, best.index - 1)) / Double(steps)
        var high = correlation.lowerBound + width * Double(min(steps, best.index + 1)) / Double(steps)
        let golden = 0.5 * (5.0.squareRoot() - 1)
        for _ in 0..<12 {
            let left = high - golden * (high - low)
            let right = low + golden * (high - low)
            guard let a = value(left), let b = value(right) else { return nil }
            best.charge = max(best.charge, a, b)
            if a > b { high = right } else { low = left }
        }
        return best.charge
    }
}

/// −p log2 p, 0 at 0.
@inline(__always)
func plogp(_ p: Double) -> Double { p > 0 ? -p * log2(p) : 0 }
