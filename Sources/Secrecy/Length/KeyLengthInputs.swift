// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Everything that decides how many bits of one block may be called secret.
public struct KeyLengthInputs: Sendable {
    /// A component and how many of its symbols enter the hash.
    public struct KeyedComponent: Sendable, Hashable {
        public var component: ComponentModel.Component
        /// n_k, after removal of published samples.
        public var symbols: Int
        /// The SP 800-90B assessment of its symbols, where one was made.
        public var assessment: Assessment?

        public init(component: ComponentModel.Component, symbols: Int, assessment: Assessment? = nil) {
            self.component = component
            self.symbols = symbols
            self.assessment = assessment
        }
    }

    /// A SP 800-90B non-IID assessment beside that of a uniform control run. The ratio is a gate, not a bound.
    public struct Assessment: Sendable, Hashable, Codable {
        /// Assessed min-entropy per symbol, bits.
        public var assessed: Double
        /// The same estimators on a uniform run of equal length and width.
        public var control: Double
        /// Commissioning symbols that were assessed; fewer than 10⁶ don't count.
        public var symbols: Int

        public init(assessed: Double, control: Double, symbols: Int) {
            self.assessed = assessed
            self.control = control
            self.symbols = symbols
        }
    }

    public var components: [KeyedComponent]
    public var threatModel: ThreatModel
    public var epsilons: Epsilons
    public var finiteSizeBound: FiniteSize.Bound
    /// What an SP 800-90B assessment is worth.
    public var entropyRule = EntropyRule.ratio
    /// Bits of reconciliation sent by the initiator; nil when missing.
    public var leakForward: Double?
    /// Bits of reconciliation sent by the responder; nil when missing.
    public var leakBackward: Double?
    /// True where the responder's messages follow from the initiator's and the error pattern, so that charging the
    /// pattern may stand for what they tell (`LengthTerms.LeakRule`).
    public var patternCoversBackward = true
    /// Share of the keyed rounds that the tests on keyed samples let pass though somebody else may have made them: they
    /// are credited nothing. The threat model's f_max counts where it is larger. Public.
    public var uncreditedShare = 0.0
    /// Reconciliation by message type, for the certificate.
    public var reconciliationItems: [LengthTerms.Item]
    /// Everything else that was said about the key, verification and accept flag excepted.
    public var otherItems: [LengthTerms.Item]
    /// Bits of the verification hash, 0 when it is one-time padded; nil when missing.
    public var verification: Double?
    /// Bits of accept or abort; never counted below 1.
    public var outcome: Double
    /// Bits of pre-shared key that this exchange consumes: a key that doesn't gain as much is refused.
    public var authenticationBits = 0
    /// Results of every health test of this block.
    public var health: [HealthResult]
    /// What else forbids a key; each entry makes the length 0.
    public var refusals: [String]

    /// Inputs with the leak of a ledger.
    ///
    /// A ledger without any reconciliation or verification line counts as missing those terms: then there is no key.
    public init(
        components: [KeyedComponent], threatModel: ThreatModel, epsilons: Epsilons = Epsilons(),
        ledger: SecrecyLedger, health: [HealthResult], refusals: [String] = []
    ) {
        self.components = components
        self.threatModel = threatModel
        self.epsilons = epsilons
        finiteSizeBound = .a
        self.health = health
        self.refusals = refusals
        reconciliationItems = []
        otherItems = []
        outcome = 0
        for line in ledger.account {
            let arrow = line.direction == .initiatorToResponder ? "forward" : "backward"
            let item = LengthTerms.Item(name: "\(line.kind.name) \(arrow)", bits: line.bits)
            if line.isReconciliation {
                reconciliationItems.append(item)
                leakForward = (leakForward ?? 0) + (line.direction == .initiatorToResponder ? line.bits : 0)
                leakBackward = (leakBackward ?? 0) + (line.direction == .initiatorToResponder ? 0 : line.bits)
            } else if line.kind == .verificationHash {
                verification = (verification ?? 0) + line.bits
            } else if line.kind == .outcome {
                outcome += line.bits
            } else if line.bits > 0 {
                otherItems.append(item)
            }
        }
    }

    /// Inputs from plain numbers.
    public init(
        components: [KeyedComponent], threatModel: ThreatModel, epsilons: Epsilons = Epsilons(),
        leakForward: Double?, leakBackward: Double?, otherItems: [LengthTerms.Item] = [],
        verification: Double?,
        health: [HealthResult], refusals: [String] = []
    ) {
        self.components = components
        self.threatModel = threatModel
        self.epsilons = epsilons
        finiteSizeBound = .a
        self.leakForward = leakForward
        self.leakBackward = leakBackward
        reconciliationItems = []
        self.otherItems = otherItems
        self.verification = verification
        outcome = 0
        self.health = health
        self.refusals = refusals
    }
}
