// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The ledger's verdict on one block: every term of its key length, and what may be said about it.
///
/// Public: it holds no secret value, no hash of one, and no statistic of keyed samples. Model terms are the
/// commissioned ones.
public struct Certificate: Sendable, Hashable, Codable {
    /// What the caller knows besides the length.
    public struct Context: Sendable, Hashable, Codable {
        /// Which block of which exchange, like "5f3a…/0".
        public var block: String
        public var threatModelHash: String
        public var codeHash: String
        public var configurationHash: String
        public var captures: [String]
        /// Versions by name, like "qwave": "1.0".
        public var software: [String: String]
        /// When, ISO 8601.
        public var time: String
        /// True when the channel came out of a simulator.
        public var simulated: Bool
        /// How injected probes are noticed: "computational" where probes carry a keyed tag, which feeds a health
        /// test and earns nothing; otherwise that nothing does.
        public var injectionDetection: String
        /// Digest of the window of earlier exchanges that commissioned beside this one's own pairs; nil where none did.
        public var commissioning: String?

        public init(
            block: String, threatModelHash: String, codeHash: String, configurationHash: String,
            captures: [String] = [], software: [String: String] = [:], time: String, simulated: Bool = false,
            injectionDetection: String = Certificate.untaggedProbes
        ) {
            self.block = block
            self.threatModelHash = threatModelHash
            self.codeHash = codeHash
            self.configurationHash = configurationHash
            self.captures = captures
            self.software = software
            self.time = time
            self.simulated = simulated
            self.injectionDetection = injectionDetection
        }
    }

    /// The version of the format that this code writes and reads.
    public static let currentVersion = 2

    /// The format's version.
    public var version: Int
    public var context: Context
    /// What is assumed about Eve; `Context.threatModelHash` is of this.
    public var threatModel: ThreatModel
    public var terms: LengthTerms
    public var epsilons: Epsilons
    /// ε_tot.
    public var epsilonTotal: Double
    /// ⌊L_model⌋; nil where a term is missing.
    public var modelBits: Int?
    /// ⌊L_90B⌋; nil where it wasn't computed.
    public var assessedBits: Int?
    /// This end's own length.
    public var ownLength: Int
    /// ℓ, as both ends agreed.
    public var length: Int
    public var authenticationBits: Int
    /// ℓ_net.
    public var netLength: Int
    public var refusals: [String]
    /// "model" or "model+90B".
    public var assurance: String
    /// Assessed value, control and symbols by component, of those that were assessed.
    public var assessments: [String: KeyLengthInputs.Assessment]
    public var health: [HealthResult]
    /// What may be said about the key.
    public var claim: String
    /// For the laboratory only: simulated, or surroundings that somebody could steer.
    public var laboratory: Bool
    public var injectionDetection: String
    /// Assumptions and conventions behind the numbers.
    public var notes: [String]

    /// - Parameters:
    ///   - result: the agreed result for `inputs`.
    public init(result: KeyLengthResult, inputs: KeyLengthInputs, context: Context) {
        version = Self.currentVersion
        self.context = context
        threatModel = inputs.threatModel
        terms = result.terms
        epsilons = inputs.epsilons
        epsilonTotal = inputs.epsilons.total
        modelBits = result.modelBits
        assessedBits = result.assessedBits
        ownLength = result.ownLength
        length = result.length
        authenticationBits = result.authenticationBits
        netLength = result.netLength
        refusals = result.refusals
        assurance = result.assurance
        assessments = [:]
        for (keyed, part) in zip(inputs.components, result.terms.components) where part.h90B != nil {
            assessments[part.name] = keyed.assessment
        }
        health = inputs.health
        laboratory = context.simulated || inputs.threatModel.isLaboratoryOnly
        claim = Self.claim(length: result.length, model: inputs.threatModel, simulated: context.simulated)
        injectionDetection = context.injectionDetection
        notes = Self.notes(result.terms, isAssessed: result.assessedBits != nil, isKey: result.length > 0)
    }

    static func claim(length: Int, model: ThreatModel, simulated: Bool) -> String {
        guard length > 0 else { return "no key" }
        let what: String
        if !model.isInformationTheoretic {
            what = "computationally secret"
        } else if model.preSharedKey?.exists == true {
            what =
                "key expansion of a pre-shared key, information-theoretic under the stated threat and channel model"
        } else {
            what =
                "secret from a passive eavesdropper only, under the stated threat and channel model; "
                + "the discussion isn't authenticated"
        }
        return simulated ? what + "; simulated channel, no real secret" : what
    }
}
