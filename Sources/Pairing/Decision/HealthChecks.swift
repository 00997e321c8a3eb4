// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// Every health test of an exchange: on published samples before the block, on an end's own symbols after it.
///
/// Only pass or fail and the threshold ever leave this end.
enum HealthChecks {
    /// The tests on published samples; both ends come to the same, but for the start-up tests of their own.
    static func commissioning(
        _ result: Commissioning.Result, ownScores: [[Double]],
        published: SharedCommissioning.PublishedFeatures, role: Party.Role
    ) -> [HealthResult] {
        let findings = result.findings
        var results: [HealthResult] = []
        results.append(AlignmentTest.commissioning(correlation: findings.alignment))
        results.append(
            HealthResult(
                name: "alignment lag", passed: abs(findings.alignmentLag) <= 1, threshold: 1,
                localValue: Double(findings.alignmentLag)))
        // The second half of the commissioning part stands as sacrificed samples beside the first.
        let half = max(findings.effectiveRows / 2, 8)
        let commissioned = CommissionedCorrelation(
            value: min(max(findings.alignment, 0), 0.9999), samples: half)
        results.append(
            CoherenceFloorTest(commissioned: commissioned)
                .run(correlation: findings.alignmentSecondHalf, samples: half, component: "of the selection"))
        let plan = result.plan
        let a = ComponentStreams(
            published: published.initiator, plan: plan, role: .initiator, joints: published.joints)
        results += coherence(result, published, initiator: a, samples: half)
        results += StaticChannelTest.run(
            diffusePower: findings.diffusePower, noiseVariance: findings.noisePower,
            predictability: findings.predictability)
        for component in result.plan.model.components {
            results.append(
                VarianceFloorTest.run(
                    variance: 1, noiseVariance: 1 - component.correlation, component: component.name))
        }
        // Without a component there is nothing to start: the refusal says why.
        if !plan.components.isEmpty {
            results += startUp(plan, ownScores: ownScores, initiator: a, role: role)
            // What synchronized blocks publish are snapshots, not the coefficients that are keyed.
            if plan.synchronization == nil {
                results += SignPredictors.run(a.scores, plan: plan, name: "predictor at commissioning") {
                    0..<a.scores[$0].count
                }
            }
        }
        return results
    }

    /// Each keyed component's correlation between the ends, second half of the commissioning part against the first.
    private static func coherence(
        _ result: Commissioning.Result, _ published: SharedCommissioning.PublishedFeatures,
        initiator: ComponentStreams, samples: Double
    ) -> [HealthResult] {
        let plan = result.plan
        // Synchronized blocks are compared by halves in their commissioning, all components together.
        guard !plan.components.isEmpty, plan.synchronization == nil else { return [] }
        let a = initiator.scores
        let b = ComponentStreams(
            published: published.responder, plan: plan, role: .responder, joints: published.joints
        ).scores
        let count = min(a.first?.count ?? 0, b.first?.count ?? 0)
        let layout = SymbolLayout(
            plan: plan, keyed: 0..<count, pairsPerRow: initiator.pairsPerRow,
            segmentClasses: initiator.segmentClasses)
        return plan.tested.compactMap { tested in
            let source = tested.component.source
            guard source < a.count, source < b.count else { return nil }
            let rows = layout.rows[tested.index]
            let halves = [rows.filter { $0 < count / 2 }, rows.filter { $0 >= count / 2 }]
            var samples = samples
            if plan.segmentLength > 0 {
                // A class that one half hardly holds says nothing of a change.
                let least = halves.map(\.count).min() ?? 0
                guard least >= 64 else { return nil }
                samples = max(8, samples * 2 * Double(least) / Double(count))
            }
            let correlations = halves.map { half in
                Series.correlation(half.map { a[source][$0] }, half.map { b[source][$0] })
            }
            let commissioned = CommissionedCorrelation(
                value: min(max(correlations[0], -0.9999), 0.9999), samples: samples)
            return CoherenceFloorTest(commissioned: commissioned)
                .run(correlation: correlations[1], samples: samples, component: "of \(tested.name)")
        }
    }

