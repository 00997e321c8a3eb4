// SPDX-License-Identifier: GPL-3.0-or-later

/// The LZ78Y prediction estimate, SP 800-90B, 6.3.10.
///
/// A dictionary of the contexts seen so far says, of all contexts that fit, the most often seen continuation.
enum DictionaryPredictor {
    /// - Parameters:
    ///   - symbols: numbers below `alphabet`.
    ///   - depth: B, the longest context; the standard's.
    ///   - entries: the most contexts, of all lengths together, in the dictionary; the standard's.
    static func tally(
        _ symbols: [UInt8], alphabet: Int, depth: Int = 16, entries: Int = 65_536
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
        guard symbols.count > depth + 1 else { return tally }
        var tables = (0...depth).map {
            ContextTable<Key>(length: $0, symbolBits: bits, capacity: entries)
        }
        let masks = (0...depth).map { $0 * bits < Key.bitWidth ? (1 << Key($0 * bits)) &- 1 : Key.max }
        var size = 0
        var contexts = [Int](repeating: -1, count: depth + 1)
        var before: Key = 0
        for symbol in symbols[..<depth] { before = before << bits | Key(symbol) }
        for position in depth + 1..<symbols.count {
            let last = symbols[position - 1]
            let now = before << bits | Key(last)
            var best: UInt64 = 0
            for length in stride(from: depth, through: 1, by: -1) {
                // Step 3a: the context before joins the dictionary while there is room, and learns.
                var context = contexts[length]
                if context < 0, size < entries {
                    context = tables[length].insert(before & masks[length])
                    size &+= 1
                }
                if context >= 0 { _ = tables[length].count(context, last, mayAdd: true) }
                // Step 3b: of equally common continuations that of the longest context is said.
                context = tables[length].find(now & masks[length])
                contexts[length] = context
                if context >= 0 {
                    let prediction = tables[length].prediction(context)
                    if prediction >> 8 > best >> 8 { best = prediction }
                }
            }
            tally.record(best > 0 && best & 0xFF == UInt64(symbols[position]))
            before = now
        }
        return tally
    }

    /// The same for bits.
    private static func bitTally(_ bits: [UInt8], _ depth: Int, _ entries: Int) -> PredictionTally {
        var tally = PredictionTally()
        guard bits.count > depth + 1 else { return tally }
        var contexts = BitContexts(depth: depth)
        var size = 0
        var before = bits[..<depth].reduce(0) { $0 << 1 | Int($1) }
        for position in depth + 1..<bits.count {
            let last = bits[position - 1]
            let now = before &<< 1 | Int(last)
            var best: UInt64 = 0
            for length in stride(from: depth, through: 1, by: -1) {
                let cell = BitContexts.cell(before, length)
                let isKnown = contexts.isKnown(cell)
                if isKnown || size < entries {
                    if !isKnown { size &+= 1 }
                    _ = contexts.count(cell, last, mayAdd: true)
                }
                let prediction = contexts.prediction(BitContexts.cell(now, length))
                if prediction >> 1 > best >> 1 { best = prediction }
            }
            tally.record(best > 0 && best & 1 == UInt64(bits[position]))
            before = now
        }
        return tally
    }
}
