// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The longest repeated substring (LRS) estimate, SP 800-90B, 6.3.6: collisions of tuples that are too rare for the
/// t-tuple estimate.
public struct LongestRepeatEstimate: Sendable, Hashable, Codable {
    /// u: the smallest length without a common tuple.
    public let shortest: Int
    /// v: the largest length with a repeated tuple.
    public let longest: Int
    /// p̂: the largest P_W^(1/W), P_W the collision probability of W-tuples, W = u…v.
    public let proportion: Double
    /// p_u: the upper bound of that.
    public let upperBound: Double
    /// −log2 p_u, bits a symbol.
    public let minEntropy: Double

    /// Nil where no tuple of length u or more repeats.
    init?(_ tuples: RepeatedTuples, cutoff: Int = TupleEstimate.cutoff) {
        shortest = tuples.length(cutoff: cutoff) + 1
        longest = tuples.longest
        guard shortest <= longest else { return nil }
        var largest = 0.0
        for length in shortest...longest {
            let places = Double(tuples.count - length + 1)
            let collisions = Double(tuples.pairs[length]) / (places * (places - 1) / 2)
            largest = max(largest, pow(collisions, 1 / Double(length)))
        }
        proportion = largest
        upperBound = Entropy90B.upperBound(largest, trials: tuples.count)
        minEntropy = Entropy90B.minEntropy(upperBound)
    }
}
