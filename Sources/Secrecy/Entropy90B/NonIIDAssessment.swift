// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The non-IID assessment of a series by SP 800-90B, 3.1.3 and 6.3.
///
/// ```
/// let series = try SymbolSeries(symbols, bits: 2)
/// let assessment = try NonIIDAssessment(series)
/// print(assessment.minEntropy)      // bits a symbol: 1.8 of 2 for a perfect source of a million symbols
/// ```
///
/// The result says how well ten ways of guessing did. It is **no lower bound** and no evidence of secrecy: a pattern
/// that none of them knows passes, and what an eavesdropper measured isn't asked at all.
public struct NonIIDAssessment: Sendable, Hashable, Codable {
    public let symbols: Int
    /// Bits a symbol.
    public let bits: Int
    /// Different symbols.
    public let alphabet: Int
    /// The estimates of the symbols themselves.
    public let literal: NonIIDEstimates
    /// The estimates of their bits, most significant first; nil where there are two symbols or fewer.
    public let bitString: NonIIDEstimates?

    /// H_original: the smallest estimate of the symbols, bits a symbol.
    public var original: Double { literal.minEntropy }
    /// H_bitstring · bits: the smallest estimate of the bits, bits a symbol.
    public var perSymbolOfBits: Double? { bitString.map { Double(bits) * $0.minEntropy } }
    /// The assessed min-entropy, bits a symbol: the smallest of everything.
    public var minEntropy: Double { min(Double(bits), original, perSymbolOfBits ?? .infinity) }

    /// - Parameter progress: gets the done fraction, 0 to 1.
    /// - Throws: `.badInput` for fewer than `Entropy90B.minimumSymbols` symbols.
    public init(_ series: SymbolSeries, progress: (Double) -> Void = { _ in }) throws(QWaveError) {
        guard series.count >= Entropy90B.minimumSymbols else {
            throw QWaveError(
                .badInput,
                "\(series.count) symbols are too few to assess; SP 800-90B asks for "
                    + "\(Entropy90B.recommendedSymbols), and fewer than \(Entropy90B.minimumSymbols) say nothing"
            )
        }
        self.init(unchecked: series, progress: progress)
    }

    /// The same for any number of symbols.
    init(unchecked series: SymbolSeries, progress: (Double) -> Void = { _ in }) {
        symbols = series.count
        bits = series.bits
        alphabet = series.alphabet
        let hasBits = series.alphabet > 2
        let share = hasBits ? 1 / Double(1 + series.bits) : 1
        literal = NonIIDEstimates(series.numbers, alphabet: series.alphabet) { progress($0 * share) }
        bitString =
            hasBits
            ? NonIIDEstimates(series.bitString, alphabet: 2) { progress(share + $0 * (1 - share)) } : nil
    }
}
