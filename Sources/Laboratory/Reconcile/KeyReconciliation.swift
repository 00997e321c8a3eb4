// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
public import Reconciliation

/// Reconciliation and verification of a user's own key over a link, and nothing else of a session.
///
/// Long keys are cut into blocks, so that no message grows beyond what a link takes. The link isn't
/// authenticated here: whoever sits on it can make the ends fail, or hold keys of his choice. What was said is
/// told in the result, for the user's own privacy amplification.
public struct KeyReconciliation: Sendable {
    /// What one end has afterwards.
    public struct Result: Sendable {
        public var key: BitString
        /// Bits that this end changed; 0 at the initiator.
        public var corrected: Int
        public var blocks: Int
        /// Bits about the key that reconciliation told, by direction, and the verification hashes.
        public var leakForward: Double
        public var leakBackward: Double
        public var verificationBits: Double
        /// Accept flags and whatever else was told.
        public var otherBits: Double
        public var messages: Int
        /// Bytes in both directions.
        public var bytes: Int
        /// Probability that an accepted key is unequal, over all blocks.
        public var verificationEpsilon: Double
    }

    public var engine: any Reconciler
    /// Key bits in a block at the most; the same at both ends.
    public var blockBits: Int

    public init(engine: any Reconciler, blockBits: Int = 1 << 20) {
        precondition(blockBits > 0, "a block holds bits")
        self.engine = engine
        self.blockBits = blockBits
    }

    /// Runs one end over the whole key.
    ///
    /// - Parameters:
    ///   - key: its bits, and at the responder its log-likelihoods, if it has any.
    ///   - errorRate: expected disagreement, the same at both ends.
    ///   - softEntropy: what the responder's log-likelihoods leave of a bit, the same at both ends; nil without.
    ///   - progress: told the share that is done.
    ///
    /// Throws `.refused` when a block can't be reconciled or its verification fails; then there is no key.
    public func run(
        _ key: BitString, logLikelihoods: [Int8] = [], errorRate: Double, softEntropy: Double? = nil,
        over link: any Link, as role: Party.Role, random: any RandomSource = SystemRandomSource(),
        progress: (Double) -> Void = { _ in }
    ) async throws(QWaveError) -> Result {
        let ledger = SecrecyLedger()
        let party = Party(role: role, link: link, ledger: ledger, random: random)
        var result = Result(
            key: BitString(), corrected: 0, blocks: 0, leakForward: 0, leakBackward: 0, verificationBits: 0,
            otherBits: 0, messages: 0, bytes: 0, verificationEpsilon: 0)
        for start in stride(from: 0, to: key.count, by: blockBits) {
            let range = start..<min(start + blockBits, key.count)
            let raw = RawKey(
                bits: key[range],
                frames: [KeyFrame(range: 0..<range.count, errorRate: errorRate, softEntropy: softEntropy)],
                logLikelihoods: logLikelihoods.isEmpty ? [] : Array(logLikelihoods[range]))
            let corrected = try await engine.run(raw, as: party)
            let verified = try await Verification().run(corrected, as: party)
            result.key.append(verified.bits)
            result.corrected += verified.corrected
            result.blocks += 1
            result.verificationEpsilon += verified.verificationEpsilon
            progress(Double(range.upperBound) / Double(key.count))
        }
        result.leakForward = ledger.reconciliationLeak(.initiatorToResponder)
        result.leakBackward = ledger.reconciliationLeak(.responderToInitiator)
        result.verificationBits = ledger.verificationLeak
        result.otherBits = ledger.otherLeak
        result.messages = ledger.messages
        result.bytes = ledger.bytes
        return result
    }
}
