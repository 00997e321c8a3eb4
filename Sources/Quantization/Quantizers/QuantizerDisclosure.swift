// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// What a quantizer says over the link, as data: how much of it there is, and what it costs.
public struct QuantizerDisclosure: Sendable, Hashable, Codable {
    /// What a kind of saying is charged.
    public enum Charge: String, Sendable, Hashable, Codable {
        /// Nothing is said.
        case nothing
        /// A list of places is charged its own entropy: log₂ of how many such lists there are.
        case listEntropy
        /// Nothing where the symbol is uniform given what was said; the deficit from that is charged.
        case freeIfUniform
        /// log₂ of how many values the message can have.
        case messageValues
    }

    /// For a person.
    public var summary: String
    public var charge: Charge
    /// Public bits a sample, both directions: bandwidth, not entropy.
    public var publicBitsPerSample: Double

    /// log₂ of the number of subsets of `size` places that hold `kept` of them, and of the possible counts: what a
    /// list of places can tell at the most.
    public static func listEntropy(size: Int, kept: Int) -> Double {
        guard size > 0, kept >= 0, kept <= size else { return 0 }
        let (n, k) = (Double(size), Double(kept))
        let choices = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        return max(0, choices) / log(2) + log2(n + 1)
    }
}

extension SampleQuantizer {
    /// What is said, and what that costs.
    public var disclosure: QuantizerDisclosure {
        switch self {
        case .guardBand, .adaptive:
            QuantizerDisclosure(
                summary: "each end says which samples lie outside its guard band; both keep what both listed",
                charge: .listEntropy, publicBitsPerSample: 2)
        case .levelCrossing:
            QuantizerDisclosure(
                summary:
                    "the initiator says the centers of her excursions, the responder which of them are his too",
                charge: .listEntropy, publicBitsPerSample: 2)
        case .adaptiveMultibit(_, let bits):
            bits == nil
                ? QuantizerDisclosure(
                    summary:
                        "each end says how many bits the range of each block carries: a statistic of keyed samples",
                    charge: .messageValues, publicBitsPerSample: 0)
                : QuantizerDisclosure(
                    summary: "nothing: the bits of a symbol are fixed beforehand", charge: .nothing,
                    publicBitsPerSample: 0)
        case .equiprobable, .soft:
            QuantizerDisclosure(
                summary: "nothing: the price is disagreement near the thresholds", charge: .nothing,
                publicBitsPerSample: 0)
        case .binClass:
            QuantizerDisclosure(
                summary: "the initiator says one bit of each sample, which of two maps she used",
                charge: .freeIfUniform, publicBitsPerSample: 1)
        case .quantileHelper(_, let helperBits):
            QuantizerDisclosure(
                summary: "the initiator says where in its cell each sample lies, \(helperBits) bits of it",
                charge: .freeIfUniform, publicBitsPerSample: Double(helperBits))
        }
    }
}
