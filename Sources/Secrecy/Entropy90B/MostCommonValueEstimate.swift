// SPDX-License-Identifier: GPL-3.0-or-later

/// The most common value estimate, SP 800-90B, 6.3.1.
public struct MostCommonValueEstimate: Sendable, Hashable, Codable {
    /// How often the most common symbol occurs.
    public let modeCount: Int
    /// p̂: its proportion.
    public let proportion: Double
    /// p_u: the upper bound of that.
    public let upperBound: Double
    /// −log2 p_u, bits a symbol.
    public let minEntropy: Double

    init(_ symbols: [UInt8]) {
        var counts = [Int](repeating: 0, count: 256)
        for symbol in symbols { counts[Int(symbol)] += 1 }
        modeCount = counts.max() ?? 0
        proportion = Double(modeCount) / Double(max(1, symbols.count))
        upperBound = Entropy90B.upperBound(proportion, trials: symbols.count)
        minEntropy = Entropy90B.minEntropy(upperBound)
    }
}
