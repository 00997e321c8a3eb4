// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// How often tuples of each length repeat in a series: all that 6.3.5 and 6.3.6 need, in linear time however long the
/// repeats are.
struct RepeatedTuples {
    /// Q: occurrences of the most common tuple of each length; index 0 is unused, lengths beyond the end have 1.
    let mostCommon: [Int]
    /// Σ C(C_i, 2) over the different tuples of each length: pairs of places that hold the same tuple.
    let pairs: [Int]
    /// L, the length of the series.
    let count: Int

    /// The longest length with a repeated tuple.
    var longest: Int { mostCommon.count - 1 }

    init(_ symbols: [UInt8]) {
        count = symbols.count
        let suffixes = SuffixArray(symbols)
        let longest = Int(suffixes.commonPrefixes.max() ?? 0)
        var mostCommon = [Int](repeating: 1, count: longest + 1)
        var pairs = [Int](repeating: 0, count: longest + 1)
        suffixes.forEachRepeat { length, outer, count in
            mostCommon[length] = max(mostCommon[length], count)
            let choices = count * (count - 1) / 2
            pairs[length] += choices
            pairs[outer] -= choices
        }
        // A set of suffixes stands for all lengths from its own down to its outer set's.
        for length in stride(from: longest - 1, through: 1, by: -1) {
            mostCommon[length] = max(mostCommon[length], mostCommon[length + 1])
            pairs[length] += pairs[length + 1]
        }
        self.mostCommon = mostCommon
        self.pairs = pairs
    }

    /// The largest length whose most common tuple occurs at least `cutoff` times; 0 for none.
    func length(cutoff: Int) -> Int {
        // Q falls with the length.
        mostCommon.indices.dropFirst().last { mostCommon[$0] >= cutoff } ?? 0
    }
}
