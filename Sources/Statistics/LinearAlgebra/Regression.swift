// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Linear prediction of many targets from common regressors, by normal equations.
///
/// Where the regressors are (nearly) dependent, a ridge of 1e−12 of their mean variance, growing tenfold as
/// long as needed, keeps the equations solvable; `ridge` says how much it took. With a ridge the multiple
/// correlation of the fit is a little too small, by O(ridge).
public struct Regression: Sendable {
    /// Regressor × target.
    public let coefficients: Matrix
    /// Variance of each target that the regressors leave.
    public let residualVariances: [Double]
    /// R² of each target, 0 to 1; 0 for a constant target.
    public let rSquared: [Double]
    /// What was added to the diagonal.
    public let ridge: Double

    /// R of each target.
    public var multipleCorrelations: [Double] { rSquared.map { $0.squareRoot() } }

    /// From a joint covariance: which variables predict, which are predicted.
    ///
    /// Nil where the covariance isn't finite or can't be made solvable.
    public init?(covariance: Matrix, regressors: [Int], targets: [Int]) {
        let xx = covariance.selecting(rows: regressors, columns: regressors)
        let xy = covariance.selecting(rows: regressors, columns: targets)
        self.init(xx: xx, xy: xy, variances: targets.map { covariance[$0, $0] })
    }

    /// From samples, one a row; means are removed. Nil for fewer than two rows or values that aren't finite.
    public init?(regressors: Matrix, targets: Matrix) {
        guard regressors.rows == targets.rows, regressors.rows >= 2 else { return nil }
        let p = regressors.columns
        let joint = Matrix(rows: regressors.rows, columns: p + targets.columns) {
            $1 < p ? regressors[$0, $1] : targets[$0, $1 - p]
        }
        self.init(
            covariance: joint.covariance, regressors: Array(0..<p), targets: Array(p..<p + targets.columns))
    }

    private init?(xx: Matrix, xy: Matrix, variances: [Double]) {
        guard xx.isFinite, xy.isFinite, variances.allSatisfy({ $0.isFinite }) else { return nil }
        let size = xx.rows
        var trace = 0.0
        for i in 0..<size { trace += xx[i, i] }
        let mean = size > 0 ? trace / Double(size) : 0
        var added = 0.0
        var solved: Matrix?
        if mean <= 0 {
            // Constant regressors predict nothing.
            solved = Matrix(rows: size, columns: xy.columns)
        }
        for attempt in 0..<14 where solved == nil {
            added = attempt == 0 ? 0 : mean * pow(10, Double(attempt) - 13)
            var guarded = xx
            for i in 0..<size { guarded[i, i] += added }
            solved = Cholesky(guarded)?.solve(xy)
        }
        guard let solved else { return nil }
        coefficients = solved
        ridge = added
        var residuals: [Double] = []
        var squares: [Double] = []
        for j in variances.indices {
            var explained = 0.0
            for i in 0..<size { explained += solved[i, j] * xy[i, j] }
            explained = min(max(explained, 0), max(variances[j], 0))
            residuals.append(max(variances[j], 0) - explained)
            squares.append(variances[j] > 0 ? explained / variances[j] : 0)
        }
        residualVariances = residuals
        rSquared = squares
    }
}
