// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Quantization
internal import Statistics

/// An attacker who learns from what was published and guesses what was keyed.
///
/// He is given more than any real one has: the initiator's true scores of the whole past. What he gains is
/// measured as cross-entropy on rows that he never saw. No predictor's cross-entropy lies below the conditional
/// entropy, so a claim above it is refuted, whatever the predictor.
enum TrainedPredictor: String, CaseIterable {
    /// Linear, 32 earlier scores of the same component.
    case autoregressive
    /// Linear with a small ridge: earlier scores of every component, and what Eve has of it (`KeyedView.eve`).
    case ridge
    /// The ridge's, and squares, products and cubes of the nearest of them and of the most telling of hers.
    case quadratic

    /// What an attack by one predictor came to.
    struct Success {
        /// Mean bits per symbol that the attacker lacks, given the helper value, and its standard error.
        var crossEntropy: Double
        var error: Double
        /// Share of signs of the score that he guesses, without helper data.
        var accuracy: Double
        var symbols: Int
        /// R between his guess and the truth.
        var correlation: Double
    }

    /// Attacks one source of a view; nil where the lesson is too short to learn from.
    func attack(_ view: KeyedView, source: Int, bits: Int, helperBits: Int, ridge: Double = 1e-3) -> Success?
    {
        let first = 32
        let lesson = first..<view.published
        let columns = regressors(view, source: source)
        guard lesson.count > 4 * columns.count + 64 else { return nil }
        let target = view.scores[source]
        let means = columns.map { column in Series.mean(lesson.map { column($0) }) }
        let targetMean = Series.mean(lesson.map { target[$0] })
        // Normal equations with a ridge, by hand: the product's own regression is what is under attack.
        let count = columns.count
        var normal = Matrix(rows: count, columns: count)
        var right = Matrix(rows: count, columns: 1)
        var row = [Double](repeating: 0, count: count)
        for index in lesson {
            for c in 0..<count { row[c] = columns[c](index) - means[c] }
            let y = target[index] - targetMean
            for i in 0..<count {
                right[i, 0] += row[i] * y
                for j in 0...i { normal[i, j] += row[i] * row[j] }
            }
        }
        for i in 0..<count { for j in 0..<i { normal[j, i] = normal[i, j] } }
        for i in 0..<count { normal[i, i] += ridge * (normal[i, i] + Double(lesson.count) * 1e-6) }
        guard let weights = Cholesky(normal)?.solve(right) else { return nil }
        func guess(_ index: Int) -> Double {
            var sum = targetMean
            for c in 0..<count { sum += weights[c, 0] * (columns[c](index) - means[c]) }
            return sum
        }
        let residual = lesson.reduce(0) {
            let e = target[$1] - guess($1)
            return $0 + e * e
        }
        let deviation = (residual / Double(max(lesson.count - count, 1))).squareRoot()
        return Self.examine(
            view.keyed.map { (target[$0], guess($0), deviation) }, bits: bits, helperBits: helperBits)
    }

    /// Scores guesses with their spreads against the truth.
    static func examine(
        _ rows: [(truth: Double, guess: Double, deviation: Double)], bits: Int, helperBits: Int
    ) -> Success {
        let cells = Double(1 << (bits + helperBits))
        let edges = (0...Int(cells)).map { Normal.quantile(Double($0) / cells) }
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        var sum = 0.0
        var squares = 0.0
        var hits = 0
        for row in rows {
            let (symbol, helper) = quantizer.split(row.truth)
            var total = 0.0
            var own = 0.0
            for s in 0..<(1 << bits) {
                let cell = s << helperBits | helper
                let low = (edges[cell] - row.guess) / row.deviation
                let high = (edges[cell + 1] - row.guess) / row.deviation
                let p =
                    low > 0
                    ? Normal.upperTail(low) - Normal.upperTail(high)
                    : Normal.cumulative(high) - Normal.cumulative(low)
                // A floor, so that a bold attacker doesn't lose everything by one surprise.
                let floored = max(p, 0) + 1e-6 / cells
                total += floored
                if s == symbol { own = floored }
            }
            let lack = -log2(own / total)
            sum += lack
            squares += lack * lack
            if (row.guess >= 0) == (row.truth >= 0) { hits += 1 }
        }
        let n = Double(max(rows.count, 1))
        let mean = sum / n
        return Success(
            crossEntropy: mean, error: (max(0, squares / n - mean * mean) / n).squareRoot(),
            accuracy: Double(hits) / n, symbols: rows.count,
            correlation: Series.correlation(rows.map(\.guess), rows.map(\.truth)))
    }

    private func regressors(_ view: KeyedView, source: Int) -> [(Int) -> Double] {
        let own = view.scores[source]
        if self == .autoregressive { return (1...32).map { lag in { own[$0 - lag] } } }
        var columns: [(Int) -> Double] = []
        // Every component's past, and what was measured before this component in the same snapshot.
        let lags = view.scores.count == 1 ? 16 : 4
        for (index, scores) in view.scores.enumerated() {
            for lag in 1...lags { columns.append { scores[$0 - lag] } }
            if index < source { columns.append { scores[$0] } }
        }
        let eve = view.eve.indices.contains(source) ? view.eve[source] : []
        for values in eve { columns.append { $0 < values.count ? values[$0] : 0 } }
        guard self == .quadratic else { return columns }
        let near: [(Int) -> Double] =
            [{ own[$0 - 1] }, { own[$0 - 2] }, { own[$0 - 3] }]
            + eve.prefix(6).map { values in { $0 < values.count ? values[$0] : 0 } }
        for i in near.indices {
            for j in 0...i { columns.append { near[i]($0) * near[j]($0) } }
        }
        for value in near { columns.append { value($0) * value($0) * value($0) } }
        return columns
    }

    /// The largest share of signs that a Gaussian predictor can guess who knows `charge` bits of a component:
    /// ½ + arcsin(R)/π.
    static func largestAccuracy(charge: Double) -> Double {
        0.5 + asin((1 - exp2(-2 * max(charge, 0))).squareRoot()) / Double.pi
    }
}
