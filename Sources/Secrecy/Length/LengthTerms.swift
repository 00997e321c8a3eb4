// SPDX-License-Identifier: GPL-3.0-or-later

/// Every term of the key-length formula, so that anybody can add them up again.
public struct LengthTerms: Sendable, Hashable, Codable {
    /// One component's part.
    public struct Component: Sendable, Hashable, Codable {
        public var name: String
        /// n_k, symbols that enter the hash.
        public var symbols: Int
        /// M_k, bits of a symbol.
        public var bits: Int
        /// B_k, bits of helper data.
        public var helperBits: Int
        /// ρ_k, commissioned, and its lower bound.
        public var correlation: Double
        public var correlationLowerBound: Double
        /// R_UCB.
        public var memoryCorrelation: Double
        /// The parts of c_k: past, Eve (c_E,k) and deficit of uniformity, bits per symbol.
        public var memoryCharge: Double
        public var eveCharge: Double
        public var deficit: Double
        /// c_k, their sum.
        public var charge: Double
        /// c_err,k, bits per symbol.
        public var errorPatternCharge: Double
        /// h90B_k, bits per symbol, where it was assessed.
        public var h90B: Double?
        /// What L_90B takes off for Eve, bits per symbol, where there is one: c_E,k, and never less than the threat
        /// model's ρ_E demands, for an Eve who was recorded stands inside the memory charge.
        public var assessedEveCharge: Double?

        /// n_k (M_k − c_k).
        public var entropy: Double { Double(symbols) * (Double(bits) - charge) }
    }

    /// A named number of bits.
    public struct Item: Sendable, Hashable, Codable {
        public var name: String
        public var bits: Double

        public init(name: String, bits: Double) {
            self.name = name
            self.bits = bits
        }
    }

    /// How what the responder said was paid for.
    public enum LeakRule: String, Sendable, Hashable, Codable {
        /// Bits sent in both directions were counted.
        case bothDirections
        /// Forward bits were counted, and the whole error pattern was charged in place of backward bits.
        case errorPattern
    }

    public var components: [Component]
    /// Σ n_k (M_k − c_k).
    public var entropy: Double
    /// n = Σ n_k.
    public var symbols: Int
    public var finiteSizeBound: FiniteSize.Bound
    public var finiteSizeGroups: [FiniteSize.Group]
    /// D_AEP.
    public var finiteSizePenalty: Double
    /// What bound C would have cost: most conservative, printed only.
    public var mostConservativePenalty: Double
    /// Bound B, printed only; nil where no symbol law exists for a component.
    public var renyi: RenyiBound?
    /// How assessed min-entropies count.
    public var entropyRule: EntropyRule
    /// Reconciliation, initiator to responder, bits sent.
    public var leakForward: Double
    /// Reconciliation, responder to initiator, bits sent.
    public var leakBackward: Double
    /// Reconciliation by message type; the direction stands in the name.
    public var reconciliationItems: [Item]
    /// Σ n_k c_err,k.
    public var errorPattern: Double
    /// Whether all that the responder said follows from the initiator's messages and the error pattern, so that the
    /// pattern's charge may stand for it: not where a decoder went by log-likelihoods.
    public var patternCoversBackward: Bool
    public var leakRule: LeakRule
    /// leak_EC: the smaller of both rules.
    public var leakReconciliation: Double
    /// leak_other by item, and its sum.
    public var otherItems: [Item]
    public var leakOther: Double
    /// t_verify.
    public var verification: Double
    /// The accept flag: 1.
    public var acceptFlag: Double
    /// 2 log2(1/(2 ε_PA)).
    public var amplification: Double

    /// L_model before rounding.
    public var model: Double {
        entropy - finiteSizePenalty - leakReconciliation - leakOther - verification - acceptFlag
            - amplification
    }

    /// Whether SP 800-90B looked at the symbols of every component.
    public var isFullyAssessed: Bool {
        !components.isEmpty && components.allSatisfy { $0.h90B != nil }
    }

    /// Σ n_k h90B_k; nil unless every component was assessed.
    public var assessedEntropy: Double? {
        guard isFullyAssessed else { return nil }
        return components.reduce(0) { $0 + Double($1.symbols) * ($1.h90B ?? 0) }
    }

    /// L_90B before rounding; nil where no component was assessed.
    ///
    /// A component that wasn't assessed counts in full, n_k (M_k − c_E,k): nobody looked at it, so nothing more is taken
    /// off, and the sum stays a cap for what the assessed ones lost. Such a cap is no assessment of the whole key: the
    /// assurance stays "model" (key length, section 3.3).
    public var assessed: Double? {
        guard components.contains(where: { $0.h90B != nil }) else { return nil }
        let sum = components.reduce(0) { sum, part in
            sum + Double(part.symbols)
                * ((part.h90B ?? Double(part.bits)) - (part.assessedEveCharge ?? part.eveCharge))
        }
        return sum - leakReconciliation - leakOther - verification - acceptFlag - amplification
    }
}
