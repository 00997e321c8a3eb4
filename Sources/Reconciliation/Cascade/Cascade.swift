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
/// let reconcile = Cascade().then(Verification())
/// let key = try await reconcile.run(rawKey, as: party)
/// ```
///
/// Use it for hard bits with many frames or long blocks and a quick link; for soft values or a slow link a
/// one-message code serves better. (Brassard and Salvail 1993; Martinez-Mateo et al., arXiv:1407.3257.)
public struct Cascade: Reconciler {
    /// What matters more on this link; both ends must choose the same.
    public enum Emphasis: UInt8, Sendable, CaseIterable {
        /// Few messages: 60 to 130 each way, a forward leak of 1.05 to 1.09 times the Shannon limit.
        case fewMessages
        /// Little leak: 1 to 2 % less of it, for up to twice as many messages.
        case littleLeak
    }

    public var emphasis: Emphasis
    /// Messages each way before the block is refused; the same at both ends.
    public var maximumRounds: Int
    /// Forward leak, in bits per key bit, beyond which the block is refused; the same at both ends.
    public var maximumLeak: Double

    public init(emphasis: Emphasis = .fewMessages, maximumRounds: Int = 4096, maximumLeak: Double = 1) {
        self.emphasis = emphasis
        self.maximumRounds = maximumRounds
        self.maximumLeak = maximumLeak
    }

    var tuning: CascadeTuning {
        var tuning = CascadeTuning()
        if emphasis == .littleLeak { tuning.secondStep = 3 }
        return tuning
    }

    func plan(_ key: RawKey) throws(QWaveError) -> CascadePlan {
        let agreed = [
            UInt64(emphasis.rawValue), UInt64(bitPattern: Int64(maximumRounds)), maximumLeak.bitPattern,
        ]
        return try CascadePlan(key, tuning: tuning, agreed: agreed)
    }

    func search(_ plan: CascadePlan, seed: UInt64) -> CascadeSearch {
        // Short blocks get a margin: their few parities may outnumber their bits.
        let share = maximumLeak >= 0 ? min(1, maximumLeak) * Double(plan.bitCount) : 0
        let limits = CascadeLimits(parities: Int(share) + 64, rounds: max(1, maximumRounds))
        return CascadeSearch(plan: plan, seed: seed, limits: limits, tuning: tuning)
    }

    public var name: String { "cascade" }

    public func initiator(_ key: RawKey, seed: UInt64) throws(QWaveError)
        -> any ReconciliationMachine<CorrectedKey>
    {
        try CascadeInitiator(key, seed: seed, options: self)
    }

    public func responder(_ key: RawKey) throws(QWaveError) -> any ReconciliationMachine<CorrectedKey> {
        try CascadeResponder(key, options: self)
    }
}
