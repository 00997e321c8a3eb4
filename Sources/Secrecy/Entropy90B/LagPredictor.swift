// SPDX-License-Identifier: GPL-3.0-or-later

/// The lag prediction estimate, SP 800-90B, 6.3.8.
///
/// Predictor d says the symbol d places back; the one that was right most often speaks.
enum LagPredictor {
    /// Places that are handled at once: within them only predictors close to the best score can take the lead.
    private static let stretch = 64

    /// - Parameter depth: D, the largest lag; the standard's.
    static func tally(_ symbols: [UInt8], depth: Int = 128) -> PredictionTally {
        var tally = PredictionTally()
        // Scores and winner by lag; index 0 is unused.
        var scores = [Int](repeating: 0, count: depth + 1)
        var winner = 1
        var rivals: [Int] = []
        rivals.reserveCapacity(depth)
        var begin = 1
        while begin < symbols.count {
            let end = min(symbols.count, begin + stretch)
            // The best score never falls, and a score rises by one a place: who lies further back than the stretch
            // is long can't win in it, and is counted without looking at the order.
            rivals.removeAll(keepingCapacity: true)
            for lag in 1...depth {
                if scores[lag] + stretch >= scores[winner] {
                    rivals.append(lag)
                } else {
                    scores[lag] += hits(symbols, begin, end, lag)
                }
            }
            for position in begin..<end {
                let symbol = symbols[position]
                tally.record(winner <= position && symbols[position &- winner] == symbol)
                for lag in rivals {
                    if lag > position { break }
                    if symbols[position &- lag] == symbol {
                        scores[lag] &+= 1
                        if scores[lag] >= scores[winner] { winner = lag }
                    }
                }
            }
            begin = end
        }
        return tally
    }

    /// How often predictor `lag` is right in begin..<end.
    private static func hits(_ symbols: [UInt8], _ begin: Int, _ end: Int, _ lag: Int) -> Int {
        let first = max(begin, lag)
        guard first < end else { return 0 }
        let bytes = unsafe symbols.span.bytes
        let sevens: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        var count = 0
        var position = first
        while position &+ 8 <= end {
            // Eight at once: a byte of the difference is 0 where the symbols agree, and only then is its top bit
            // clear after adding 127 to the lower seven. Any bytes make a word.
            let now = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            let before = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position &- lag, as: UInt64.self)
            let difference = now ^ before
            count &+= (~(((difference & sevens) &+ sevens) | difference | sevens)).nonzeroBitCount
            position &+= 8
        }
        while position < end {
            if symbols[position] == symbols[position &- lag] { count &+= 1 }
            position &+= 1
        }
        return count
    }
}
