// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// An eavesdropper's recorded values as regressors of a single recorded value, cleaned like everybody's, as normal
/// scores, with leads and lags.
///
/// She may have recorded any monotone function of what the ends have, and trend removal doesn't commute with such a
/// function: so her values stand there as they are, and also brought to the initiator's distribution first, rising and
/// falling. Each *form* is a whole set of columns; what is charged is the most that any form tells. No union bound is
/// due for that: the largest of several upper bounds bounds each of them, the best form's too.
enum EveColumns {
    /// Her clock isn't the ends' clock: each column stands five times, moved by −2…2 rows.
    static let shifts = -2...2

    /// The forms, each a list of columns with a value for each kept row; empty where she wasn't recorded.
    ///
    /// - Parameters:
    ///   - published: the initiator's published values, one a row from the first on; her rows beyond them take part
    ///     with the distributions of those.
    ///   - scores: the initiator's scores of as many kept rows as her antennas are judged by.
    ///   - most: columns of a form at the most; where she has more, each stands at its best shift only.
    static func forms(
        _ eve: EveFeatures?, published: [Double], trend: TrendRemoval, stride: Int, scores: [Double],
        most: Int
    ) -> [[[Double]]] {
        guard let eve, !published.isEmpty else { return [] }
        let fit = min(eve.rows, published.count)
        let series = eve.strengths
        let forms = [nil, false, true].map { isFalling -> [[Double]] in
            series.map { values in
                guard let isFalling else { return cleaned(values, trend, fit) }
                let match = QuantileMatch(
                    from: Array(values.prefix(fit)), to: Array(published.prefix(fit)), isFalling: isFalling)
                return cleaned(values.map { match($0) }, trend, fit)
            }
        }
        var all = forms
        // Each antenna by the direction in which it goes with the initiator, where these differ.
        let rises = forms[0].map { column in
            let shifted = shifts.map { moved(column, $0, stride) }
            return (shifted.map { correlation($0, scores) }.max { abs($0) < abs($1) } ?? 0) >= 0
        }
        if Set(rises).count > 1 { all.append(rises.indices.map { forms[rises[$0] ? 1 : 2][$0] }) }
        return all.map { columns in
            if columns.count * shifts.count <= most {
                return columns.flatMap { column in shifts.map { moved(column, $0, stride) } }
            }
            return columns.map { column in
                shifts.map { moved(column, $0, stride) }
                    .max { abs(correlation($0, scores)) < abs(correlation($1, scores)) } ?? []
            }
        }
    }

    private static func cleaned(_ values: [Double], _ trend: TrendRemoval, _ fit: Int) -> [Double] {
        let clean = trend.apply(values)
        guard let marginal = MarginalDistribution(samples: Array(clean.prefix(fit))) else {
            return clean.map { _ in 0 }
        }
        return clean.map { marginal.score($0) }
    }

    private static func moved(_ column: [Double], _ shift: Int, _ step: Int) -> [Double] {
        Swift.stride(from: 0, to: column.count, by: step).map { row in
            let index = row + shift
            return column.indices.contains(index) ? column[index] : 0
        }
    }

    private static func correlation(_ column: [Double], _ scores: [Double]) -> Double {
        let count = min(column.count, scores.count)
        return Series.correlation(Array(column.prefix(count)), Array(scores.prefix(count)))
    }
}
