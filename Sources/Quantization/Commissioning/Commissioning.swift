// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The measurement of a channel's public model from sacrificed probes of both ends.
///
/// Everything it sees has been published; nothing of it is ever keyed. It chooses features, trend window,
/// decimation, components and bits by the expected net rate, so the choice is fixed before any keyed sample is
/// looked at. Both ends can run it on the same published samples and get the same plan.
public struct Commissioning: Sendable {
    public struct Options: Sendable {
        public var labels: QuantizationPlan.Labels = .helper
        /// Feature kinds to try; nil tries all that the published features allow.
        public var feature: FeatureKind?
        public var decorrelation: Decorrelation = .klt
        public var timeBlock = 1
        /// M at the most.
        public var maximumBits = 6
        /// B; nil chooses.
        public var helperBits: Int?
        /// Decimation; nil chooses.
        public var stride: Int?
        /// Trend window in pairs; nil chooses.
        public var trendWindow: Int?
        /// Pairs a second, where known.
        public var rate: Double?
        /// Rows at which another exchange's samples begin, rising: samples of several exchanges have no neighbors
        /// there. Blocks on one phase track aren't looked for across them, so not at all where there are any.
        public var joints: [Int] = []
        /// What reconciliation is expected to cost.
        public var reconciliation = ReconciliationPrice.hard(efficiency: 1.15)

        public init() {}
    }

    /// What the commissioned samples show besides the plan: the input of the health tests.
    public struct Findings: Sendable, Hashable {
        /// Lag of the cross-correlation's peak in rows, and its height on the first and the second half.
        public var alignmentLag = 0
        public var alignment = 0.0
        public var alignmentSecondHalf = 0.0
        /// Covariance between the ends over the selected components, and the noise beside it.
        public var diffusePower = 0.0
        public var noisePower = 0.0
        /// R² of the selected components on their own past.
        public var predictability = 0.0
        /// Rows that commissioned, and how many independent ones they are worth.
        public var rows = 0
        public var effectiveRows = 0.0
        /// Estimates that hold at once.
        public var estimates = 1
        /// Expected net bits for each keyed row, after every charge.
        public var expectedNetPerRow = 0.0
        /// Information between the ends for each row under the Gaussian model, selected components.
        public var informationPerRow = 0.0
        /// Memory charged for each row by the underlying channel's model, and the charge for dependence inside a
        /// snapshot; zero where the memory is measured on the feature itself.
        public var memoryPerRow = 0.0
        public var dependencePerRow = 0.0
        /// Maximum Doppler shift in cycles a pair, where a spectrum was fitted, and the spectrum's name.
        public var dopplerPerPair: Double?
        public var spectrum: String?
        /// What stands against keying at all, in words.
        public var obstacle: String?

        public init() {}
    }

    public struct Result: Sendable {
        /// Without components where nothing is worth keying.
        public var plan: QuantizationPlan
        public var findings: Findings

        public init(plan: QuantizationPlan, findings: Findings) {
            self.plan = plan
            self.findings = findings
        }
    }

    public let options: Options
    public let charges: any SelectionCharges

    public init(options: Options, charges: any SelectionCharges) {
        self.options = options
        self.charges = charges
    }

    /// Commissions from published features.
    ///
    /// - Parameters:
    ///   - initiator: the initiator's published features, a row for each commissioning pair.
    ///   - responder: the responder's, the same rows.
    ///   - eve: what an eavesdropper recorded at the same rows, where she was recorded.
    ///   - breaks: rows before which a pair is missing.
    ///   - keyedPairs: how many pairs will be keyed under this plan.
    public func run(
        initiator: FeatureMatrix, responder: FeatureMatrix, published kind: FeatureKind, tones: [Int] = [],
        eve: EveFeatures? = nil, breaks: [Int] = [], keyedPairs: Int
    ) throws(QWaveError) -> Result {
        guard initiator.rows == responder.rows, initiator.columns == responder.columns else {
            throw QWaveError(.refused, "the ends published commissioning samples of different shapes")
        }
        guard initiator.rows >= 64 else {
            throw QWaveError(
                .refused,
                "\(initiator.rows) pairs can't commission a model: record at least 1,280 probe pairs")
        }
        guard (initiator.values + responder.values).allSatisfy(\.isFinite) else {
            throw QWaveError(.badInput, "a commissioning sample isn't a finite number")
        }
        guard eve.map({ $0.rows == initiator.rows }) ?? true else {
            throw QWaveError(.badInput, "Eve's rows aren't the commissioning pairs")
        }
        if kind == .scalar || initiator.columns == 1 {
            return ScalarCommissioning(base: self).run(initiator, responder, eve: eve, keyedPairs: keyedPairs)
        }
        let isSynchronizable =
            2 * tones.count == initiator.columns && CanonicalPhase(tones: tones).step == 1
        guard isSynchronizable || options.feature != .synchronized else {
            throw QWaveError(
                .refused, "only gains of one antenna pair on neighboring tones can be synchronized")
        }
        // Gains only where they are asked for, amplitudes otherwise. A few snapshots fit a phase reference in two ways,
        // the ends then disagree by far more than the Gaussian law says, and log-likelihoods by that law cost twice what
        // they should; synchronized blocks take seconds to commission, and don't lock everywhere.
        let kinds: [FeatureKind] =
            options.feature.map { [$0] }
            ?? [kind == .canonical ? .amplitude : kind]
        let channel = UnderlyingChannel(initiator: initiator, kind: kind, joints: options.joints)
        var results: [Result] = []
        // A steady line of sight gives every snapshot its phase: nothing is searched for, and features of single
        // snapshots know little of what fades beside it. A recorded Eve can't be charged there yet.
        let specular =
            isSynchronizable && kind == .canonical && eve == nil && options.joints.isEmpty
                && options.feature.map { $0 == .synchronized } ?? true
            ? SpecularCommissioning(base: self, tones: tones, breaks: breaks, initiator, responder)?
                .run(initiator, responder, keyedPairs: keyedPairs) : nil
        if let specular {
            results.append(specular)
        } else if kinds.contains(.synchronized) {
            let synchronized = SynchronizedCommissioning(
                base: self, tones: tones, channel: channel, breaks: breaks)
            results.append(synchronized.run(initiator, responder, eve: eve, keyedPairs: keyedPairs))
        }
        results += kinds.filter { $0 != .synchronized }.map {
            VectorCommissioning(base: self, kind: $0, published: kind, channel: channel, tones: tones)
                .run(initiator, responder, eve: eve, keyedPairs: keyedPairs)
        }
        return results.max {
            $0.findings.expectedNetPerPair($0.plan) < $1.findings.expectedNetPerPair($1.plan)
        }
            ?? results[0]
    }
}

extension Commissioning.Findings {
    func expectedNetPerPair(_ plan: QuantizationPlan) -> Double {
        plan.components.isEmpty
            ? -.infinity : expectedNetPerRow / Double(plan.stride * plan.timeBlock)
    }
}
