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
    /// What Eve goes by for each source, the most telling first: `eve[source][column][row]`.
    let eve: [[[Double]]]

    /// Nil where the exchange came to no plan or nothing is keyed under it.
    init?(_ exchange: AttackedExchange, alice: ChannelTrace, eve eveTrace: ChannelTrace?) throws {
        guard let outcome = exchange.initiator, let plan = outcome.statistics.plan, !plan.components.isEmpty,
            let kind = FeatureKind.available(for: alice).first
        else { return nil }
        let extractor = try FeatureExtractor(kind: kind, like: alice)
        var features = try extractor.features(of: alice, at: Array(0..<alice.count))
        // The exchange filled the gaps of rounded values; another draw of the same noise is as good to attack.
        if kind == .scalar || kind == .amplitude {
            try Dither.apply(to: &features, random: ExperimentSource(seed: UInt64(alice.count)))
        }
        let streams = ComponentStreams(published: features, plan: plan, role: .initiator)
        let input = QuantizationInput(streams: streams, plan: plan, pairs: alice.count)
        guard !input.keyed.isEmpty else { return nil }
        self.plan = plan
        scores = streams.scores
        keyed = input.keyed
        published = outcome.statistics.commissionedPairs / streams.pairsPerRow
        let lesson = published
        let rows = scores.map(\.count).min() ?? 0
        let known = outcome.statistics.commissionedPairs
        eve =
            try eveTrace.map { trace in
                // Row by row, as the laboratory's captures are.
                let hers = try EveFeatures(of: trace, at: (0..<alice.count).map { min($0, trace.count - 1) })
                return EveRegressors(
                    hers, plan: plan, published: features.slice(0..<min(known, features.rows))
                )
                .columns(
                    targets: streams.scores, lesson: 0..<min(lesson, rows),
                    limit: max(4, min(48, lesson / 16)))
            } ?? []
    }
}
