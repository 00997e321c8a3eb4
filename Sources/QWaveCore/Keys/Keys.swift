// SPDX-License-Identifier: GPL-3.0-or-later

/// A stretch of a raw key whose bits all have the same expected disagreement: what one reconciliation frame takes.
public struct KeyFrame: Sendable, Hashable, Codable {
    public var range: Range<Int>
    /// Commissioned bit error rate, 0 to 0.5.
    public var errorRate: Double
    /// What the responder's samples leave of a bit of the initiator's, in bits, as commissioned: H(bit | sample).
    ///
    /// Nil where the responder has no log-likelihoods: then it is h(errorRate).
    public var softEntropy: Double?

    public init(range: Range<Int>, errorRate: Double, softEntropy: Double? = nil) {
        self.range = range
        self.errorRate = errorRate
        self.softEntropy = softEntropy
    }
}

/// One end's bits before reconciliation: nearly equal to the peer's.
public final class RawKey: Sendable {
    public let bits: BitString
    /// The public division of the bits into frames, the same at both ends, covering every bit once.
    public let frames: [KeyFrame]
    /// The responder's log-likelihood ratios in units of 1/3 nat, positive for bit 0, ±100 at the most; empty
    /// where the quantizer gives none.
    public let logLikelihoods: [Int8]

    public init(bits: BitString, frames: [KeyFrame], logLikelihoods: [Int8] = []) {
        precondition(logLikelihoods.isEmpty || logLikelihoods.count == bits.count)
        self.bits = bits
        self.frames = frames
        self.logLikelihoods = logLikelihoods
    }
}

/// One end's bits after reconciliation and verification: equal to the peer's except with probability ε_cor.
public final class ReconciledKey: Sendable {
    public let bits: BitString
    /// How many bits the responder changed; at the initiator 0. A statistic of keyed samples: it stays at its end.
    public let corrected: Int
    /// Probability that verification accepted unequal keys.
    public let verificationEpsilon: Double

    public init(bits: BitString, corrected: Int, verificationEpsilon: Double) {
        self.bits = bits
        self.corrected = corrected
        self.verificationEpsilon = verificationEpsilon
    }
}

/// The certified result of one block: what may be called secret.
public final class SecretKey: Sendable {
    public let bits: BitString

    public init(bits: BitString) { self.bits = bits }

    public var count: Int { bits.count }

    /// The key as bytes, bit i in bit (i mod 8) of byte i/8.
    public func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        var bytes = bits.bytes
        defer { bytes.wipe() }
        return try body(bytes.span)
    }
}
