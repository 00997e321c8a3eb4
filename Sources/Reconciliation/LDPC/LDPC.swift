// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Blind reconciliation by syndromes of low-density parity-check codes, with hard or soft values.
///
/// The initiator says a syndrome of each frame, sized for what the frames' error rates or soft entropies let
/// expect; the responder decodes and says which frames it has; for the others the initiator says more, until all
/// are decoded. All frames share every message. A frame that never decodes ends with its bits told, so none is
/// thrown away, and what is charged for a frame is never more than its bits. A hash of each frame, sent first,
/// tells when a frame is right; it is charged with the syndromes. The responder's verdicts are the backward leak:
/// a bit for each open frame and round.
///
/// The result is most probably equal at both ends but not verified: chain `Verification` behind it. When more
/// would have to be told than `maximumLeak` allows, both ends throw `.refused` at the same message.
///
/// ```swift
/// let reconcile = LDPC().then(Verification())
/// let key = try await reconcile.run(rawKey, as: party)
/// ```
///
/// Use it wherever the responder has log-likelihoods, and on slow links: two or three rounds where `Cascade`
/// takes a hundred. (Martinez-Mateo, Elkouss, Martin, Blind reconciliation, arXiv:1205.5729; here the rate is
/// adapted by cutting checks in two instead of revealing punctured bits.)
public struct LDPC: Reconciler {
    /// What matters more on this link; both ends must choose the same.
    public enum Emphasis: UInt8, Sendable, CaseIterable {
        /// Three rounds for most blocks.
        case fewMessages
        /// A leak smaller by 1 to 2 % of the key, for about twice as many rounds and several times the work.
        case littleLeak
    }

    public var emphasis: Emphasis
    /// Bits of a code frame at the most: up to 4,096 short codes serve, beyond that long ones where there is one for
    /// the leak. Nil for the longest that serves the key well. The same at both ends.
    public var frameBits: Int?
    /// Bits of each frame's hash, 8 to 56; nil for what leaves a wrong frame in a block with probability
    /// 2^-20 before verification. The same at both ends.
    public var hashBits: Int?
    /// Messages each way before the block is refused; the same at both ends.
    public var maximumRounds: Int
    /// Forward leak, in bits per key bit, beyond which the block is refused; the same at both ends.
    public var maximumLeak: Double

    public init(
        emphasis: Emphasis = .fewMessages, frameBits: Int? = nil, hashBits: Int? = nil,
        maximumRounds: Int = 64,
        maximumLeak: Double = 1
    ) {
        self.emphasis = emphasis
        self.frameBits = frameBits
        self.hashBits = hashBits
        self.maximumRounds = maximumRounds
        self.maximumLeak = maximumLeak
    }

    var tuningOverride: LDPCTuning?
    var tuning: LDPCTuning {
        if let tuningOverride { return tuningOverride }
        var tuning = LDPCTuning()
        if emphasis == .littleLeak {
            tuning.steps = [-1.1, -0.6, -0.1, 0.4, 0.9, 1.5, 2.3, 3.3, 4.9]
            tuning.firstIterations = 50
            tuning.iterations = 60
            tuning.patience = 2
        }
        return tuning
    }

    /// The longest frames of short codes.
    static let shortLimit = 4096

    func longTuning(soft isSoft: Bool) -> LDPCTuning {
        var tuning = LDPCTuning()
        // Beyond its entropy a code of a long frame needs what density evolution says, and a little.
        tuning.excess = isSoft ? 0.03 : 0.035
        // A try that fails costs all its iterations, so the first syndrome is for most frames, not for half.
        tuning.steps = [1.5, 2.6, 4.2]
        tuning.firstIterations = 60
        tuning.iterations = 60
        tuning.patience = 1
        if emphasis == .littleLeak {
            tuning.steps = [-1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4.5]
            if isSoft {
                // Few frames wait for each other, and a step too far is dear.
                tuning.leastStep = 1.0 / 4096
                tuning.growth = 1.25
            }
        }
        return tuning
    }

    /// From so many bits on frames need about as much, and near that the decoder converges slowly.
    static let slowFrames = 1 << 16
    static let slowIterations = 100

    func plan(_ key: RawKey) throws(QWaveError) -> LDPCPlan {
        if let frameBits, frameBits < 1 {
            throw QWaveError(.usage, "LDPC frames need at least 1 bit, not \(frameBits)")
        }
        if let hashBits, !(8...56).contains(hashBits) {
            throw QWaveError(.usage, "LDPC frame hashes have 8 to 56 bits, not \(hashBits)")
        }
        return try LDPCPlan(key, options: self)
    }

    public var usesSoftValues: Bool { true }

    public var name: String {
        let length = frameBits.map { "-\($0)" } ?? ""
        return "ldpc" + length + (emphasis == .littleLeak ? "-low-leak" : "")
    }

    public func initiator(_ key: RawKey, seed: UInt64) throws(QWaveError)
        -> any ReconciliationMachine<CorrectedKey>
    {
        try LDPCInitiator(key, seed: seed, options: self)
    }

    public func responder(_ key: RawKey) throws(QWaveError) -> any ReconciliationMachine<CorrectedKey> {
        try LDPCResponder(key, options: self)
    }
}
