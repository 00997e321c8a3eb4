// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The compression estimate of bits, SP 800-90B, 6.3.4: Maurer's universal statistic on blocks of 6 bits.
public struct CompressionEstimate: Sendable, Hashable, Codable {
    /// Bits a block, b.
    static let blockBits = 6
    /// The standard's c, which corrects the deviation for the dependence between distances.
    private static let correction = 0.5907

    /// X̄: mean of log2 of the distance to the same block before.
    public let mean: Double
    /// σ̂ of that.
    public let deviation: Double
    /// X̄′: the mean's lower bound.
    public let lowerBound: Double
    /// p: probability of the likeliest block that explains X̄′; 2⁻⁶ where none does.
    public let probability: Double
    /// −(log2 p)/6, bits a bit.
    public let minEntropy: Double

    /// Nil where fewer than two blocks are left behind the dictionary.
    ///
    /// - Parameter dictionary: d, how many blocks only fill the dictionary; the standard's 1,000.
    init?(_ bits: [UInt8], dictionary: Int = 1000) {
        // Steps 1 to 4: distances of the test blocks, and Σ log2, Σ log2² over them.
        let blocks = bits.count / Self.blockBits
        let tests = blocks - dictionary
        guard tests > 1 else { return nil }
        let logarithms = (0...blocks).map { log2(Double(max(1, $0))) }
        var last = [Int](repeating: 0, count: 1 << Self.blockBits)
        var sum = 0.0
        var squares = 0.0
        for block in 1...blocks {
            var value = 0
            for bit in 0..<Self.blockBits {
                value = value << 1 | Int(bits[(block - 1) * Self.blockBits + bit])
            }
            if block > dictionary {
                // A block that wasn't seen has the distance to the beginning.
                let logarithm = logarithms[block - last[value]]
                sum += logarithm
                squares += logarithm * logarithm
            }
            last[value] = block
        }
        let count = Double(tests)
        mean = sum / count
        deviation = Self.correction * max(0, squares / (count - 1) - mean * mean).squareRoot()
        lowerBound = mean - Entropy90B.z * deviation / count.squareRoot()
        let expectation = BlockDistances(logarithms: logarithms, dictionary: dictionary)
        probability = expectation.probability(mean: lowerBound)
        minEntropy = Entropy90B.minEntropy(probability) / Double(Self.blockBits)
    }
}

/// What 6.3.4 expects of the statistic when one block has probability p and all others share the rest.
private struct BlockDistances {
    /// log2 u at index u.
    let logarithms: [Double]
    let dictionary: Int

    /// Steps 5 and 6: the p ≥ 2⁻⁶ with G(p) + 63 G(q) = `mean`, which falls in p; 2⁻⁶ where even that is too small.
    func probability(mean: Double) -> Double {
        var low = exp2(-Double(CompressionEstimate.blockBits))
        var high = 1.0
        guard expectation(low) > mean else { return low }
        while true {
            let middle = 0.5 * (low + high)
            // Bits beyond the eleventh decimal aren't worth the passes.
            if high - low < 1e-12 { return middle }
            if expectation(middle) > mean { low = middle } else { high = middle }
        }
    }

    private func expectation(_ p: Double) -> Double {
        let others = exp2(Double(CompressionEstimate.blockBits)) - 1
        return share(p) + others * share((1 - p) / others)
    }

    /// G(z) = 1/v Σ_t Σ_{u ≤ t} log2(u) F(z, t, u): each u < t is the same for all test blocks t behind it, so one
    /// pass over u does.
    private func share(_ z: Double) -> Double {
        let blocks = logarithms.count - 1
        var inner = 0.0
        var outer = 0.0
        // (1 − z)^(u − 1)
        var power = 1.0
        for u in 1...blocks {
            inner += logarithms[u] * power * Double(blocks - max(u, dictionary))
            if u > dictionary { outer += logarithms[u] * power }
            power *= 1 - z
            // What follows can't change a digit: no more than blocks² terms below 2⁻¹²⁰.
            if power < 0x1p-120 { break }
        }
        return (z * z * inner + z * outer) / Double(blocks - dictionary)
    }
}
