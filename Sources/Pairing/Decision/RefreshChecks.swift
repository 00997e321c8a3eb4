// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// The tests that compare a refresh with the older pairs of its window: whether the channel is still the one that was
/// commissioned. All of it is published; both ends come to the same.
struct RefreshChecks {
    let plan: QuantizationPlan
    /// The whole window, the refresh at its end.
    let published: SharedCommissioning.PublishedFeatures
    /// Pairs of the refresh.
    let refresh: Int

    /// Independent rows below which a test says nothing.
    static let fewest = 16.0
    /// The two-sided 2⁻²⁰ point.
    private static let z = Normal.upperQuantile(0x1p-21)

    /// For each component (each class of segments, where there are any) the correlation between the ends, and either
    /// end's variance.
    func run() -> [HealthResult] {
        guard !plan.components.isEmpty, plan.synchronization == nil else { return [] }
        let streams = [Party.Role.initiator, .responder].map { role in
            ComponentStreams(
                published: role == .initiator ? published.initiator : published.responder, plan: plan,
                role: role, joints: published.joints)
        }
        let count = streams.flatMap { $0.scores.map(\.count) }.min() ?? 0
        let step = streams[0].pairsPerRow
        let border = (published.initiator.rows - refresh + step - 1) / step
        let layout = SymbolLayout(
            plan: plan, keyed: 0..<count, pairsPerRow: step, segmentClasses: streams[0].segmentClasses)
        return plan.tested.flatMap { tested -> [HealthResult] in
            let source = tested.component.source
            guard streams.allSatisfy({ source < $0.scores.count }) else { return [] }
            let scores = streams.map { $0.scores[source] }
            let rows = layout.rows[tested.index]
            let parts = [rows.filter { $0 < border }, rows.filter { $0 >= border }]
            return correlation(scores, parts, border: border, name: tested.name)
                + variances(scores, parts, border: border, name: tested.name)
        }
    }

    private func correlation(
        _ scores: [[Double]], _ parts: [[Int]], border: Int, name: String
    ) -> [HealthResult] {
        let share = Self.independentShare(scores[0], scores[1], rows: border)
        let samples = parts.map { Double($0.count) * share }
        guard samples.allSatisfy({ $0 >= Self.fewest }) else { return [] }
        let values = parts.map { part in
            Series.correlation(part.map { scores[0][$0] }, part.map { scores[1][$0] })
        }
        let commissioned = CommissionedCorrelation(
            value: min(max(values[0], -0.9999), 0.9999), samples: samples[0])
        return [
            CoherenceFloorTest(commissioned: commissioned)
                .run(correlation: values[1], samples: samples[1], component: "of \(name), refreshed")
        ]
    }

    /// ln of the quotient of two variances of Gaussian samples spreads by √(2/n + 2/m).
    private func variances(
        _ scores: [[Double]], _ parts: [[Int]], border: Int, name: String
    ) -> [HealthResult] {
        zip(scores, ["initiator", "responder"]).compactMap { scores, end in
            let share = Self.independentShare(scores, scores, rows: border)
            let samples = parts.map { Double($0.count) * share }
            guard samples.allSatisfy({ $0 >= 2 * Self.fewest }) else { return nil }
            let values = parts.map { part in Series.variance(part.map { scores[$0] }) }
            let distance = abs(log(max(values[1], 1e-300) / max(values[0], 1e-300)))
            let limit = Self.z * (2 / samples[0] + 2 / samples[1]).squareRoot()
            return HealthResult(
                name: "variance of \(name), refreshed, \(end)", passed: distance <= limit, threshold: limit,
                localValue: distance)
        }
    }

    /// 1/(1 + 2 Σ ρ_x ρ_y) over the first `rows` rows.
    private static func independentShare(_ x: [Double], _ y: [Double], rows: Int) -> Double {
        let lags = min(200, rows / 4)
        let a = Series.autocorrelation(Array(x.prefix(rows)), maximumLag: lags).dropFirst()
        let b = Series.autocorrelation(Array(y.prefix(rows)), maximumLag: lags).dropFirst()
        return ConfidenceBound.effectiveSamples(count: 1, x: Array(a), y: Array(b))
    }
}
