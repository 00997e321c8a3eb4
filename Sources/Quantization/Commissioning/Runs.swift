// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// Rows that come from several recordings, one after the other: what looks at a row's neighbors ends where a
/// recording does, since nothing is known of what lay between two.
struct Runs {
    /// One range for each recording, rising and without gaps.
    let ranges: [Range<Int>]

    /// - Parameter joints: rows at which another recording begins, rising; those outside of the rows count for nothing.
    init(rows: Int, joints: [Int]) {
        let inside = joints.filter { $0 > 0 && $0 < rows }
        ranges = zip([0] + inside, inside + [max(rows, 0)]).filter { $0 < $1 }.map { $0..<$1 }
    }

    /// `change` on each recording by itself; it keeps the count.
    func map(_ x: [Double], _ change: ([Double]) -> [Double]) -> [Double] {
        ranges.count <= 1 ? change(x) : ranges.flatMap { change(Array(x[$0])) }
    }

    /// Where joints lie when every `step`-th row is kept, the first one included.
    static func decimated(_ joints: [Int], stride step: Int) -> [Int] {
        joints.map { ($0 + step - 1) / max(step, 1) }
    }

    /// Autocorrelation at lags 0 … `maximumLag`, from pairs inside one recording only.
    func autocorrelation(_ x: [Double], maximumLag: Int) -> [Double] {
        guard ranges.count > 1 else { return Series.autocorrelation(x, maximumLag: maximumLag) }
        let mean = Series.mean(x)
        let power = Series.variance(x)
        return (0...max(maximumLag, 0)).map { lag in
            var sum = 0.0
            var pairs = 0
            for range in ranges where range.count > lag {
                for row in range.lowerBound..<range.upperBound - lag {
                    sum += (x[row] - mean) * (x[row + lag] - mean)
                }
                pairs += range.count - lag
            }
            return power > 0 && pairs > 0 ? sum / (Double(pairs) * power) : 0
        }
    }
}
