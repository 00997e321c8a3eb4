// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// Every health test of an exchange: on published samples before the block, on an end's own symbols after it.
///
/// Only pass or fail and the threshold ever leave this end.
enum HealthChecks {
    /// The tests on published samples; both ends come to the same.
    static func commissioning(
        _ result: Commissioning.Result, ownScores: [[Double]],
        published: SharedCommissioning.PublishedFeatures
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
        results += coherence(result, published, samples: half)
        results += StaticChannelTest.run(
            diffusePower: findings.diffusePower, noiseVariance: findings.noisePower,
            predictability: findings.predictability)
        for component in result.plan.model.components {
            results.append(
                VarianceFloorTest.run(
                    variance: 1, noiseVariance: 1 - component.correlation, component: component.name))
        }
        // Without a component there is nothing to start: the refusal says why.
        if !result.plan.components.isEmpty { results += startUp(result.plan, ownScores: ownScores) }
        return results
    }

    /// Each keyed component's correlation between the ends, second half of the commissioning part against the first.
    private static func coherence(
        _ result: Commissioning.Result, _ published: SharedCommissioning.PublishedFeatures, samples: Double
    ) -> [HealthResult] {
        // Synchronized blocks are compared by halves in their commissioning, all components together.
        guard !result.plan.components.isEmpty, result.plan.synchronization == nil else { return [] }
        let a = ComponentStreams(published: published.initiator, plan: result.plan, role: .initiator).scores
        let b = ComponentStreams(published: published.responder, plan: result.plan, role: .responder).scores
        return Set(result.plan.components.map(\.source)).sorted().compactMap { source in
            guard source < a.count, source < b.count else { return nil }
            let count = min(a[source].count, b[source].count)
            let middle = count / 2
            let first = Series.correlation(Array(a[source][..<middle]), Array(b[source][..<middle]))
            let second = Series.correlation(
                Array(a[source][middle..<count]), Array(b[source][middle..<count]))
            let commissioned = CommissionedCorrelation(
                value: min(max(first, -0.9999), 0.9999), samples: samples)
            return CoherenceFloorTest(commissioned: commissioned)
                .run(correlation: second, samples: samples, component: "of component \(source)")
        }
    }

    /// Start-up: the commissioning part is the beginning of the capture, goes through the symbol tests, and is
    /// never keyed.
    private static func startUp(_ plan: QuantizationPlan, ownScores: [[Double]]) -> [HealthResult] {
        var results: [HealthResult] = []
        var total = 0
        for (source, scores) in ownScores.enumerated() {
            guard let index = plan.components.firstIndex(where: { $0.source == source }) else { continue }
            let quantizer = EquiprobableQuantizer(bits: plan.components[index].bits)
            let symbols = scores.map { quantizer.symbol($0) }
            total += symbols.count
            results += symbolTests(symbols, component: plan.model.components[index], suffix: "start-up")
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
                ? [] : symbolTests(symbols.map(Int.init), component: component, suffix: component.name)
        }
    }

    private static func symbolTests(
        _ symbols: [Int], component: ComponentModel.Component, suffix: String
    ) -> [HealthResult] {
        let claimed = max(Double(component.bits) - component.charge, 0.05)
        return [
            RepetitionCountTest(entropy: claimed).run(symbols, name: "repetition count, \(suffix)"),
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
