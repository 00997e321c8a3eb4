// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

/// The part of an exchange in which both ends publish their first probes and fix the plan.
///
/// Both run the same commissioning on the same published samples; the initiator says her plan, the responder
/// checks that his is the same before he goes on, so neither can smuggle in another.
struct SharedCommissioning {
    struct Outcome {
        var pairs: PairList
        var commissioned: Int
        /// This end's features of all pairs.
        var features: FeatureMatrix
        var result: Commissioning.Result
    }

    let options: ExchangeOptions
    let extractor: FeatureExtractor
    let rate: Double?
    let tones: [Int]

    func run(
        _ trace: ChannelTrace, eve: ChannelTrace?, as party: Party, events: @Sendable (ExchangeEvent) -> Void
    ) async throws(QWaveError) -> Outcome {
        events(.phase(.pairing))
        let pairs = try await pair(ProbeList(trace), as: party)
        let commissioned = options.commissionedPairs(of: pairs.count)
        guard pairs.count > commissioned else {
            throw QWaveError(
                .refused,
                "\(pairs.count) pairs: the first \(commissioned) commission the model and nothing is left to key; "
                    + "record longer")
        }
        events(.paired(pairs: pairs.count, commissioned: commissioned))
        let own = party.role == .initiator ? pairs.initiator : pairs.responder
        let features = try extractor.features(of: trace, at: own)
        events(.phase(.commissioning))
        let published = features.slice(0..<commissioned)
        let theirs = try await publish(published, as: party)
        let (a, b) = party.role == .initiator ? (published, theirs) : (theirs, published)
        let eveFeatures = try eve.map { (eve) throws(QWaveError) in
            try EveAlignment.features(of: eve, reference: trace, at: Array(own.prefix(commissioned)))
        }
        var commissioning = Commissioning.Options()
        commissioning.labels = options.labels
        commissioning.feature = options.feature
        commissioning.decorrelation = options.decorrelation
        commissioning.timeBlock = options.timeBlock
        commissioning.maximumBits = options.maximumBits
        commissioning.helperBits = options.helperBits
        commissioning.stride = options.stride
        commissioning.trendWindow = options.trendWindow
        commissioning.rate = rate
        let charges = SecrecyCharges(threatModel: options.threatModel, epsilons: options.epsilons)
        let result = try Commissioning(options: commissioning, charges: charges).run(
            initiator: a, responder: b, published: extractor.kind, tones: tones, eve: eveFeatures,
            keyedPairs: pairs.count - commissioned)
        let plan = try await agree(result.plan, as: party)
        return Outcome(
            pairs: pairs, commissioned: commissioned, features: features,
            result: Commissioning.Result(plan: plan, findings: result.findings))
    }

    private func pair(_ own: ProbeList, as party: Party) async throws(QWaveError) -> PairList {
        let limit = 9 + 8 * Int(ProbeList.maximumCount)
        if party.role == .initiator {
            try await SessionMessage.sendPieces(SessionMessage.probes, own.encoded, as: party)
        }
        let bytes = try await SessionMessage.receivePieces(
            SessionMessage.probes, limit: limit, what: "probe list", as: party)
        if party.role == .responder {
            try await SessionMessage.sendPieces(SessionMessage.probes, own.encoded, as: party)
        }
        let theirs = try ProbeList(encoded: bytes)
        return party.role == .initiator
            ? try PairList(initiator: own, responder: theirs)
            : try PairList(initiator: theirs, responder: own)
    }

    private func publish(_ own: FeatureMatrix, as party: Party) async throws(QWaveError) -> FeatureMatrix {
        let limit = own.rows * own.columns * 4
        if party.role == .initiator {
            try await SessionMessage.sendPieces(SessionMessage.features, own.encoded, as: party)
        }
        let bytes = try await SessionMessage.receivePieces(
            SessionMessage.features, limit: limit, what: "published samples", as: party)
        if party.role == .responder {
            try await SessionMessage.sendPieces(SessionMessage.features, own.encoded, as: party)
        }
        return try FeatureMatrix(encoded: bytes, rows: own.rows, columns: own.columns)
    }

    private func agree(_ own: QuantizationPlan, as party: Party) async throws(QWaveError) -> QuantizationPlan
    {
        switch party.role {
        case .initiator:
            try await SessionMessage.sendPieces(SessionMessage.plan, try SessionJSON.encode(own), as: party)
            return own
        case .responder:
            let bytes = try await SessionMessage.receivePieces(
                SessionMessage.plan, limit: 16 << 20, what: "quantization plan", as: party)
            let plan = try SessionJSON.decode(QuantizationPlan.self, bytes, what: "quantization plan")
            try plan.validate(
                columns: plan.feature == extractor.kind ? extractor.columns : extractor.columns / 2)
            guard plan.isEquivalent(to: own) else {
                throw QWaveError(
                    .refused,
                    "the ends came to different models from the same published samples; nothing was keyed")
            }
            return plan
        }
    }
}

extension QuantizationPlan {
    /// Equal in every choice, and in every number to one part in a million: two processors may round differently.
    func isEquivalent(to other: QuantizationPlan) -> Bool {
        func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * max(1, abs(a), abs(b)) }
        return feature == other.feature && stride == other.stride && timeBlock == other.timeBlock
            && decorrelation == other.decorrelation && labels == other.labels
            && segmentLength == other.segmentLength
            && trend.window == other.trend.window && trend.scaleWindow == other.trend.scaleWindow
            && near(trend.scaleFloor, other.trend.scaleFloor) && near(classBase, other.classBase)
            && commissionedPairs == other.commissionedPairs && components.count == other.components.count
            && zip(components, other.components).allSatisfy {
                $0.source == $1.source && $0.bits == $1.bits && $0.helperBits == $1.helperBits
                    && $0.segmentClass == $1.segmentClass && near($0.correlation, $1.correlation)
            }
            && zip(model.components, other.model.components).allSatisfy {
                near($0.charge, $1.charge) && near($0.errorPatternCharge, $1.errorPatternCharge)
                    && near($0.deficit, $1.deficit) && near($0.eveCharge, $1.eveCharge)
                    && $0.errorRates.count == $1.errorRates.count
                    && zip($0.errorRates, $1.errorRates).allSatisfy(near)
            }
    }
}
