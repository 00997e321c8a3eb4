// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// The tests that compare what is keyed with what was published: a channel that was good while it was looked at
/// and is steered, repeated or overpowered afterwards.
///
/// Like all tests on keyed samples they stay at their end; only pass or fail and the threshold leave it.
struct KeyedChecks {
    let plan: QuantizationPlan
    /// This end's scores of all rows.
    let scores: [[Double]]
    /// Rows before the keyed ones are published.
    let keyed: Range<Int>
    /// The level of every pair about its trend (`levels`), the published ones first.
    let levels: [Double]
    /// f_max of the threat model.
    let injectedFraction: Double
    /// How many of `levels` are published; those of the plan where nil.
    var publishedPairs: Int?
    /// Share of the keyed rounds that is credited nothing; by this end's own published levels where nil.
    var uncredited: Double?

    func run() -> [HealthResult] { predictors() + periodicity() + [repetition(), jumps(), loudRounds()] }

    /// Lines that the published values didn't have, in the components that matter most.
    private func periodicity() -> [HealthResult] {
        scores.enumerated().compactMap { source, scores in
            guard source < Self.watched,
                let place = plan.components.firstIndex(where: { $0.source == source })
            else { return nil }
            let keyed = symbols(source)
            return PeriodicityTest().run(
                Array(scores[keyed.clamped(to: scores.indices)]),
                commissioned: Array(scores[..<min(keyed.lowerBound, scores.count)]),
                name: "periodicity, \(plan.model.components[place].name)")
        }
    }

    private func predictors() -> [HealthResult] {
        SignPredictors.run(scores, plan: plan, rows: symbols)
    }

    private func repetition() -> HealthResult {
        RepeatedStretchTest().run(scores.first ?? [], keyed: symbols(0))
    }

    /// The keyed scores of a source: some to a row where a component pools several.
    private func symbols(_ source: Int) -> Range<Int> {
        let each = plan.symbolsPerRow(source: source)
        return keyed.lowerBound * each..<keyed.upperBound * each
    }

    /// The level of each pair about its trend: decibels, or the recorded value itself.
    ///
    /// - Parameter joints: rows at which another recording begins.
    static func levels(_ features: FeatureMatrix, _ plan: QuantizationPlan, joints: [Int] = []) -> [Double] {
        plan.trend.centered(
            (0..<features.rows).map { row -> Double in
                guard features.columns > 1 || plan.feature != .scalar else { return Double(features[row, 0]) }
                var power = 0.0
                for column in 0..<features.columns {
                    power += Double(features[row, column]) * Double(features[row, column])
                }
                return 10 * log10(max(power, 1e-30))
            }, joints: joints)
    }

    /// Rounds far louder than any that was published: somebody else's packets.
    private func jumps() -> HealthResult {
        let published = publishedLevels
        let limit = injectedFraction
        guard let law = MarginalDistribution(samples: Array(published)) else {
            return JumpTest(deviation: 1, injectedFraction: limit).run([.nan]).result
        }
        // Upward only: nobody makes a fading deeper by sending, and deep fades have heavy tails by nature. What was
        // published bounds the law's own upper tail: an outlier lies well above the loudest of it.
        let loudest = (published.max().map { law.score($0) } ?? 0) + Self.jump
        let unit = max(1, loudest / Self.outlier)
        let scores = levels[published.endIndex...].map { max(0, law.score($0)) / unit }
        return JumpTest(deviation: 1, injectedFraction: limit).run(scores).result
    }

    private var publishedLevels: ArraySlice<Double> {
        levels.prefix(min(publishedPairs ?? plan.commissionedPairs, levels.count))
    }

    /// Rounds louder than the bulk of what was published allows, however loud the loudest of it was.
    private func loudRounds() -> HealthResult {
        let published = Array(publishedLevels)
        let keyed = levels.dropFirst(published.count)
        guard let law = LoudRounds(published: published) else {
            return HealthResult(name: "loud rounds", passed: false, threshold: .nan, localValue: .nan)
        }
        return law.test(
            keyed: keyed,
            uncredited: uncredited
                ?? LoudRounds.uncredited(
                    of: keyed.count, published: [published], injectedFraction: injectedFraction))
    }

    /// Components whose spectrum is looked at, the strongest ones.
    private static let watched = 8
    /// How many standard deviations above the loudest published round an injected one lies at the least.
    private static let jump = 1.5
    /// Where the jump test's outliers begin: the two-sided 2⁻²⁰ point of the normal law.
    private static let outlier = Normal.upperQuantile(0x1p-21)
}
