// SPDX-License-Identifier: GPL-3.0-or-later

/// The multi most common in window (MultiMCW) prediction estimate, SP 800-90B, 6.3.7.
///
/// Four predictors each say the most common symbol of a window of the past; the one that was right most often speaks.
enum WindowPredictor {
    /// - Parameters:
    ///   - symbols: numbers below `alphabet`.
    ///   - windows: lengths of the windows, shortest first; the standard's.
    static func tally(
        _ symbols: [UInt8], alphabet: Int, windows: [Int] = [63, 255, 1023, 4095]
    ) -> PredictionTally {
        var tally = PredictionTally()
        guard alphabet > 0, let shortest = windows.first, symbols.count > shortest else { return tally }
        // Counts of all windows one behind the other, and each window's mode.
        var counts = [Int](repeating: 0, count: windows.count * alphabet)
        var modes = [Int](repeating: 0, count: windows.count)
        var lastSeen = [Int](repeating: -1, count: alphabet)
        var scores = [Int](repeating: 0, count: windows.count)
        var winner = 0
        for position in 1..<symbols.count {
            let entering = Int(symbols[position - 1])
            lastSeen[entering] = position - 1
            for index in windows.indices {
                let base = index &* alphabet
                counts[base &+ entering] &+= 1
                let gone = position &- windows[index] &- 1
                let leaving = gone >= 0 ? Int(symbols[gone]) : entering
                if gone >= 0 { counts[base &+ leaving] &-= 1 }
                if leaving == modes[index], leaving != entering {
                    modes[index] = mode(counts, base, lastSeen)
                } else if counts[base &+ entering] >= counts[base &+ modes[index]] {
                    // Of equally common symbols the latest is said, and that is this one.
                    modes[index] = entering
                }
            }
            guard position >= shortest else { continue }
            let symbol = Int(symbols[position])
            tally.record(position >= windows[winner] && modes[winner] == symbol)
            for index in windows.indices where position >= windows[index] && modes[index] == symbol {
                scores[index] &+= 1
                if scores[index] >= scores[winner] { winner = index }
            }
        }
        return tally
    }

    /// The most common symbol of a window, of several the one seen last.
    private static func mode(_ counts: [Int], _ base: Int, _ lastSeen: [Int]) -> Int {
        var best = 0
        for symbol in lastSeen.indices.dropFirst() {
            let count = counts[base &+ symbol]
            let most = counts[base &+ best]
            if count > most || (count == most && lastSeen[symbol] > lastSeen[best]) { best = symbol }
        }
        return best
    }
}