    /// Start-up: the commissioning part is the beginning of the capture, goes through the symbol tests, and is
    /// never keyed.
    ///
    /// - Parameter initiator: the published streams: rows of a class that isn't keyed are no component's, and the
    ///   responder's symbols are decided as the block's will be. His own values may be whole decibels, which repeat.
    private static func startUp(
        _ plan: QuantizationPlan, ownScores: [[Double]], initiator: ComponentStreams, role: Party.Role
    ) -> [HealthResult] {
        var results: [HealthResult] = []
        var total = 0
        var counted: Set<Int> = []
        for tested in plan.tested where tested.component.source < ownScores.count {
            let component = tested.component
            let scores = ownScores[component.source]
            // Rows of other classes went through the radio as well.
            if counted.insert(component.source).inserted { total += scores.count }
            let rows =
                plan.segmentLength > 0
                ? SymbolLayout(
                    plan: plan, keyed: scores.indices, pairsPerRow: initiator.pairsPerRow,
                    segmentClasses: initiator.segmentClasses
                ).rows[tested.index] : Array(scores.indices)
            let quantizer = QuantileHelperQuantizer(bits: component.bits, helperBits: component.helperBits)
            let isDecided = role == .responder && plan.labels == .helper && plan.feature == .scalar
            let symbols = rows.map { row in
                isDecided
                    ? quantizer.decide(
                        score: scores[row],
                        helper: quantizer.split(initiator.scores[component.source][row]).helper,
                        correlation: component.correlation)
                    : quantizer.split(scores[row]).symbol
            }
            results += symbolTests(
                symbols, component: plan.model.components[tested.index], isScalar: plan.feature == .scalar,
                suffix: plan.segmentLength > 0 ? "start-up, \(tested.name)" : "start-up")
        }
        results.append(
            HealthResult(
                name: "start-up length", passed: total >= StartUpTest.symbols,
                threshold: Double(StartUpTest.symbols), localValue: Double(total)))
        return results
    }

    /// The tests on this end's own keyed symbols; the values stay here.
    static func block(_ symbols: [[UInt8]], plan: QuantizationPlan) -> [HealthResult] {
        zip(symbols, plan.model.components).flatMap { symbols, component in
            symbols.isEmpty
                ? []
                : symbolTests(
                    symbols.map(Int.init), component: component, isScalar: plan.feature == .scalar,
                    suffix: component.name)
        }
    }

    private static func symbolTests(
        _ symbols: [Int], component: ComponentModel.Component, isScalar: Bool, suffix: String
    ) -> [HealthResult] {
        let claimed = max(Double(component.bits) - component.charge, 0.05)
        // Rows of a recorded strength aren't decimated until nothing is left of the memory.
        let run =
            isScalar
            ? min(
                claimed,
                RepetitionCountTest.runEntropy(
                    bits: component.bits, memory: component.memoryCorrelation)) : claimed
        return [
            RepetitionCountTest(entropy: run).run(symbols, name: "repetition count, \(suffix)"),
            AdaptiveProportionTest(entropy: claimed, bits: component.bits)
                .run(symbols, name: "adaptive proportion, \(suffix)"),
        ]
    }

    /// How far the found disagreement may rise above the commissioned one before the exchange is refused.
    ///
    /// A recorded channel drifts: the ceiling is the commissioned rate with its 2⁻²⁰ bound, times 1.5, plus 0.02.
    static func mismatch(_ key: ReconciledKey, raw: RawKey, effectiveRows: Double) -> HealthResult {
        mismatch(errors: key.corrected, frames: raw.frames, effectiveRows: effectiveRows)
    }

    static func mismatch(errors: Int, frames: [KeyFrame], effectiveRows: Double) -> HealthResult {
        let bits = frames.reduce(0) { $0 + $1.range.count }
        let expected =
            frames.reduce(0) { $0 + $1.errorRate * Double($1.range.count) } / Double(max(bits, 1))
        let bound = 4.763 * (max(expected * (1 - expected), 0) / max(effectiveRows, 1)).squareRoot()
        let ceiling = 1.5 * (expected + bound) + 0.02
        let found = Double(errors) / Double(max(bits, 1))
        return HealthResult(
            name: "mismatch ceiling", passed: found <= ceiling, threshold: ceiling, localValue: found)
    }
}
