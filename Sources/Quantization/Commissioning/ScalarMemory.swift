// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// What the past of one recorded feature tells about its next value, measured on the feature itself.
///
/// Two charges, for the two ways in which H(Sⁿ|Wⁿ) loses against Σ H(S|W):
/// - I(S_k; past | W_k): the multiple correlation of the normal score with its past, with cubes and products of
///   the past among the regressors, since signal strength is not a linear function of the channel;
/// - I(W_k; S_<k | W_<k): how far products of past values tell the size of the next beyond the past sizes, which
///   the published helper values tell anyway.
struct ScalarMemory {
    static let lags = 16
    static let products = 6
    /// Rows that the regressions use at the most: more would only tighten the bounds.
    static let maximumRows = 40_000

    /// R of the score on the past (and on Eve where given), linear and odd nonlinear together.
    let correlation: Double
    /// Partial R of the second Hermite function on products of the past, given its squares.
    let evenCorrelation: Double
    /// Independent samples behind `correlation` and `evenCorrelation`.
    let effective: Double
    let evenEffective: Double
    let parameters: Int
    let evenParameters: Int
    /// R of the score on the past by itself, linear: for the static-channel test.
    let linear: Double

    /// - Parameter eve: her recorded features at the same rows, each a column; with leads and lags.
    init(scores: [Double], eve: [[Double]] = []) {
        let n = min(scores.count, Self.maximumRows)
        let lags = min(Self.lags, max(2, n / 64))
        let products = min(Self.products, lags)
        let first = lags
        let rows = max(n - lags, 2)
        // Regressors: past scores, their cubes, products x_i·He2(x_j); then Eve's columns.
        var odd: [(Int, Int)] = []
        for i in 1...products { for j in 1...products where i != j { odd.append((i, j)) } }
        var even: [(Int, Int)] = []
        for i in 1...products { for j in 1..<max(i, 1) { even.append((i, j)) } }
        let p = 2 * lags + odd.count + eve.count
        let x = scores
        func at(_ row: Int, _ lag: Int) -> Double {
            let i = first + row - lag; return i >= 0 && i < x.count ? x[i] : 0
        }

        let oddRegressors = Matrix(rows: rows, columns: p) { row, column in
            if column < lags { return at(row, column + 1) }
            if column < 2 * lags { return SampleStatistics.hermite3(at(row, column - lags + 1)) }
            if column < 2 * lags + odd.count {
                let (i, j) = odd[column - 2 * lags]
                return at(row, i) * SampleStatistics.hermite2(at(row, j))
            }
            let values = eve[column - 2 * lags - odd.count]
            let i = first + row
            return i < values.count ? values[i] : 0
        }
        let target = Matrix(rows: rows, columns: 1) { row, _ in at(row, 0) }
        let fit = Regression(regressors: oddRegressors, targets: target)
        correlation = fit?.multipleCorrelations.first ?? 1
        parameters = p
        effective = Self.effective(fit, oddRegressors, target)

        let linearRegressors = Matrix(rows: rows, columns: lags) { at($0, $1 + 1) }
        linear = Regression(regressors: linearRegressors, targets: target)?.multipleCorrelations.first ?? 1

        let squares = Matrix(rows: rows, columns: lags) { SampleStatistics.hermite2(at($0, $1 + 1)) }
        let evenTarget = Matrix(rows: rows, columns: 1) { row, _ in SampleStatistics.hermite2(at(row, 0)) }
        let both = Matrix(rows: rows, columns: lags + even.count) { row, column in
            column < lags
                ? SampleStatistics.hermite2(at(row, column + 1))
                : at(row, even[column - lags].0) * at(row, even[column - lags].1)
        }
        let base = Regression(regressors: squares, targets: evenTarget)
        let full = Regression(regressors: both, targets: evenTarget)
        if let base = base?.residualVariances.first, let full = full?.residualVariances.first, base > 0 {
            evenCorrelation = max(0, 1 - full / base).squareRoot()
        } else {
            evenCorrelation = 1
        }
        evenParameters = even.count
        evenEffective = Self.effective(full, both, evenTarget)
    }

    private static func effective(_ fit: Regression?, _ regressors: Matrix, _ target: Matrix) -> Double {
        guard let fit else { return 0 }
        let predicted = (regressors * fit.coefficients).column(0)
        return SampleStatistics.effectiveCount(predicted, target.column(0))
    }
}
