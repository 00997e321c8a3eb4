// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization
internal import Reconciliation

/// The part of an exchange in which both ends publish their first probes and fix the plan.
///
/// Both run the same commissioning on the same published samples; the initiator says her plan, the responder
/// checks that his is the same before he goes on, so neither can smuggle in another.
struct SharedCommissioning {
    /// Both ends' features of the commissioning part: public, the same at both.
    struct PublishedFeatures {
        var initiator: FeatureMatrix
        var responder: FeatureMatrix
        /// Rows at which the samples of a further exchange begin.
        var joints: [Int] = []
    }

    struct Outcome {
        var pairs: PairList
        var commissioned: Int
        /// This end's features of all pairs.
        var features: FeatureMatrix
        /// What both ends published, in a window's earlier exchanges too.
        var published: PublishedFeatures
        /// What they published in this one.
        var fresh: PublishedFeatures
        /// The window that this exchange and those before it make; nil where it couldn't serve the next one.
        var state: CommissioningState?
        /// What Eve recorded at the published pairs, where she was recorded.
        var eve: EveFeatures?
        /// Rows before which a probe is missing.
        var breaks: [Int]
        var result: Commissioning.Result
    }

    let options: ExchangeOptions
    let extractor: FeatureExtractor
    let rate: Double?
    let tones: [Int]

    /// - Parameters:
    ///   - carry: what this end wants of commissioning over exchanges, if anything.
    ///   - window: the window that both ends hold: then a refresh of it is published, and no more.
    func run(
        _ trace: ChannelTrace, eve: ChannelTrace?, carry: CommissioningCarry? = nil,
        window: CarriedWindow? = nil, as party: Party, events: @Sendable (ExchangeEvent) -> Void
    ) async throws(QWaveError) -> Outcome {
        events(.phase(.pairing))
        let (pairs, initiatorProbes) = try await pair(ProbeList(trace), as: party)
        let commissioned =
            window?.carry.refreshPairs(of: pairs.count, columns: extractor.columns)
            ?? options.commissionedPairs(of: pairs.count)
        guard pairs.count > commissioned else {
            throw QWaveError(
                .refused,
                "\(pairs.count) pairs: the first \(commissioned) commission the model and nothing is left to key; "
                    + "record longer")
        }
        events(.paired(pairs: pairs.count, commissioned: commissioned))
        let own = party.role == .initiator ? pairs.initiator : pairs.responder
        var features = try extractor.features(of: trace, at: own)
        guard !(carry?.state?.holds(features, of: party.role) ?? false) else {
            throw QWaveError(
                .refused,
                "a part of this capture was published by an exchange before, and what is published is never keyed: "
                    + "record anew")
        }
        // Gains come in so many values that nothing of them is rounded; recorded strengths are whole decibels.
        if party.role == .initiator, extractor.kind == .scalar || extractor.kind == .amplitude {
            try Dither.apply(to: &features, random: party.random)
        }
        let breaks = pairs.breaks(in: initiatorProbes)
        events(.phase(.commissioning))
        let published = features.slice(0..<commissioned)
        let theirs = try await publish(published, as: party)
        let (a, b) = party.role == .initiator ? (published, theirs) : (theirs, published)
        let eveFeatures = try eve.map { (eve) throws(QWaveError) in
            try EveAlignment.features(
                of: eve, initiator: initiatorProbes, at: Array(pairs.initiator.prefix(commissioned)))
        }
        let fresh = PublishedFeatures(initiator: a, responder: b)
        let freshBreaks = breaks.filter { $0 < commissioned }
        let state = carry.flatMap { renewed($0, window, fresh, breaks: freshBreaks, trace) }
        var both = fresh
        if window != nil, let state {
            both = PublishedFeatures(
                initiator: state.initiator, responder: state.responder, joints: state.joints)
        }
        var result = try commission(
            both, eve: eveFeatures, breaks: freshBreaks, keyedPairs: pairs.count - commissioned)
        // Keyed rows begin behind what this capture published.
        result.plan.commissionedPairs = commissioned
        let plan = try await agree(result.plan, as: party)
        return Outcome(
            pairs: pairs, commissioned: commissioned, features: features, published: both, fresh: fresh,
            state: plan.synchronization == nil ? state : nil, eve: eveFeatures, breaks: breaks,
            result: Commissioning.Result(plan: plan, findings: result.findings))
    }

    /// The model and the plan from published samples: both ends come to the same.
    ///
    /// - Parameter breaks: published rows before which a probe is missing.
    func commission(
        _ published: PublishedFeatures, eve: EveFeatures?, breaks: [Int] = [], keyedPairs: Int
    ) throws(QWaveError) -> Commissioning.Result {
        try Self.commission(
            published, kind: extractor.kind, tones: tones, rate: rate, options: options, eve: eve,
            breaks: breaks, keyedPairs: keyedPairs)
    }

    /// The same of samples that no capture is at hand of.
    static func commission(
        _ published: PublishedFeatures, kind: FeatureKind, tones: [Int], rate: Double?,
        options: ExchangeOptions, eve: EveFeatures? = nil, breaks: [Int] = [], keyedPairs: Int
    ) throws(QWaveError) -> Commissioning.Result {
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
        commissioning.joints = published.joints
        if try options.engine().usesSoftValues {
            // Classes of strengths that are barely worth their price raise alarms, whatever a code could make of them.
            commissioning.reconciliation =
                kind == .scalar ? .soft(excess: 0.09) : .soft(keyedPairs: keyedPairs)
        }
        let charges = SecrecyCharges(threatModel: options.threatModel, epsilons: options.epsilons)
        return try Commissioning(options: commissioning, charges: charges).run(
            initiator: published.initiator, responder: published.responder, published: kind,
            tones: tones, eve: eve, breaks: breaks, keyedPairs: keyedPairs)
    }

