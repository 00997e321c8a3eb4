// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Quantization
public import Secrecy

/// The health tests of one end on window after window of a commissioned channel, without an exchange: how often they
/// alarm on a live channel, and whether they notice what goes wrong.
///
/// The tests are those of an exchange, each window standing as the keyed part of one.
public struct HealthMonitor: Sendable {
    /// The tests on the published samples.
    public let commissioning: [HealthResult]
    /// What stands against keying at all, in words; nil where there is a plan.
    public let obstacle: String?
    /// Rows that can be windows.
    public let rows: Range<Int>
    private let plan: QuantizationPlan
    private let scores: [[Double]]
    private let responderScores: [[Double]]
    private let effectiveRows: Double
    private let levels: [Double]
    private let segmentClasses: [Int]
    private let pairsPerRow: Int

    /// Commissions on the first `commissioned` pairs of two captures, paired by row.
    public init(
        initiator: ChannelTrace, responder: ChannelTrace, options: ExchangeOptions, commissioned: Int
    ) throws(QWaveError) {
        try options.validate()
        guard let kind = FeatureKind.available(for: initiator).first, commissioned < initiator.count,
            initiator.count == responder.count
        else {
            throw QWaveError(.badInput, "these captures don't commission and leave windows")
        }
        let extractor = try FeatureExtractor(kind: kind, like: initiator)
        let features = try extractor.features(of: initiator, at: Array(0..<initiator.count))
        let theirs = try extractor.features(of: responder, at: Array(0..<responder.count))
        let published = SharedCommissioning.PublishedFeatures(
            initiator: features.slice(0..<commissioned), responder: theirs.slice(0..<commissioned))
        let result = try SharedCommissioning(
            options: options, extractor: extractor, rate: options.rate ?? initiator.description.nominalRate,
            tones: initiator.description.toneIndices
        ).commission(published, eve: nil, keyedPairs: initiator.count - commissioned)
        plan = result.plan
        let streams = ComponentStreams(published: features, plan: plan, role: .initiator)
        scores = streams.scores
        responderScores = ComponentStreams(published: theirs, plan: plan, role: .responder).scores
        effectiveRows = result.findings.effectiveRows
        segmentClasses = streams.segmentClasses
        pairsPerRow = streams.pairsPerRow
        levels = KeyedChecks.levels(features, plan)
        let first = commissioned / pairsPerRow
        commissioning = HealthChecks.commissioning(
            result, ownScores: streams.scores.map { Array($0.prefix(first)) }, published: published,
            role: .initiator)
        obstacle =
            result.findings.obstacle ?? (plan.components.isEmpty ? "no component is worth keying" : nil)
        rows = first..<max(first, streams.scores.map(\.count).min() ?? 0)
    }

    /// The tests on the keyed part of an exchange whose keyed part is `window`, and how many of its symbols would be
    /// keyed at all: a segment of a class that wasn't commissioned isn't.
    ///
    /// - Precondition: a part of `rows`.
    public func run(_ window: Range<Int>) -> (tests: [HealthResult], symbols: Int) {
        precondition(window.clamped(to: rows) == window, "a window lies behind the commissioning part")
        let first = rows.lowerBound
        let layout = SymbolLayout(
            plan: plan, keyed: window, pairsPerRow: pairsPerRow, segmentClasses: segmentClasses)
        var symbols: [[UInt8]] = []
        var errors = 0
        for (component, rows) in zip(plan.components, layout.rows) {
            // Without helper data (B = 0) the responder's nearest candidate is his own cell.
            let quantizer = QuantileHelperQuantizer(bits: component.bits, helperBits: component.helperBits)
            symbols.append(
                rows.map { row in
                    let (symbol, helper) = quantizer.split(scores[component.source][row])
                    let decided = quantizer.decide(
                        score: responderScores[component.source][row], helper: helper,
                        correlation: component.correlation)
                    errors += (quantizer.label(symbol) ^ quantizer.label(decided)).nonzeroBitCount
                    return UInt8(truncatingIfNeeded: symbol)
                })
        }
        let pairs = window.lowerBound * pairsPerRow..<min(window.upperBound * pairsPerRow, levels.count)
        var tests = HealthChecks.block(symbols, plan: plan)
        tests += KeyedChecks(
            plan: plan, scores: scores.map { Array($0[..<first] + $0[window]) },
            keyed: first..<first + window.count,
            levels: Array(levels[..<min(plan.commissionedPairs, levels.count)] + levels[pairs]),
            injectedFraction: 0
        ).run()
        if layout.symbolCount > 0 {
            tests.append(
                HealthChecks.mismatch(errors: errors, frames: layout.frames, effectiveRows: effectiveRows))
        }
        return (tests, layout.symbolCount)
    }
}
