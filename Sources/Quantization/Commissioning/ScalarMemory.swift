// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// What the past of one recorded feature tells about its next value, measured on the feature itself.
///
/// H(Sⁿ|Wⁿ) = H(Xⁿ) − H(Wⁿ) loses I(X_k; past) against Σ H(S|W) for each symbol, in two parts:
/// - what the past tells of the value: the multiple correlation of the normal score with its past, with cubes and
///   products of the past among the regressors, since signal strength is not a linear function of the channel;
/// - what it tells of the size beyond that: of the second Hermite function and of the size's own score on past size
///   scores, their averages and products, once the first part's guess is known. A Gaussian process tells nothing there; one
///   whose spread comes and goes does, and helper values, which stand for places inside a cell, tell no sizes.
///
/// The nearest rows, and those further back that tell something (`DistantLags`).
struct ScalarMemory {
    static let lags = 16
    static let products = 6
    /// Rows that the regressions use at the most: more would only tighten the bounds.
    static let maximumRows = 40_000

    /// R of the score on the past (and on Eve where given), linear and odd nonlinear together.
    let correlation: Double
    /// Partial R of the size on past sizes and products, given the first part's guess.
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
        let distant = distantLags(scores, joints: joints)
        guard let first = forms.first else {
            return ScalarMemory(scores: scores, joints: joints, distant: distant)
        }
        let memory = ScalarMemory(scores: scores, eve: first, joints: joints, distant: distant)
        return forms.dropFirst().reduce(memory) { worst, form in
            let memory = ScalarMemory(scores: scores, eve: form, joints: joints, distant: distant)
            return order(memory) > order(worst) ? memory : worst
        }
    }

    /// Rows that are looked at, and the nearest lags of so many.
    private static func extent(_ count: Int) -> (rows: Int, lags: Int) {
        let rows = min(count, maximumRows)
        return (rows, min(lags, max(2, rows / 64)))
    }

    static func distantLags(_ scores: [Double], joints: [Int] = []) -> DistantLags {
        let (rows, lags) = extent(scores.count)
        return DistantLags(scores: Array(scores.prefix(rows)), beyond: lags, joints: joints)
    }

    /// - Parameters:
    ///   - eve: her recorded features at the same rows, each a column; with leads and lags.
    ///   - joints: rows at which another recording begins: rows without a past of their own aren't looked at.
    ///   - distant: found in the scores where nil.
    init(scores: [Double], eve: [[Double]] = [], joints: [Int] = [], distant: DistantLags? = nil) {
        let (n, lags) = Self.extent(scores.count)
        let distant = distant ?? Self.distantLags(scores, joints: joints)
        let products = min(Self.products, lags)
        let reach = max(lags, distant.reach)
        let runs = Runs(rows: n, joints: joints).ranges.filter { $0.count > reach }
        let kept = runs.flatMap { Array($0.lowerBound + reach..<$0.upperBound) }
        // Joints among the rows that are kept.
        let inner = runs.dropLast().reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1.count - reach) }
        // Two rows at the least, of zeros where there are none.
        let places = kept.count >= 2 ? kept : [reach, reach + 1]
        let rows = places.count
        // Regressors: past scores, their cubes, products x_i·He2(x_j); then Eve's columns.
        var odd: [(Int, Int)] = []
        for i in 1...products { for j in 1...products where i != j { odd.append((i, j)) } }
        var even: [(Int, Int)] = []
        // Few rows pay dearly for each coefficient.
        let pairs = min(products, max(2, n / 256))
        for i in 1...pairs { for j in 1..<max(i, 1) { even.append((i, j)) } }
        let oddLags = Array(1...lags) + distant.odd
        let own = 2 * oddLags.count
        let p = own + odd.count + eve.count
        let x = scores
        func at(_ row: Int, _ lag: Int) -> Double {
            let i = places[row] - lag; return i >= 0 && i < x.count ? x[i] : 0
        }

        let oddRegressors = Matrix(rows: rows, columns: p) { row, column in
            if column < oddLags.count { return at(row, oddLags[column]) }
            if column < own { return SampleStatistics.hermite3(at(row, oddLags[column - oddLags.count])) }
            if column < own + odd.count {
                let (i, j) = odd[column - own]
                return at(row, i) * SampleStatistics.hermite2(at(row, j))
            }
            let values = eve[column - own - odd.count]
            let i = places[row]
            return i < values.count ? values[i] : 0
        }
        let target = Matrix(rows: rows, columns: 1) { row, _ in at(row, 0) }
        let fit = Regression(regressors: oddRegressors, targets: target)
        correlation = fit?.multipleCorrelations.first ?? 1
        parameters = p
        effective = Self.effective(fit, oddRegressors, target, joints: inner)

        let linearRegressors = Matrix(rows: rows, columns: oddLags.count) { at($0, oddLags[$1]) }
        linear = Regression(regressors: linearRegressors, targets: target)?.multipleCorrelations.first ?? 1

        // What the first part's guess tells of the size is in its charge; a Gaussian past, or a Gaussian Eve, tells
        // nothing more there.
        let guess = Self.guess(fit, oddRegressors)
        let guessed = guess.isEmpty ? [] : [guess.map(SampleStatistics.hermite2), Self.sizeScores(guess)]
        let hers = eve.isEmpty ? [] : Self.sizes(eve, most: n / 64)
        let evenLags = Array(1...min(lags, max(2, n / 128))) + distant.even
        let sizes = Self.sizeScores(x)
        func size(_ row: Int, _ lag: Int) -> Double {
            let i = places[row] - lag; return i >= 0 && i < sizes.count ? sizes[i] : 0
        }
        let means = Self.spans.filter { $0 <= n / 64 }.map { Self.pastMeans(sizes, span: $0, runs: runs) }
        let given = guessed.count
        let past = evenLags.count + means.count + even.count
        // A size that is known shows better in its normal score than in its square.
        let evenTarget = Matrix(rows: rows, columns: 2) { row, column in
            column == 0 ? SampleStatistics.hermite2(at(row, 0)) : size(row, 0)
        }
        let both = Matrix(rows: rows, columns: given + past + hers.count) { row, column in
            if column < given { return guessed[column][row] }
            var place = column - given
            if place < evenLags.count { return size(row, evenLags[place]) }
            place -= evenLags.count
            let i = places[row]
            if place < means.count { return i < means[place].count ? means[place][i] : 0 }
            place -= means.count
            if place < even.count { return at(row, even[place].0) * at(row, even[place].1) }
            let values = hers[place - even.count]
            return i < values.count ? values[i] : 0
        }
        let base = Matrix(rows: rows, columns: given) { guessed[$1][$0] }
        let alone =
            given == 0
            ? [0, 1].map { Series.variance(evenTarget.column($0)) }
            : Regression(regressors: base, targets: evenTarget)?.residualVariances
        let full = Regression(regressors: both, targets: evenTarget)
        if let alone, let full = full?.residualVariances {
            evenCorrelation =
                zip(full, alone).map { $1 > 0 ? max(0, 1 - $0 / $1).squareRoot() : 0 }.max() ?? 1
        } else {
            evenCorrelation = 1
        }
        evenParameters = past + hers.count
        evenEffective = Self.effective(full, both, evenTarget, joints: inner)
    }

    /// Rows whose mean size stands for a spread that changes slowly.
    private static let spans = [32, 64, 128]

    /// Mean of the last `span` values before each one, of its own recording only.
    private static func pastMeans(_ x: [Double], span: Int, runs: [Range<Int>]) -> [Double] {
        var means = [Double](repeating: 0, count: x.count)
        for run in runs {
            var sum = 0.0
            for i in run where i < x.count {
                means[i] = sum / Double(max(1, min(span, i - run.lowerBound)))
                sum += x[i] - (i - span >= run.lowerBound ? x[i - span] : 0)
            }
        }
        return means
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