    private func pair(_ own: ProbeList, as party: Party) async throws(QWaveError) -> (PairList, ProbeList) {
        if party.role == .initiator {
            try await SessionMessage.sendPieces(SessionMessage.probes, own.encoded, as: party)
        }
        let bytes = try await SessionMessage.receivePieces(
            SessionMessage.probes, limit: ProbeList.bytes(ofAtMost: own.peerLimit), what: "probe list",
            as: party)
        if party.role == .responder {
            try await SessionMessage.sendPieces(SessionMessage.probes, own.encoded, as: party)
        }
        let theirs = try ProbeList(encoded: bytes, atMost: own.peerLimit)
        let (a, b) = party.role == .initiator ? (own, theirs) : (theirs, own)
        return (try PairList(initiator: a, responder: b), a)
    }

    private func publish(_ own: FeatureMatrix, as party: Party) async throws(QWaveError) -> FeatureMatrix {
        guard own.isPlausible else {
            throw QWaveError(.badInput, "a recorded gain isn't a number of sensible size")
        }
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
            // Amplitudes are one number for the two of a canonical gain.
            let halves = plan.feature == .amplitude && extractor.kind == .canonical
            try plan.validate(columns: halves ? extractor.columns / 2 : extractor.columns)
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
        feature == other.feature && alignment?.tones == other.alignment?.tones
            && nearInScale(alignment?.template ?? [], other.alignment?.template ?? [])
            && stride == other.stride && timeBlock == other.timeBlock
            && decorrelation == other.decorrelation && labels == other.labels
            && same(synchronization, other.synchronization) && segmentLength == other.segmentLength
            && trend.window == other.trend.window
            && trend.scaleWindow == other.trend.scaleWindow && commissionedPairs == other.commissionedPairs
            && near([trend.scaleFloor, classBase], [other.trend.scaleFloor, other.classBase])
            && same(initiatorMap, other.initiatorMap) && same(responderMap, other.responderMap)
            && same(initiatorMarginals, other.initiatorMarginals)
            && same(responderMarginals, other.responderMarginals)
            && components.count == other.components.count
            && zip(components, other.components).allSatisfy(same)
            && model.components.count == other.model.components.count
            && zip(model.components, other.model.components).allSatisfy(same)
    }
}

/// Equal to one part in a million of the largest number, NaN never.
private func near(_ a: [Double], _ b: [Double]) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($0), abs($1)) }
}

/// A map's or a table's numbers have the feature's own unit: compared to the largest of them.
private func nearInScale(_ a: [Double], _ b: [Double]) -> Bool {
    guard a.count == b.count else { return false }
    let scale = a.reduce(0) { max($0, abs($1)) }
    return zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 * scale }
}

private func same(_ a: SynchronizedPlan?, _ b: SynchronizedPlan?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    func close(_ a: [[Double]], _ b: [[Double]]) -> Bool {
        a.count == b.count && nearInScale(a.flatMap(\.self), b.flatMap(\.self))
    }
    return a.law.spectrum == b.law.spectrum && nearInScale([a.law.doppler], [b.law.doppler])
        && a.bins == b.bins && a.references == b.references && a.classes == b.classes
        && close(a.projectionReal, b.projectionReal) && close(a.projectionImaginary, b.projectionImaginary)
        && zip([a.initiator, a.responder], [b.initiator, b.responder]).allSatisfy {
            $0.tones == $1.tones && nearInScale($0.powers, $1.powers) && nearInScale([$0.noise], [$1.noise])
                && close($0.real, $1.real) && close($0.imaginary, $1.imaginary)
                && $0.specular?.alignment.tones == $1.specular?.alignment.tones
                && nearInScale(
                    $0.specular?.alignment.template ?? [], $1.specular?.alignment.template ?? [])
        }
}

private func same(_ a: LinearMap, _ b: LinearMap) -> Bool {
    a.selection == b.selection && nearInScale(a.mean, b.mean) && a.weights.count == b.weights.count
        && zip(a.weights, b.weights).allSatisfy(nearInScale)
}

private func same(_ a: [MarginalDistribution], _ b: [MarginalDistribution]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy {
            nearInScale($0.values + [$0.deviation], $1.values + [$1.deviation])
                && near([$0.firstScore], [$1.firstScore])
        }
}

private func same(_ a: QuantizationPlan.Component, _ b: QuantizationPlan.Component) -> Bool {
    a.source == b.source && a.bits == b.bits && a.helperBits == b.helperBits
        && a.segmentClass == b.segmentClass && a.tail == b.tail && near([a.correlation], [b.correlation])
}

private func same(_ a: ComponentModel.Component, _ b: ComponentModel.Component) -> Bool {
    a.name == b.name && a.bits == b.bits && a.helperBits == b.helperBits && near(a.errorRates, b.errorRates)
        && near(a.softEntropies, b.softEntropies)
        && near(
            [
                a.correlation, a.correlationLowerBound, a.memoryCorrelation, a.memoryCharge, a.eveCharge,
                a.deficit, a.errorPatternCharge,
            ],
            [
                b.correlation, b.correlationLowerBound, b.memoryCorrelation, b.memoryCharge, b.eveCharge,
                b.deficit, b.errorPatternCharge,
            ])
}
