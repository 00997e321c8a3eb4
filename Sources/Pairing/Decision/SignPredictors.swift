// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// Signs of a component's scores must not be guessed better than its charge allows: on what is keyed, and on what was
/// published, so that memory which the charge doesn't know of is found before anything is keyed.
enum SignPredictors {
    /// Fewer signs are no test.
    static let fewest = 1024

    /// One result for a recorded value, and one for all components of a snapshot together: their charges are a sum that
    /// is spread over them, and may be less than what one of them tells by itself.
    ///
    /// - Parameter rows: which scores of a source are looked at.
    static func run(
        _ scores: [[Double]], plan: QuantizationPlan, name: String = "predictor", rows: (Int) -> Range<Int>
    ) -> [HealthResult] {
        let series = scores.enumerated().compactMap { source, scores -> Stream? in
            // Classes of one source are symbols of the same component: the least that any of them pays.
            let charges = plan.components.indices.filter { plan.components[$0].source == source }.map {
                plan.model.components[$0].memoryCharge + plan.model.components[$0].eveCharge
            }
            guard let charge = charges.min() else { return nil }
            return Stream(
                charge: charge, signs: scores[rows(source).clamped(to: scores.indices)].map { $0 >= 0 })
        }
        guard !series.isEmpty else { return [] }
        let count = series.reduce(0) { $0 + $1.signs.count }
        // Few rows of many components: one predictor for all of them, which guesses no better than each one's own.
        let isLong = series.allSatisfy { $0.signs.count >= 8 * PredictorTest.taps }
        let streams = isLong ? series.map(\.signs) : [series.flatMap(\.signs)]
        let guessed = streams.compactMap(Self.guessed)
        let trials = guessed.reduce(0.0) { $0 + $1.trials }
        guard count >= fewest, guessed.count == streams.count, trials >= 1 else {
            return [HealthResult(name: name, passed: false, threshold: .nan, localValue: .nan)]
        }
        // What Gaussian predictors guess who know so many bits in the mean, ½ + arcsin(R)/π: concave in the bits, so
        // however these are spread, they guess no more together.
        let charge = series.reduce(0) { $0 + $1.charge * Double($1.signs.count) } / Double(count)
        let allowed = 0.5 + asin((1 - exp2(-2 * max(charge, 0))).squareRoot()) / Double.pi
        let hits = guessed.reduce(0.0) { $0 + $1.accuracy * $1.trials }
        return [
            PredictorTest(entropy: -log2(min(allowed, 0.999)))
                .judge(accuracy: hits / trials, trials: trials, name: name)
        ]
    }

    private struct Stream {
        var charge: Double
        var signs: [Bool]
    }

    /// The share of the second half that was guessed by what the first one taught, and how many independent guesses that
    /// is worth, by the correlation of hits with the next ones as long as there is any.
    private static func guessed(_ signs: [Bool]) -> (accuracy: Double, trials: Double)? {
        guard let hits = PredictorTest.hits(signs) else { return nil }
        let values = hits.map { $0 ? 1.0 : 0 }
        let memory = Series.autocorrelation(values, maximumLag: min(200, hits.count / 4)).dropFirst()
        let inflation = 1 + 2 * memory.prefix { $0 > 0 }.reduce(0, +)
        return (Series.mean(values), Double(hits.count) / inflation)
    }
}
