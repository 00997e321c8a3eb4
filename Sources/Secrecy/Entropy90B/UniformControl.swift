// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Symbols of a uniform source, to measure what the estimators say of a perfect one of equal length and width.
///
/// Even such a source is assessed at 0.87 to 0.90 bit a bit from a million bits, and at 0.56 from ten thousand: only
/// the ratio of an assessment to its control says something.
public enum UniformControl {
    /// The seed, public and fixed so that everybody computes the same control: the letters "QWave90B".
    public static let seed: UInt64 = 0x5157_6176_6539_3042

    /// `count` symbols of `bits` bits: the top bits of consecutive outputs of SplitMix64 (Steele, Lea and Flood,
    /// "Fast splittable pseudorandom number generators", 2014) from `seed`.
    public static func series(count: Int, bits: Int) throws(QWaveError) -> SymbolSeries {
        guard (1...8).contains(bits), count > 0, count <= SymbolSeries.bitLimit / bits else {
            throw QWaveError(
                .badInput,
                "there is no control of \(count) symbols of \(bits) bits: 1 to 8 bits, and "
                    + "at most \(SymbolSeries.bitLimit) bits together")
        }
        var state = seed
        let symbols = (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: (z ^ (z >> 31)) >> UInt64(64 - bits))
        }
        return try SymbolSeries(symbols, bits: bits)
    }
}
