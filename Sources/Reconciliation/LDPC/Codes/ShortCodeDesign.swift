// SPDX-License-Identifier: GPL-3.0-or-later

/// What a code for short frames is made from: shares of column degrees by the leak of its level 0.
///
/// Found by hill climbing on the mean leak at which blind decoding ends, 1,024 soft bits at a time, each share
/// for two drawings of the code; they serve all short lengths.
enum ShortCodeDesign {
    static let degrees = [2, 3, 4, 5, 6, 8, 10, 13, 17, 22]

    /// Shares of the columns in thousandths, by leak in thousandths, ascending.
    static let shares: [(leak: Int, shares: [Int])] = [
        (100, [95, 700, 0, 34, 0, 8, 0, 163, 0, 0]),
        (185, [152, 650, 0, 0, 18, 110, 0, 0, 0, 70]),
        (285, [245, 550, 26, 39, 25, 20, 25, 0, 0, 70]),
        (380, [371, 449, 47, 0, 0, 0, 37, 0, 96, 0]),
        (490, [464, 380, 18, 17, 0, 0, 53, 0, 0, 68]),
        (640, [544, 335, 23, 0, 0, 0, 0, 11, 67, 20]),
        (755, [618, 282, 0, 21, 12, 4, 11, 17, 24, 11]),
        (840, [620, 230, 0, 0, 0, 120, 0, 0, 0, 30]),
    ]

    /// The degree of each of `columns` columns, ascending, for `rows` rows.
    ///
    /// Columns of degree 2 are fewer than rows, so that a chain takes all of them: no codeword is made of them.
    static func columnDegrees(_ columns: Int, rows: Int) -> [Int] {
        let leak = rows * 1000 / columns
        let above = shares.firstIndex { $0.leak >= leak } ?? shares.count - 1
        let below = max(0, above - 1)
        let span = max(1, shares[above].leak - shares[below].leak)
        let part = min(span, max(0, leak - shares[below].leak))
        var result: [Int] = []
        var sum = 0
        for (index, degree) in degrees.enumerated() {
            sum += shares[below].shares[index] * (span - part) + shares[above].shares[index] * part
            var end = index + 1 == degrees.count ? columns : min(columns, sum * columns / (1000 * span))
            if degree == 2 { end = min(end, rows - 1) }
            while result.count < end { result.append(min(degree, rows)) }
        }
        return result
    }
}
