// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The collision estimate of bits, SP 800-90B, 6.3.2: how soon a bit repeats.
public struct CollisionEstimate: Sendable, Hashable, Codable {
    /// v: how many collisions were counted.
    public let collisions: Int
    /// Σ t_i: bits used for them.
    public let time: Int
    /// X̄: mean time to a collision.
    public let mean: Double
    /// σ̂ of that time.
    public let deviation: Double
    /// X̄′: the mean's lower bound.
    public let lowerBound: Double
    /// p: probability of the more likely bit that explains X̄′; ½ where none does.
    public let probability: Double
    /// −log2 p, bits a bit.
    public let minEntropy: Double

    /// Nil where fewer than two collisions were seen.
    init?(_ bits: [UInt8]) {
        // Steps 1 to 6: two equal bits collide at once, else the third equals one of them.
        var position = 0
        var pairs = 0
        var triples = 0
        while position + 1 < bits.count {
            if bits[position] == bits[position + 1] {
                pairs += 1
                position += 2
            } else {
                guard position + 2 < bits.count else { break }
                triples += 1
                position += 3
            }
        }
        collisions = pairs + triples
        guard collisions > 1 else { return nil }
        time = position
        let count = Double(collisions)
        mean = Double(time) / count
        // Σ (t − X̄)² over times that are 2 or 3.
        let squares =
            Double(pairs) * (2 - mean) * (2 - mean) + Double(triples) * (3 - mean) * (3 - mean)
        deviation = (squares / (count - 1)).squareRoot()
        lowerBound = mean - Entropy90B.z * deviation / count.squareRoot()
        // Step 7: for bits the equation is X̄′ = 2 + 2 p (1 − p).
        let discriminant = 0.25 - (lowerBound - 2) / 2
        probability = discriminant > 0 ? min(1, 0.5 + discriminant.squareRoot()) : 0.5
        minEntropy = Entropy90B.minEntropy(probability)
    }
}
