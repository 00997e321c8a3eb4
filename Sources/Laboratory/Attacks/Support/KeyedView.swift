// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Statistics

/// What an attacker works on: the initiator's scores of a whole capture under the plan of an exchange, of which the
/// first rows were published and the rest was keyed.
///
/// The published rows are his lesson, the keyed ones the examination that he never saw.
struct KeyedView {
    let plan: QuantizationPlan
    /// Normal scores of the initiator: `scores[source][row]`.
    let scores: [[Double]]
    /// Rows before this one were published.
    let published: Int
    /// Rows that are keyed.
    let keyed: Range<Int>
    /// Eve's features at the same rows, cleaned as everybody's are.
    let eve: [[Double]]

    /// Nil where the exchange came to no plan or nothing is keyed under it.
    init?(_ exchange: AttackedExchange, alice: ChannelTrace, eve eveTrace: ChannelTrace?) throws {
        guard let outcome = exchange.initiator, let plan = outcome.statistics.plan, !plan.components.isEmpty,
            let kind = FeatureKind.available(for: alice).first
        else { return nil }
        let extractor = try FeatureExtractor(kind: kind, like: alice)
        let features = try extractor.features(of: alice, at: Array(0..<alice.count))
        let streams = ComponentStreams(published: features, plan: plan, role: .initiator)
        let input = QuantizationInput(streams: streams, plan: plan, pairs: alice.count)
        guard !input.keyed.isEmpty else { return nil }
        self.plan = plan
        scores = streams.scores
        keyed = input.keyed
        published = outcome.statistics.commissionedPairs / streams.pairsPerRow
        let step = plan.stride * plan.timeBlock
        eve =
            try eveTrace.map { trace in
                guard let kind = FeatureKind.available(for: trace).first else { return [] }
                let matrix = try FeatureExtractor(kind: kind, like: trace)
                    .features(of: trace, at: Array(0..<trace.count))
                return (0..<matrix.columns).map { column in
                    let cleaned = plan.trend.apply(matrix.column(column))
                    return Swift.stride(from: 0, to: cleaned.count, by: step).map { cleaned[$0] }
                }
            } ?? []
    }
}
