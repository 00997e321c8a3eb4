// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// How well an eavesdropper's recorded snapshots predict each component of gains: upper bounds by linear regression on
/// several fixed sets of `EveRegressors`.
///
/// A set of p columns gives the bound of its multiple correlation with p coefficients. What is charged is the largest
/// bound over all sets. Since each is an upper bound for its own set, the largest is one for the best of them, and no
/// union bound is due: taking the strongest can only raise the charge. What only a larger set than any of these would
/// show isn't bounded.
///
/// The sets of one component: its own component in a view, around the row and by both maps; all components of the view;
/// the strongest directions of her amplitudes, of their logarithms and of canonical gains; the best views together; and
/// given the component's own past at several distances, her part beyond that past, so that I(X; past, Eve) =
/// I(X; past) + I(X; Eve | past) is charged in both its terms.
struct EveRegression {
    /// Columns of a set at the most, and of the smallest ones; between them one for each `rowsPerColumn` independent rows.
    static let mostColumns = 300
    static let fewestColumns = 16
    static let rowsPerColumn = 32.0
    /// Distances of the past, in rows.
    static let pastSteps = [1, 2, 3, 4, 6, 8, 12]
    static let pastLags = 4
    /// Views that are looked at in every way; of further ones only her own component.
    static let thoroughViews = 8

    /// Upper bound of her correlation with each target; nil where too few independent rows carry one.
    let bounds: [Double?]

    /// - Parameters:
    ///   - targets: the initiator's scores, one list for each place of the map in `sources`.
    ///   - effective: how many independent rows each is worth.
    ///   - bound: upper bound of a correlation, from independent rows and coefficients.
    init(
        _ regressors: EveRegressors, targets: [[Double]], sources: [Int], effective: [Double],
        bound: (_ correlation: Double, _ rows: Double, _ coefficients: Int) -> Double?
    ) {
        let rows = targets.first?.count ?? 0
        let independent = effective.min() ?? 0
        let budget = min(
            Self.mostColumns, max(Self.fewestColumns, Int(independent / Self.rowsPerColumn)))
        var worst = [Double?](repeating: 0, count: targets.count)
        func raise(_ place: Int, _ correlation: Double, _ coefficients: Int, rows: Double? = nil) {
            guard let known = worst[place] else { return }
            worst[place] = bound(correlation, rows ?? effective[place], coefficients).map { max(known, $0) }
        }
        func judge(_ set: [[Double]]) {
            guard !set.isEmpty else { return }
            let fit = Self.fit(targets, on: set, rows: rows)
            for place in targets.indices {
                raise(place, fit?.multipleCorrelations[place] ?? 1, set.count)
            }
        }

        var best = [[Sight]](repeating: [], count: targets.count)
        for index in 0..<regressors.views {
            let isThorough = index < Self.thoroughViews || index >= regressors.pairs
            if let view = regressors.view(index, places: sources, first: isThorough ? budget : 0) {
                if isThorough { judge(view.aimed.prefix(budget).filter { !$0.isEmpty }) }
                for (place, source) in sources.enumerated() where source < view.predicted.count {
                    let sight = Sight(view, source, targets[place])
                    // Rows by whichever remembers longer, the other end or she.
                    let rows =
                        isThorough
                        ? min(
                            effective[place],
                            SampleStatistics.effectiveCount(targets[place], sight.columns[0])) : nil
                    let fit = Self.fit([targets[place]], on: sight.columns, rows: targets[place].count)
                    raise(place, fit?.multipleCorrelations.first ?? 1, sight.columns.count, rows: rows)
                    best[place].append(sight)
                    best[place].sort { $0.strength > $1.strength }
                    best[place] = Array(best[place].prefix(EveRegressors.most))
                }
            }
            if isThorough { for set in regressors.directions(index, limit: budget) { judge(set) } }
        }
        for place in targets.indices where !best[place].isEmpty {
            let together = Array(best[place].flatMap(\.columns).prefix(budget))
            let fit = Self.fit([targets[place]], on: together, rows: rows)
            raise(place, fit?.multipleCorrelations.first ?? 1, together.count)
            for step in Self.pastSteps where step * (Self.pastLags + 1) < rows / 4 {
                let (partial, count) = Self.beyondPast(targets[place], best[place][0], step: step)
                raise(place, partial, count)
            }
        }
        bounds = worst
    }

    /// Her columns of one component in one view.
    private struct Sight {
        let strength: Double
        let columns: [[Double]]

        init(_ view: EveRegressors.View, _ source: Int, _ target: [Double]) {
            columns = [view.aimed[source], view.predicted[source], view.early[source], view.late[source]]
            strength = columns.prefix(2).map { abs(Series.correlation($0, target)) }.max() ?? 0
        }
    }

    private static func fit(_ targets: [[Double]], on set: [[Double]], rows: Int) -> Regression? {
        guard set.allSatisfy({ $0.count >= rows }) else { return nil }
        return Regression(
            regressors: Matrix(rows: rows, columns: set.count) { set[$1][$0] },
            targets: Matrix(rows: rows, columns: targets.count) { targets[$1][$0] })
    }

    /// Partial correlation with her columns, now and in the past, given the component's own past; and its coefficients.
    private static func beyondPast(_ x: [Double], _ sight: Sight, step: Int) -> (Double, Int) {
        let first = step * pastLags
        func past(_ series: [Double], _ lags: ClosedRange<Int>) -> [[Double]] {
            lags.map { lag in (first..<x.count).map { series[$0 - lag * step] } }
        }
        let own = past(x, 1...pastLags)
        let hers = sight.columns.map { Array($0[first..<x.count]) } + past(sight.columns[0], 1...2)
        let target = [Array(x[first...])]
        guard let alone = fit(target, on: own, rows: x.count - first)?.residualVariances.first,
            let both = fit(target, on: own + hers, rows: x.count - first)?.residualVariances.first, alone > 0
        else { return (1, pastLags + hers.count) }
        return (max(0, 1 - both / alone).squareRoot(), pastLags + hers.count)
    }
}
