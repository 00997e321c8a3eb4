// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// How many bits of a block may be called secret, and why.
public struct KeyLengthResult: Sendable, Hashable {
    public var terms: LengthTerms
    /// ⌊L_model⌋; may be negative. Nil where a term is missing.
    public var modelBits: Int?
    /// ⌊L_90B⌋; nil where it wasn't computed.
    public var assessedBits: Int?
    /// What this end alone came to: a multiple of 256, 0 when refused.
    public var ownLength: Int
    /// ℓ: the smaller of the two ends' lengths once they have agreed, until then `ownLength`.
    public var length: Int
    /// Bits of pre-shared key that this exchange consumed.
    public var authenticationBits: Int
    /// Why there is no key; empty exactly when `length` > 0.
    public var refusals: [String]
    /// "model" or "model+90B".
    public var assurance: String

    /// ℓ_net: what the exchange gained, authentication deducted.
    public var netLength: Int { length - authenticationBits }
}

/// The one place where a key length is computed.
///
/// ```
/// L = ⌊ Σ n_k (M_k − c_k) − D_AEP − leak_EC − leak_other − t_verify − 1 − 2 log2(1/(2 ε_PA)) ⌋
/// ℓ = 256 ⌊L/256⌋, and 0 if that isn't positive, a health test failed, or a term is missing
/// ```
public enum KeyLength {
    /// What the charge for f_max is called among the other leaks.
    package static let injectedName = "injected rounds, credited 0"
    /// Bits that a key length is a multiple of.
    public static let granule = 256

    /// Computes ℓ. Never throws and never traps: whatever makes no sense gives 0 bits and a reason.
    public static func compute(_ inputs: KeyLengthInputs) -> KeyLengthResult {
        var refusals = faults(inputs)
        refusals += inputs.health.filter { !$0.passed }.map { "health test failed: \($0.name)" }
        if inputs.health.isEmpty { refusals.append("no health test was run") }
        refusals += inputs.refusals
        let terms = terms(inputs)
        let model = whole(terms.model)
        if model == nil { refusals.append("the terms don't add up to a finite number") }
        let assessed = terms.assessed.flatMap(whole)
        if terms.assessed != nil, assessed == nil { refusals.append("the assessed entropy is no number") }
        var length = 0
        if let model {
            length = rounded(model, assessed)
            if length == 0 {
                let limit = min(model, assessed ?? model)
                refusals.append("too few secret bits: \(limit), and a key needs at least \(granule)")
            } else if length < inputs.authenticationBits {
                refusals.append(
                    "key exhaustion: \(inputs.authenticationBits) bits spent on authentication, \(length) made"
                )
            }
        }
        if !refusals.isEmpty { length = 0 }
        return KeyLengthResult(
            terms: terms, modelBits: model, assessedBits: assessed, ownLength: length, length: length,
            authenticationBits: inputs.authenticationBits, refusals: refusals,
            assurance: assurance(terms, assessed))
    }

    /// "model+90B" only where SP 800-90B looked at every component's symbols.
    static func assurance(_ terms: LengthTerms, _ assessedBits: Int?) -> String {
        assessedBits != nil && terms.isFullyAssessed ? "model+90B" : "model"
    }

    /// The length that the terms alone would allow, health tests and refusals apart: known to everybody who
    /// reads the link, and the largest value that either end can say. Without the assessment: an end may have pooled
    /// symbols that the other hasn't, and the number of values must bound both messages.
    static func publicLimit(_ inputs: KeyLengthInputs) -> Int {
        whole(terms(inputs, printing: false).model).map { rounded($0, nil) } ?? 0
    }

    /// 256 ⌊min(L_model, L_90B)/256⌋, never negative.
    static func rounded(_ model: Int, _ assessed: Int?) -> Int {
        max(0, min(model, assessed ?? model)) / granule * granule
    }

    /// ⌊value⌋; nil where that isn't a number.
    static func whole(_ value: Double) -> Int? {
        abs(value) < 0x1p53 ? Int(value.rounded(.down)) : nil
    }

