// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// Rows further back than a regression on the nearest ones reaches, which nevertheless tell of the next: a hopping
/// radio's last visit to the channel, the last turn of a fan.
///
/// Chosen from what the nearest rows leave, in two rounds, so that a lag whose news another one brings isn't taken too.
/// What is chosen becomes a regressor and is paid for as one; what chance alone makes of a lag isn't chosen.
struct DistantLags: Equatable {
    /// Lags at which the value tells of the next value.
    private(set) var odd: [Int] = []
    /// Lags at which the size tells of the next size.
    private(set) var even: [Int] = []

    /// Lags that are looked at, where there are eight times as many rows.
    static let furthest = 1024
    /// Lags taken in a round.
    static let eachRound = 8
    /// Deviations from nothing of a lag that is taken: one in 300 of a thousand lags without any memory.
    static let threshold = 4.5

    init() {}

    /// - Parameter nearest: lags that are regressors anyway.
    init(scores: [Double], beyond nearest: Int, joints: [Int]) {
        let furthest = min(Self.furthest, scores.count / 8)
        guard nearest < furthest else { return }
        let runs = Runs(rows: scores.count, joints: joints).ranges.filter { $0.count > furthest }
        let places = runs.flatMap { Array($0.lowerBound + furthest..<$0.upperBound) }
        guard places.count >= 8 * (nearest + 2 * Self.eachRound) else { return }
        odd = Self.chosen(scores, places, nearest, furthest)
        even = Self.chosen(scores.map(SampleStatistics.hermite2), places, nearest, furthest)
    }

    /// The last row whose past holds all of them begins here.
    var reach: Int { max(odd.max() ?? 0, even.max() ?? 0) }

    private static func chosen(_ x: [Double], _ places: [Int], _ nearest: Int, _ furthest: Int) -> [Int] {
        var lags: [Int] = []
        let target = Matrix(rows: places.count, columns: 1) { row, _ in x[places[row]] }
        for _ in 0..<2 {
            let taken = Array(1...nearest) + lags
            let regressors = Matrix(rows: places.count, columns: taken.count) { x[places[$0] - taken[$1]] }
            guard let fit = Regression(regressors: regressors, targets: target) else { return lags }
            let predicted = (regressors * fit.coefficients).column(0)
            let rest = zip(places, predicted).map { x[$0] - $1 }
            let mean = Series.mean(rest)
            let left = rest.map { $0 - mean }
            let spread = Series.variance(left).squareRoot() * Series.variance(x).squareRoot()
            guard spread > 0 else { return lags }
            let least = threshold * Double(places.count).squareRoot() * spread
            let news = (nearest + 1...furthest).map { lag -> (lag: Int, size: Double) in
                var sum = 0.0
                for (row, place) in places.enumerated() { sum += left[row] * x[place - lag] }
                return (lag, lags.contains(lag) ? 0 : abs(sum))
            }
            let found = news.filter { $0.size > least }.sorted { $0.size > $1.size }.prefix(eachRound)
            guard !found.isEmpty else { break }
            lags += found.map { $0.lag }
        }
        return lags.sorted()
    }
}
