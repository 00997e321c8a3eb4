// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// What the estimators of SP 800-90B, section 6.3, have in common.
///
/// Where the standard's text and NIST's reference tool differ, the tool is followed: so results compare.
public enum Entropy90B {
    /// Symbols that the standard asks for (3.1.1); an assessment of fewer is no assessment of a source.
    public static let recommendedSymbols = 1_000_000
    /// Fewer are refused: an estimator would have nothing to count.
    public static let minimumSymbols = 10_000

    /// The normal quantile of 99.5 %, of all confidence bounds here.
    static let z = 2.5758293035489008

    /// The upper bound of a proportion estimated from so many trials: min(1, p + z √(p (1 − p)/(trials − 1))).
    static func upperBound(_ proportion: Double, trials: Int) -> Double {
        min(1, proportion + z * (proportion * (1 - proportion) / Double(max(1, trials - 1))).squareRoot())
    }

    /// −log2 p, and never −0: of equal numbers `max` takes the second.
    static func minEntropy(_ probability: Double) -> Double { max(-log2(probability), 0) }
}