    /// - Parameter printing: whether to compute what is only printed.
    static func terms(_ inputs: KeyLengthInputs, printing: Bool = true) -> LengthTerms {
        let isAssessed = inputs.components.contains { counted($0.assessment) != nil }
        let components = inputs.components.map { component($0, inputs, isAssessed: isAssessed) }
        let bySize = Dictionary(
            components.filter { (1...16).contains($0.bits) && $0.symbols > 0 }.map { ($0.bits, $0.symbols) },
            uniquingKeysWith: { $0 &+ $1 })
        let epsilons = inputs.epsilons
        let groups = FiniteSize.groups(
            inputs.finiteSizeBound, symbols: bySize, epsilon: epsilons.smoothing)
        let mostConservative = FiniteSize.groups(.c, symbols: bySize, epsilon: epsilons.smoothing)
        let forward = inputs.leakForward ?? .nan
        let backward = inputs.leakBackward ?? .nan
        let pattern = components.reduce(0) { $0 + Double($1.symbols) * $1.errorPatternCharge }
        let others =
            inputs.otherItems + injected(inputs.threatModel, components, share: inputs.uncreditedShare)
        // A NaN makes the comparison false and stays in the sum, where it refuses the key.
        let rule: LengthTerms.LeakRule =
            inputs.patternCoversBackward && pattern < backward ? .errorPattern : .bothDirections
        return LengthTerms(
            components: components, entropy: components.reduce(0) { $0 + $1.entropy },
            symbols: components.reduce(0) { $0 &+ $1.symbols }, finiteSizeBound: inputs.finiteSizeBound,
            finiteSizeGroups: groups, finiteSizePenalty: groups.reduce(0) { $0 + $1.penalty },
            mostConservativePenalty: mostConservative.reduce(0) { $0 + $1.penalty },
            renyi: printing ? RenyiBound(components, epsilon: epsilons.smoothing) : nil,
            entropyRule: inputs.entropyRule, leakForward: forward, leakBackward: backward,
            reconciliationItems: inputs.reconciliationItems, errorPattern: pattern,
            patternCoversBackward: inputs.patternCoversBackward, leakRule: rule,
            leakReconciliation: forward + (rule == .errorPattern ? pattern : backward),
            otherItems: others, leakOther: others.reduce(0) { $0 + $1.bits },
            verification: inputs.verification ?? .nan, acceptFlag: max(1, inputs.outcome),
            amplification: 2 * log2(1 / (2 * epsilons.amplification)))
    }

    /// What rounds are worth that the threat model and the tests leave to an attacker unnoticed: he picks the best ones.
    ///
    /// - Parameter share: of the rounds that tests let pass, f_max included; f_max where it is larger.
    static func injected(
        _ model: ThreatModel, _ components: [LengthTerms.Component], share: Double = 0
    ) -> [LengthTerms.Item] {
        let share = max(share, model.injectedFraction ?? 0)
        guard share > 0 else { return [] }
        let best = components.map { Double($0.bits) - $0.charge }.max() ?? 0
        let symbols = components.reduce(0) { $0 + Double($1.symbols) }
        return [LengthTerms.Item(name: injectedName, bits: share * symbols * max(best, 0))]
    }

    /// An assessment of enough symbols to count.
    private static func counted(_ assessment: KeyLengthInputs.Assessment?) -> KeyLengthInputs.Assessment? {
        assessment.flatMap { $0.symbols >= Entropy90B.recommendedSymbols ? $0 : nil }
    }

    /// - Parameter isAssessed: whether this or another component was: then all of them stand in L_90B.
    private static func component(
        _ keyed: KeyLengthInputs.KeyedComponent, _ inputs: KeyLengthInputs, isAssessed: Bool
    ) -> LengthTerms.Component {
        let model = keyed.component
        let h90B = counted(keyed.assessment)?.gated(bits: model.bits, rule: inputs.entropyRule)
        let eveCharge = isAssessed ? assessedEveCharge(model.eveCharge, inputs.threatModel) : nil
        return LengthTerms.Component(
            name: model.name, symbols: keyed.symbols, bits: model.bits, helperBits: model.helperBits,
            correlation: model.correlation, correlationLowerBound: model.correlationLowerBound,
            memoryCorrelation: model.memoryCorrelation, memoryCharge: model.memoryCharge,
            eveCharge: model.eveCharge, deficit: model.deficit, charge: model.charge,
            errorPatternCharge: model.errorPatternCharge, h90B: h90B,
            assessedEveCharge: eveCharge)
    }

    /// What L_90B takes off for Eve: no estimator asks what she knows.
    static func assessedEveCharge(_ charge: Double, _ model: ThreatModel) -> Double {
        max(charge, ConfidenceBound.charge(correlation: model.eveCorrelation ?? 1))
    }
}
