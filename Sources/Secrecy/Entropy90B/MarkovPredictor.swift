// SPDX-License-Identifier: GPL-3.0-or-later

/// The multi Markov model with counting (MultiMMC) prediction estimate, SP 800-90B, 6.3.9.
///
/// Predictor d says what followed the last d symbols most often; the one that was right most often speaks.
enum MarkovPredictor {
    /// - Parameters:
    ///   - symbols: numbers below `alphabet`.
    ///   - depth: D, the longest context; the standard's.
    ///   - entries: the most (context, symbol) pairs that a predictor remembers; the standard's.
    static func tally(
        _ symbols: [UInt8], alphabet: Int, depth: Int = 16, entries: Int = 100_000
    ) -> PredictionTally {
        if alphabet <= 2 { return bitTally(symbols, depth, entries) }
        let bits = SymbolBits.needed(alphabet)
        return bits * depth <= 64
            ? tally(symbols, UInt64.self, bits, depth, entries)
            : tally(symbols, UInt128.self, bits, depth, entries)
    }

    /// Any alphabet.
    static func tally<Key: FixedWidthInteger & UnsignedInteger>(
        _ symbols: [UInt8], _: Key.Type, _ bits: Int, _ depth: Int, _ entries: Int
    ) -> PredictionTally {
        var tally = PredictionTally()
        guard symbols.count > 2 else { return tally }
        // Everything by context length; index 0 is unused.
        var tables = (0...depth).map {
            ContextTable<Key>(length: $0, symbolBits: bits, capacity: entries)
        }
        let masks = (0...depth).map { $0 * bits < Key.bitWidth ? (1 << Key($0 * bits)) &- 1 : Key.max }
        var remembered = [Int](repeating: 0, count: depth + 1)
        var scores = [Int](repeating: 0, count: depth + 1)
        // The context before the last symbol, where it was found, and −1 where it wasn't.
        var contexts = [Int](repeating: -1, count: depth + 1)
        var winner = 1
        var before = Key(symbols[0])
        for position in 2..<symbols.count {
            let last = symbols[position - 1]
            let now = before << bits | Key(last)
            let symbol = UInt64(symbols[position])
            var isCorrect = false
            let speaking = winner
            for length in 1...depth {
                // Step 3a: learn what followed the context before.
                if length < position {
                    var context = contexts[length]
                    let mayAdd = remembered[length] < entries
                    if context < 0, mayAdd { context = tables[length].insert(before & masks[length]) }
                    if context >= 0, tables[length].count(context, last, mayAdd: mayAdd) {
                        remembered[length] &+= 1
                    }
                }
                // Steps 3b and 3d: predict from the context now.
                let context = length <= position ? tables[length].find(now & masks[length]) : -1
                contexts[length] = context
                if context >= 0, tables[length].prediction(context) & 0xFF == symbol {
                    if length == speaking { isCorrect = true }
                    scores[length] &+= 1
                    if scores[length] >= scores[winner] { winner = length }
                }
            }
            tally.record(isCorrect)
            before = now
        }
        return tally
    }

    /// The same for bits.
    private static func bitTally(_ bits: [UInt8], _ depth: Int, _ entries: Int) -> PredictionTally {
        var tally = PredictionTally()
        guard bits.count > 2 else { return tally }
        var contexts = BitContexts(depth: depth)
        var remembered = [Int](repeating: 0, count: depth + 1)
        var scores = [Int](repeating: 0, count: depth + 1)
        var winner = 1
        var before = Int(bits[0])
        for position in 2..<bits.count {
            let last = bits[position - 1]
            let now = before &<< 1 | Int(last)
            let bit = UInt64(bits[position])
            var isCorrect = false
            let speaking = winner
            for length in 1...min(depth, position) {
                if length < position,
                    contexts.count(
                        BitContexts.cell(before, length), last, mayAdd: remembered[length] < entries)
                {
                    remembered[length] &+= 1
                }
                let prediction = contexts.prediction(BitContexts.cell(now, length))
                if prediction != 0, prediction & 1 == bit {
                    if length == speaking { isCorrect = true }
                    scores[length] &+= 1
                    if scores[length] >= scores[winner] { winner = length }
                }
            }
            tally.record(isCorrect)
            before = now
        }
        return tally
    }
}

enum SymbolBits {
    /// Bits that number the symbols of an alphabet.
    static func needed(_ alphabet: Int) -> Int {
        max(1, Int.bitWidth - max(0, alphabet - 1).leadingZeroBitCount)
    }
}
