// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// What one message of fixed length must tell so that the responder finds the key.
///
/// The normal approximation n·H + √(n·V)·Q⁻¹(ε) - ½·log2 n of Tomamichel, Martinez-Mateo, Pacher and Elkouss
/// (arXiv:1401.5194). It binds one-way codes; interactive reconciliation may stay below it. Below about 500 bits
/// it is loose.
public enum FiniteLengthLimit {
    /// Bits about a key of `bits` bits, at frame error rate `failure`.
    public static func leak(bits: Int, channel: KeyChannel, failure: Double) -> Double {
        let n = Double(bits)
        guard n >= 1 else { return 0 }
        let spread = (n * channel.dispersion).squareRoot() * Normal.upperQuantile(failure)
        return max(0, n * channel.conditionalEntropy + spread - 0.5 * log2(n))
    }

    /// The same over the Shannon limit n·H; nil where that is 0.
    public static func efficiency(bits: Int, channel: KeyChannel, failure: Double) -> Double? {
        let limit = Double(bits) * channel.conditionalEntropy
        return limit > 0 ? leak(bits: bits, channel: channel, failure: failure) / limit : nil
    }
}
