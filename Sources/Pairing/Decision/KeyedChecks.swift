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

    func run() -> [HealthResult] { predictors() + periodicity() + [repetition(), jumps()] }

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

    /// Signs of a component's scores must not be guessed better than its charge allows, or than the published ones
    /// could be.
    private func predictors() -> [HealthResult] {
        let series = scores.enumerated().compactMap { source, scores -> Guess? in
            guard let place = plan.components.firstIndex(where: { $0.source == source }) else { return nil }
            let model = plan.model.components[place]
            let keyed = symbols(source)
            return Guess(
                name: model.name, charge: model.memoryCharge + model.eveCharge,
                published: scores[..<min(keyed.lowerBound, scores.count)].map { $0 >= 0 },
                keyed: scores[keyed.clamped(to: scores.indices)].map { $0 >= 0 })
        }
        guard let first = series.first else { return [] }
        if series.allSatisfy({ $0.keyed.count >= 1024 }) { return series.map { $0.result } }
        // Few rows of many components: one predictor for all of them.
        var pooled = first
        pooled.name = "all components"
        for other in series.dropFirst() {
            pooled.charge = max(pooled.charge, other.charge)
            pooled.published += other.published
            pooled.keyed += other.keyed
        }
        // Too few bits for any key are too few for the predictor.
        return pooled.keyed.count >= 1024 ? [pooled.result] : []
    }

    private struct Guess {
        var name: String
        var charge: Double
        var published: [Bool]
        var keyed: [Bool]

        var result: HealthResult {
            // What a Gaussian predictor guesses who knows that many bits: ½ + arcsin(R)/π.
            let charged = 0.5 + asin((1 - exp2(-2 * max(charge, 0))).squareRoot()) / Double.pi
            let lesson = PredictorTest.accuracy(published)
            var allowed = charged
            if let lesson {
                let independent = Double(published.count) / 2 * Self.independentShare(published)
                allowed = max(
                    allowed,
                    lesson + 4.77 * (max(lesson * (1 - lesson), 0.01) / max(independent, 1)).squareRoot())
            }
            return PredictorTest(entropy: -log2(min(max(allowed, 0.5), 0.999))).run(
                keyed, independentShare: Self.independentShare(published), name: "predictor, \(name)")
        }

        /// Hits follow one another where the signs do.
        private static func independentShare(_ bits: [Bool]) -> Double {
            let signs = bits.map { $0 ? 1.0 : -1.0 }
            let memory = Series.autocorrelation(signs, maximumLag: min(100, bits.count / 4)).dropFirst()
            return 1 / max(1, 1 + 2 * memory.reduce(0) { $0 + $1 * $1 })
        }
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
        let centered = levels
        let published = min(publishedPairs ?? plan.commissionedPairs, centered.count)
        let limit = injectedFraction
        guard let law = MarginalDistribution(samples: Array(centered[..<published])) else {
            return JumpTest(deviation: 1, injectedFraction: limit).run([.nan]).result
        }
        // Upward only: nobody makes a fading deeper by sending, and deep fades have heavy tails by nature. What was
        // published bounds the law's own upper tail: an outlier lies well above the loudest of it.
        let loudest = (centered[..<published].max().map { law.score($0) } ?? 0) + Self.jump
        let unit = max(1, loudest / Self.outlier)
        let scores = centered[published...].map { max(0, law.score($0)) / unit }
        return JumpTest(deviation: 1, injectedFraction: limit).run(scores).result
    }

    /// Components whose spectrum is looked at, the strongest ones.
    private static let watched = 8
    /// How many standard deviations above the loudest published round an injected one lies at the least.
    private static let jump = 1.5
    /// Where the jump test's outliers begin: the two-sided 2⁻²⁰ point of the normal law.
    private static let outlier = Normal.upperQuantile(0x1p-21)
}
