// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The Markov estimate of bits, SP 800-90B, 6.3.3: the likeliest string of 128 bits of a first-order chain.
public struct MarkovEstimate: Sendable, Hashable, Codable {
    /// P_0 and P_1.
    public let initial: [Double]
    /// P_{0,0}, P_{0,1}, P_{1,0} and P_{1,1}; 0 where a bit is never followed by another.
    public let transitions: [Double]
    /// log2 of p̂_max, the probability of the likeliest 128 bits; that itself may be too small for a number.
    public let logProbability: Double
    /// −(log2 p̂_max)/128, at most 1: bits a bit.
    public let minEntropy: Double

    init(_ bits: [UInt8]) {
        var counts = [0, 0, 0, 0]
        var ones = 0
        var before = -1
        for bit in bits {
            let bit = Int(bit)
            ones += bit
            if before >= 0 { counts[before << 1 | bit] += 1 }
            before = bit
        }
        let one = Double(ones) / Double(max(1, bits.count))
        initial = [1 - one, one]
        let rows = [counts[0] + counts[1], counts[2] + counts[3]]
        transitions = counts.indices.map { Double(counts[$0]) / Double(max(1, rows[$0 / 2])) }
        let first = initial.map { log2($0) }
        let next = transitions.map { log2($0) }
        // The six candidates of step 3; a path that can't be taken has logarithm −∞, but 0 · −∞ must not occur.
        let alternating = 64 * next[1] + 63 * next[2]
        let paths = [
            first[0] + 127 * next[0], first[0] + alternating, first[0] + next[1] + 126 * next[3],
            first[1] + next[2] + 126 * next[0], first[1] + 64 * next[2] + 63 * next[1],
            first[1] + 127 * next[3],
        ]
        logProbability = paths.max() ?? 0
        minEntropy = min(1, max(-logProbability / 128, 0))
    }
}
