// SPDX-License-Identifier: GPL-3.0-or-later

/// The ten estimates of SP 800-90B, 6.3, of one series, with everything that went into them.
public struct NonIIDEstimates: Sendable, Hashable, Codable {
    public let mostCommonValue: MostCommonValueEstimate
    /// Of bits only, as the next two.
    public let collision: CollisionEstimate?
    public let markov: MarkovEstimate?
    public let compression: CompressionEstimate?
    /// Nil where no symbol is common enough.
    public let tuple: TupleEstimate?
    /// Nil where nothing long enough repeats.
    public let longestRepeat: LongestRepeatEstimate?
    public let window: PredictionEstimate
    public let lag: PredictionEstimate
    public let markovPrediction: PredictionEstimate
    public let dictionary: PredictionEstimate

    /// - Parameters:
    ///   - symbols: numbers below `alphabet`.
    ///   - progress: gets the done fraction.
    init(_ symbols: [UInt8], alphabet: Int, progress: (Double) -> Void) {
        let isBinary = alphabet <= 2
        mostCommonValue = MostCommonValueEstimate(symbols)
        collision = isBinary ? CollisionEstimate(symbols) : nil
        markov = isBinary ? MarkovEstimate(symbols) : nil
        compression = isBinary ? CompressionEstimate(symbols) : nil
        progress(0.1)
        let tuples = RepeatedTuples(symbols)
        tuple = TupleEstimate(tuples)
        longestRepeat = LongestRepeatEstimate(tuples)
        progress(0.4)
        window = PredictionEstimate(
            WindowPredictor.tally(symbols, alphabet: alphabet), alphabet: alphabet)
        progress(0.5)
        lag = PredictionEstimate(LagPredictor.tally(symbols), alphabet: alphabet)
        progress(0.6)
        markovPrediction = PredictionEstimate(
            MarkovPredictor.tally(symbols, alphabet: alphabet), alphabet: alphabet)
        progress(0.8)
        dictionary = PredictionEstimate(
            DictionaryPredictor.tally(symbols, alphabet: alphabet), alphabet: alphabet)
        progress(1)
    }

    /// One row of a table of estimates.
    public struct Row: Sendable, Hashable, Codable {
        /// The estimator's name in the standard.
        public let name: String
        /// Its section of the standard.
        public let section: String
        /// Bits a symbol.
        public let minEntropy: Double
    }

    /// The estimates that exist, in the standard's order.
    public var rows: [Row] {
        let all: [(String, Double?)] = [
            ("most common value", mostCommonValue.minEntropy), ("collision", collision?.minEntropy),
            ("Markov", markov?.minEntropy), ("compression", compression?.minEntropy),
            ("t-tuple", tuple?.minEntropy), ("longest repeated substring", longestRepeat?.minEntropy),
            ("MultiMCW prediction", window.minEntropy), ("lag prediction", lag.minEntropy),
            ("MultiMMC prediction", markovPrediction.minEntropy), ("LZ78Y prediction", dictionary.minEntropy),
        ]
        return all.enumerated().compactMap { index, row in
            row.1.map { Row(name: row.0, section: "6.3.\(index + 1)", minEntropy: $0) }
        }
    }

    /// The smallest estimate, bits a symbol.
    public var minEntropy: Double { rows.map(\.minEntropy).min() ?? 0 }
}
