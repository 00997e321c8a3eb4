// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The t-tuple estimate, SP 800-90B, 6.3.5: the most common tuples that are common enough to be counted.
public struct TupleEstimate: Sendable, Hashable, Codable {
    /// Occurrences that make a tuple common.
    static let cutoff = 35

    /// t: the largest length with a common tuple.
    public let length: Int
    /// p̂_max: the largest P[i]^(1/i), P[i] the most common i-tuple's proportion, i = 1…t.
    public let proportion: Double
    /// p_u: the upper bound of that.
    public let upperBound: Double
    /// −log2 p_u, bits a symbol.
    public let minEntropy: Double

    /// Nil where not even a single symbol is common.
    init?(_ tuples: RepeatedTuples, cutoff: Int = Self.cutoff) {
        length = tuples.length(cutoff: cutoff)
        guard length > 0 else { return nil }
        var largest = 0.0
        for i in 1...length {
            let share = Double(tuples.mostCommon[i]) / Double(tuples.count - i + 1)
            largest = max(largest, pow(share, 1 / Double(i)))
        }
        proportion = largest
        upperBound = Entropy90B.upperBound(largest, trials: tuples.count)
        minEntropy = Entropy90B.minEntropy(upperBound)
    }
}
