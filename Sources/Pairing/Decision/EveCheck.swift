// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// Attackers who learn from one half of the published samples and guess the other half: what they gain must lie within
/// what was charged.
///
/// The charge is a bound from all published samples; this asks it back on samples that a guesser never saw. Each is
/// given the initiator's true past. A failure means that the charge missed something, so there is no key.
struct EveCheck {
    /// What a guesser goes by.
    enum Attacker: String, CaseIterable {
        /// The component's own past alone.
        case autoregressive
        /// All that Eve recorded around the row, as a ridge.
        case ridge
        /// Both.
        case joint
    }

    /// Earlier scores of the same component.
    static let lags = 16
    /// Columns of Eve's at the most.
    static let mostColumns = 48
    /// Share of the mean diagonal that the ridge adds.
    static let ridge = 1e-3
    /// Deviations of the bound on what chance alone makes of held-out samples: the 2⁻²⁰ point.
    static let z = 4.763001034267814

    let plan: QuantizationPlan
    let published: SharedCommissioning.PublishedFeatures
    /// What Eve recorded at the published pairs.
    let eve: EveFeatures

    /// A result for each attacker; none where there is no component to attack.
    func run() -> [HealthResult] {
        guard !plan.components.isEmpty else { return [] }
        let scores = ComponentStreams(published: published.initiator, plan: plan, role: .initiator).scores
        let sources = Set(plan.components.map(\.source)).sorted().filter { $0 < scores.count }
        guard let rows = sources.map({ scores[$0].count }).min(), rows >= 128 else {
            return Attacker.allCases.map { Self.result($0, passed: false, threshold: .nan, value: .nan) }
        }
        let columns = eveColumns(scores, rows: rows)
        // Classes of one source are symbols of the same component: the least that any of them pays.
        let charges = sources.map { source in
            plan.components.indices.filter { plan.components[$0].source == source }.map {
                plan.model.components[$0].memoryCharge + plan.model.components[$0].eveCharge
            }.min() ?? 0
        }
        let charged = charges.reduce(0, +)
        return Attacker.allCases.map { attacker in
            var gained = 0.0
            var chance = 0.0
            for source in sources {
                let own = Array(scores[source].prefix(rows))
                guard let success = Self.attack(own, eve: columns[source], by: attacker) else {
                    return Self.result(attacker, passed: false, threshold: charged, value: .nan)
                }
                gained += success.bits
                chance += success.spread * success.spread
            }
            let limit = charged + Self.z * chance.squareRoot()
            return Self.result(attacker, passed: gained <= limit, threshold: limit, value: gained)
        }
    }

    private static func result(
        _ attacker: Attacker, passed: Bool, threshold: Double, value: Double
    ) -> HealthResult {
        HealthResult(
            name: "trained Eve, \(attacker.rawValue)", passed: passed, threshold: threshold, localValue: value
        )
    }

    /// For each source what Eve recorded, through the plan's own features and map: as many columns as half of the rows can
    /// teach, chosen by that half alone.
    private func eveColumns(_ scores: [[Double]], rows: Int) -> [[[Double]]] {
        EveRegressors(eve, plan: plan, published: published.initiator).columns(
            targets: scores.map { Array($0.prefix(rows)) }, lesson: 0..<rows / 2,
            limit: max(1, min(rows / 12, Self.mostColumns)))
    }

    /// Bits that an attacker gains on the held-out half, ½ log2 of the variance over his squared error, and how far
    /// chance spreads that; negative where he guesses worse than nothing. Nil where he can't be trained.
    static func attack(
        _ own: [Double], eve: [[Double]], by attacker: Attacker
    ) -> (bits: Double, spread: Double)? {
        guard own.count >= 4 * lags, eve.allSatisfy({ $0.count >= own.count }) else { return nil }
        var columns: [(Int) -> Double] = []
        if attacker != .ridge { for lag in 1...lags { columns.append { own[$0 - lag] } } }
        if attacker != .autoregressive { for column in eve { columns.append { column[$0] } } }
        let middle = own.count / 2
        let lesson = lags..<middle
        let test = middle..<own.count
        guard !columns.isEmpty, lesson.count > columns.count + 16,
            (own + eve.flatMap(\.self)).allSatisfy(\.isFinite),
            let guess = train(columns, own, lesson)
        else { return nil }
        let mean = Series.mean(Array(own[test]))
        var total = 0.0
        var squared = 0.0
        for row in test {
            total += (own[row] - mean) * (own[row] - mean)
            let error = own[row] - guess(row)
            squared += error * error
        }
        guard total > 0 else { return nil }
        let bits = squared > 0 ? 0.5 * log2(total / squared) : .infinity
        // Independent rows: those of a series whose squares remember as its correlation does, twice over.
        let memory = Series.autocorrelation(Array(own[test]), maximumLag: min(200, test.count / 4))
            .dropFirst()
        let independent = Double(test.count) / max(1, 1 + 2 * memory.reduce(0) { $0 + $1 * $1 })
        // Var(½ ln(S/E)) of two sums of squares with correlation ρ² is (1 − ρ⁴)/n at the most 1/n.
        return (bits, 1 / (independent.squareRoot() * log(2)))
    }

    private static func train(
        _ columns: [(Int) -> Double], _ own: [Double], _ lesson: Range<Int>
    ) -> ((Int) -> Double)? {
        let count = columns.count
        let rows = lesson.map { row in columns.map { $0(row) } }
        let means = (0..<count).map { column in Series.mean(rows.map { $0[column] }) }
        let center = Series.mean(Array(own[lesson]))
        var normal = Matrix(rows: count, columns: count)
        var right = Matrix(rows: count, columns: 1)
        for (row, values) in zip(lesson, rows) {
            let x = zip(values, means).map { $0 - $1 }
            for i in 0..<count {
                right[i, 0] += x[i] * (own[row] - center)
                for j in 0...i { normal[i, j] += x[i] * x[j] }
            }
        }
        let trace = (0..<count).reduce(0) { $0 + normal[$1, $1] }
        guard trace.isFinite else { return nil }
        for i in 0..<count {
            for j in 0..<i { normal[j, i] = normal[i, j] }
            normal[i, i] += ridge * trace / Double(count) + 1e-12
        }
        guard let weights = Cholesky(normal)?.solve(right) else { return nil }
        return { row in
            var sum = center
            for column in 0..<count { sum += weights[column, 0] * (columns[column](row) - means[column]) }
            return sum
        }
    }
}
