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

    /// The memory with that form of Eve's columns which tells most (`EveColumns.forms`); without her where there is none.
    static func worst(scores: [Double], eve forms: [[[Double]]], joints: [Int] = []) -> ScalarMemory {
        // The order of upper bounds at the quantiles that are in use; the largest of several bounds needs no union bound.
        func order(_ memory: ScalarMemory) -> Double {
            func bound(_ correlation: Double, _ rows: Double, _ coefficients: Int) -> Double {
                let degrees = rows - 3 - Double(coefficients)
                guard degrees > 0, correlation < 1 else { return .infinity }
                let r = correlation
                let fisher = 0.5 * ((1 + r) / (1 - r)).logarithm + 8 / degrees.squareRoot()
                // −½ ln(1 − tanh²) = ln cosh.
                return fisher + (0.5 + 0.5 * exponentiate(2.718281828459045, -2 * fisher)).logarithm
            }
            return bound(memory.correlation, memory.effective, memory.parameters)
                + bound(memory.evenCorrelation, memory.evenEffective, memory.evenParameters)
        }
        guard let first = forms.first else { return ScalarMemory(scores: scores, joints: joints) }
        let memory = ScalarMemory(scores: scores, eve: first, joints: joints)
        return forms.dropFirst().reduce(memory) { worst, form in
            let memory = ScalarMemory(scores: scores, eve: form, joints: joints)
            return order(memory) > order(worst) ? memory : worst
        }
    }

    /// - Parameters:
    ///   - eve: her recorded features at the same rows, each a column; with leads and lags.
    ///   - joints: rows at which another recording begins: rows without a past of their own aren't looked at.
    init(scores: [Double], eve: [[Double]] = [], joints: [Int] = []) {
        let n = min(scores.count, Self.maximumRows)
        let lags = min(Self.lags, max(2, n / 64))
        let products = min(Self.products, lags)
        let runs = Runs(rows: n, joints: joints).ranges.filter { $0.count > lags }
        let kept = runs.flatMap { Array($0.lowerBound + lags..<$0.upperBound) }
        // Joints among the rows that are kept.
        let inner = runs.dropLast().reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1.count - lags) }
        // Two rows at the least, of zeros where there are none.
        let places = kept.count >= 2 ? kept : [lags, lags + 1]
        let rows = places.count
        // Regressors: past scores, their cubes, products x_i·He2(x_j); then Eve's columns.
        var odd: [(Int, Int)] = []
        for i in 1...products { for j in 1...products where i != j { odd.append((i, j)) } }
        var even: [(Int, Int)] = []
        for i in 1...products { for j in 1..<max(i, 1) { even.append((i, j)) } }
        let p = 2 * lags + odd.count + eve.count
        let x = scores
        func at(_ row: Int, _ lag: Int) -> Double {
            let i = places[row] - lag; return i >= 0 && i < x.count ? x[i] : 0
        }

        let oddRegressors = Matrix(rows: rows, columns: p) { row, column in
            if column < lags { return at(row, column + 1) }
            if column < 2 * lags { return SampleStatistics.hermite3(at(row, column - lags + 1)) }
            if column < 2 * lags + odd.count {
                let (i, j) = odd[column - 2 * lags]
                return at(row, i) * SampleStatistics.hermite2(at(row, j))
            }
            let values = eve[column - 2 * lags - odd.count]
            let i = places[row]
            return i < values.count ? values[i] : 0
        }
        let target = Matrix(rows: rows, columns: 1) { row, _ in at(row, 0) }
        let fit = Regression(regressors: oddRegressors, targets: target)
        correlation = fit?.multipleCorrelations.first ?? 1
        parameters = p
        effective = Self.effective(fit, oddRegressors, target, joints: inner)

        let linearRegressors = Matrix(rows: rows, columns: lags) { at($0, $1 + 1) }
        linear = Regression(regressors: linearRegressors, targets: target)?.multipleCorrelations.first ?? 1

        // Eve may know the size without the sign: what her columns and their squares tell of it beyond what the first
        // regression makes of them. A Gaussian Eve tells nothing more there.
        let hers = eve.isEmpty ? [] : Self.sizes(eve, most: n / 64)
        let guess = eve.isEmpty ? [] : Self.guess(fit, oddRegressors)
        let guessed = guess.isEmpty ? [] : [guess.map(SampleStatistics.hermite2), Self.sizeScores(guess)]
        let given = lags + guessed.count
        func base(_ row: Int, _ column: Int) -> Double {
            column < lags ? SampleStatistics.hermite2(at(row, column + 1)) : guessed[column - lags][row]
        }
        let squares = Matrix(rows: rows, columns: given) { base($0, $1) }
        // A size that she knows shows better in its normal score than in its square.
        let sizeScores = eve.isEmpty ? [] : Self.sizeScores((0..<rows).map { at($0, 0) })
        let evenTarget = Matrix(rows: rows, columns: eve.isEmpty ? 1 : 2) { row, column in
            column == 0 ? SampleStatistics.hermite2(at(row, 0)) : sizeScores[row]
        }
        let both = Matrix(rows: rows, columns: given + even.count + hers.count) { row, column in
            if column < given { return base(row, column) }
            if column < given + even.count {
                return at(row, even[column - given].0) * at(row, even[column - given].1)
            }
            let values = hers[column - given - even.count]
            let i = places[row]
            return i < values.count ? values[i] : 0
        }
        let alone = Regression(regressors: squares, targets: evenTarget)
        let full = Regression(regressors: both, targets: evenTarget)
        if let alone = alone?.residualVariances, let full = full?.residualVariances, alone[0] > 0 {
            evenCorrelation =
                zip(full, alone).map { $1 > 0 ? max(0, 1 - $0 / $1).squareRoot() : 0 }.max() ?? 1
        } else {
            evenCorrelation = 1
        }
        evenParameters = even.count + hers.count
        evenEffective = Self.effective(full, both, evenTarget, joints: inner)
    }

    /// Columns and their second Hermite functions; of many, only as many as there is room for.
    private static func sizes(_ eve: [[Double]], most: Int) -> [[Double]] {
        let step = max(1, (2 * eve.count + max(most, 2) - 1) / max(most, 2))
        // Leads and lags stand side by side, so the middle one of each five is the row's own.
        let chosen = Swift.stride(from: step >= 5 ? 2 : 0, to: eve.count, by: step).map { eve[$0] }
        return chosen + chosen.map { $0.map(SampleStatistics.hermite2) }
    }

    /// Normal scores of the magnitudes.
    private static func sizeScores(_ values: [Double]) -> [Double] {
        let sizes = values.map { abs($0) }
        guard let marginal = MarginalDistribution(samples: sizes) else { return sizes.map { _ in 0 } }
        return sizes.map { marginal.score($0) }
    }

    /// What a regression predicts, at unit variance; empty where it predicts nothing.
    private static func guess(_ fit: Regression?, _ regressors: Matrix) -> [Double] {
        guard let fit else { return [] }
        let predicted = (regressors * fit.coefficients).column(0)
        let spread = Series.variance(predicted).squareRoot()
        return spread > 0 ? predicted.map { $0 / spread } : []
    }

    private static func effective(
        _ fit: Regression?, _ regressors: Matrix, _ target: Matrix, joints: [Int]
    ) -> Double {
        guard let fit else { return 0 }
        let predicted = (regressors * fit.coefficients).column(0)
        return SampleStatistics.effectiveCount(predicted, target.column(0), joints: joints)
    }
}
