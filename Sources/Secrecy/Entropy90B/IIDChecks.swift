// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// The quick tests of SP 800-90B, 5.2, of whether symbols are independent and of one law (IID).
///
/// They can only refute it: the permutation tests of 5.1, which a claim of IID needs too, aren't among them, and no key
/// of QWave rests on such a claim.
public struct IIDChecks: Sendable, Hashable, Codable {
    /// 5.2.1 or 5.2.3.
    public let independence: ChiSquareCheck
    /// 5.2.2 or 5.2.4.
    public let fit: ChiSquareCheck
    /// 5.2.5: the longest repeated tuple.
    public let longestRepeat: Int
    /// Probability that independent symbols of that law repeat a tuple of this length.
    public let repeatProbability: Double

    /// True while none of the tests refutes IID at 1/1000.
    public var passed: Bool { independence.passed && fit.passed && repeatProbability >= 0.001 }

    /// - Throws: `.badInput` for fewer than `Entropy90B.minimumSymbols` symbols.
    public init(_ series: SymbolSeries) throws(QWaveError) {
        guard series.count >= Entropy90B.minimumSymbols else {
            throw QWaveError(
                .badInput,
                "\(series.count) symbols are too few to test; give \(Entropy90B.minimumSymbols) at least")
        }
        independence = ChiSquareCheck.independence(series)
        fit = ChiSquareCheck.fit(series)
        longestRepeat = RepeatedTuples(series.numbers).longest
        var counts = [Int](repeating: 0, count: series.alphabet)
        for symbol in series.numbers { counts[Int(symbol)] += 1 }
        let collision = counts.reduce(0) { sum, count in
            let share = Double(count) / Double(series.count)
            return sum + share * share
        }
        // 1 − (1 − p^W)^pairs, without losing a small p^W.
        let places = Double(series.count - longestRepeat + 1)
        let once = pow(collision, Double(longestRepeat))
        repeatProbability = once < 1 ? -expm1(places * (places - 1) / 2 * log1p(-once)) : 1
    }
}
