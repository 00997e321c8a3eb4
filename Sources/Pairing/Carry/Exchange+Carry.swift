// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

extension Exchange {
    /// Throws where what is carried over can't serve this exchange at all, before the peer hears anything.
    func checkCarry(eve: ChannelTrace?) throws(QWaveError) {
        guard let carry else { return }
        try carry.validate(options)
        try carry.checkHealth()
        guard eve == nil else {
            throw QWaveError(
                .usage,
                "what Eve recorded while earlier exchanges published isn't in the commissioning state: give an Eve's "
                    + "capture without --commissioning")
        }
    }

    /// The window that both ends hold and that fits, and the event that says so.
    func carriedWindow(
        _ own: Opening.Parameters, _ theirs: Opening.Parameters, kind: CommissioningState.Kind, rate: Double?,
        _ events: @Sendable (ExchangeEvent) -> Void
    ) -> CarriedWindow? {
        guard let carry else { return nil }
        let (window, reason) = CarriedWindow.common(
            carry, own: own.commissioning, theirs: theirs.commissioning, kind: kind, rate: rate)
        events(.carried(pairs: window?.state.pairs ?? 0, reason: reason))
        return window
    }
}

/// One end's scores and levels, the published ones first: of this capture alone, or of a window and then this capture's
/// keyed part.
struct ScoreRecord {
    /// By component, of all published rows.
    let published: [[Double]]
    /// By component, of all published rows and then of those that are keyed.
    let scores: [[Double]]
    /// The keyed ones among them.
    let keyed: Range<Int>
    /// The level of every pair about its trend.
    let levels: [Double]
    let publishedPairs: Int

    init(
        _ commissioned: SharedCommissioning.Outcome, streams: ComponentStreams, input: QuantizationInput,
        role: Party.Role
    ) {
        let plan = commissioned.result.plan
        let own = KeyedChecks.levels(commissioned.features, plan)
        guard !commissioned.published.joints.isEmpty else {
            let rows =
                plan.synchronization == nil
                ? commissioned.commissioned / streams.pairsPerRow : input.keyed.lowerBound
            published = streams.scores.enumerated().map {
                Array($1.prefix(rows * plan.symbolsPerRow(source: $0)))
            }
            scores = streams.scores
            keyed = input.keyed
            levels = own
            publishedPairs = plan.commissionedPairs
            return
        }
        let window = role == .initiator ? commissioned.published.initiator : commissioned.published.responder
        let joints = commissioned.published.joints
        let before = ComponentStreams(published: window, plan: plan, role: role, joints: joints).scores
        published = before
        scores = zip(before, streams.scores).map { $0 + $1[input.keyed.clamped(to: $1.indices)] }
        let rows = before.map(\.count).min() ?? 0
        keyed = rows..<rows + input.keyed.count
        levels =
            KeyedChecks.levels(window, plan, joints: joints) + own.dropFirst(commissioned.commissioned)
        publishedPairs = window.rows
    }
}
