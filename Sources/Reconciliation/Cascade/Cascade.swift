// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Interactive reconciliation by bisection of block parities: the responder's bits become the initiator's.
///
/// All frames of the block share every message: one message each way per level of the search. The initiator's
/// parities are the forward leak, the responder's error parities the backward leak; both are charged bit by
/// bit as they are sent. Which parities are asked, how many messages there are and when the search ends
/// follow from the responder's error parities alone, so nothing else is told. Timing isn't hidden.
///
/// The result is most probably equal at both ends but not verified: chain `Verification` behind it. When the
/// keys disagree so much that no key could be left, both ends throw `.refused` at the same message.
///
/// ```swift
/// let reconcile = Cascade(.fewMessages).then(Verification())
/// let key = try await reconcile.run(rawKey, as: party)
/// ```
///
/// Use it for hard bits with many frames or long blocks and a quick link; for soft values or a slow link a
/// one-message code serves better. (Brassard and Salvail 1993; Martinez-Mateo et al., arXiv:1407.3257.)
public struct Cascade: Reconciler {
    /// The block sizes and the end of the search; both ends must choose the same.
    public var variant: Variant
    /// Messages each way before the block is refused; the same at both ends.
    public var maximumRounds: Int
    /// Forward leak, in bits per key bit, beyond which the block is refused; the same at both ends.
    public var maximumLeak: Double

    public init(_ variant: Variant = .balanced, maximumRounds: Int = 4096, maximumLeak: Double = 1) {
        self.variant = variant
        self.maximumRounds = maximumRounds
        self.maximumLeak = maximumLeak
    }

    /// Every variant with default limits, by the name that selects it on a command line.
    public static let named: [String: Cascade] = Dictionary(
        uniqueKeysWithValues: Variant.allCases.map { ($0.rawValue, Cascade($0)) })

    public var name: String { variant.rawValue }

    func plan(_ key: RawKey) throws(QWaveError) -> CascadePlan {
        let variantNumber = Variant.allCases.firstIndex(of: variant) ?? 0
        let agreed = [
            UInt64(variantNumber), UInt64(bitPattern: Int64(maximumRounds)), maximumLeak.bitPattern,
        ]
        return try CascadePlan(key, variant: variant, agreed: agreed)
    }

    /// Parities after which the block is refused.
    func parityLimit(bits: Int) -> Int {
        // Short blocks get a margin: their few parities may outnumber their bits.
        let share = maximumLeak >= 0 ? min(1, maximumLeak) * Double(bits) : 0
        return Int(share) + 64
    }

    public func initiator(_ key: RawKey, seed: UInt64) throws(QWaveError)
        -> any ReconciliationMachine<CorrectedKey>
    {
        try CascadeInitiator(key, seed: seed, options: self)
    }

    public func responder(_ key: RawKey) throws(QWaveError) -> any ReconciliationMachine<CorrectedKey> {
        try CascadeResponder(key, options: self)
    }
}
