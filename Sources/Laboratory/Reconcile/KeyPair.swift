// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// Two ends' raw keys for one block of a comparison.
public struct KeyPair: Sendable {
    public let initiator: RawKey
    public let responder: RawKey

    public init(initiator: RawKey, responder: RawKey) {
        self.initiator = initiator
        self.responder = responder
    }

    /// A simulated pair.
    ///
    /// - Parameters:
    ///   - bits: length of either key.
    ///   - channel: how they differ.
    ///   - estimate: the error rate that both ends are told; the channel's own unless given.
    ///   - seed: the same seed gives the same pair.
    public init(bits: Int, channel: KeyChannel, estimate: Double? = nil, seed: UInt64) {
        var random = ExperimentGenerator(seed: seed)
        let told: KeyChannel =
            estimate.map { channel.isSoft ? .gaussianSign(errorRate: $0) : .binarySymmetric(errorRate: $0) }
            ?? channel
        let frames = [
            KeyFrame(
                range: 0..<bits, errorRate: told.errorRate,
                softEntropy: told.isSoft ? told.conditionalEntropy : nil)
        ]
        switch channel {
        case .binarySymmetric(let rate):
            let reference = BitString(
                words: (0..<(bits + 63) / 64).lazy.map { _ in random.next() }, count: bits)
            var noisy = reference
            for bit in 0..<bits where random.uniform() < rate { noisy.flip(at: bit) }
            initiator = RawKey(bits: reference, frames: frames)
            responder = RawKey(bits: noisy, frames: frames)
        case .gaussianSign(let rho):
            var believed = rho
            if case .gaussianSign(let other) = told { believed = other }
            let noise = (1 - rho * rho).squareRoot()
            var reference = BitString(count: bits)
            var noisy = BitString(count: bits)
            var ratios = [Int8](repeating: 0, count: bits)
            for bit in 0..<bits {
                let x = random.normal()
                let y = rho * x + noise * random.normal()
                reference[bit] = x >= 0
                noisy[bit] = y >= 0
                ratios[bit] = Self.logLikelihood(y, correlation: believed)
            }
            initiator = RawKey(bits: reference, frames: frames)
            responder = RawKey(bits: noisy, frames: frames, logLikelihoods: ratios)
        }
    }

    /// ln(P(0)/P(1)) given Y, in units of 1/3 nat, ±100 at the most.
    static func logLikelihood(_ y: Double, correlation rho: Double) -> Int8 {
        let p = KeyChannel.probabilityOfOne(-abs(y), correlation: rho)
        let size = min(100, (3 * log((1 - p) / max(p, 1e-15))).rounded())
        return Int8(y >= 0 ? -size : size)
    }
}
