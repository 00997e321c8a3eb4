// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport

/// Two raw keys from jointly Gaussian samples: each end's bits are the signs of its own, and the responder knows
/// how much its samples say.
struct SoftPair {
    let initiator: RawKey
    let responder: RawKey
    /// The responder's key without its log-likelihoods.
    let hardResponder: RawKey
    let hardInitiator: RawKey

    /// H(sign of X | Y) for the correlation cos(pi e).
    static func entropy(_ errorRate: Double) -> Double {
        let correlation = cos(.pi * errorRate)
        let slope = correlation / (2 * (1 - correlation * correlation)).squareRoot()
        var weight = 0.0
        var sum = 0.0
        for step in -4000...4000 {
            let y = Double(step) * 0.002
            let density = exp(-y * y / 2)
            weight += density
            sum += density * binaryEntropy(0.5 * erfc(-y * slope))
        }
        return sum / weight
    }

    /// - Parameter scale: how far the responder's log-likelihoods are off.
    init(count: Int, errorRate: Double, claimed: Double? = nil, scale: Double = 1, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func normal() -> Double {
            let u = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)
            return (-2 * log(u)).squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
        }
        let correlation = cos(.pi * errorRate)
        let rest = (1 - correlation * correlation).squareRoot()
        var bits = BitString(count: count)
        var own = BitString(count: count)
        var values: [Int8] = []
        for index in 0..<count {
            let x = normal()
            let y = correlation * x + rest * normal()
            bits[index] = x >= 0
            own[index] = y >= 0
            let one = min(1 - 1e-9, max(1e-9, 0.5 * erfc(-correlation * y / rest / 2.0.squareRoot())))
            values.append(Int8(max(-100, min(100, (3 * scale * log((1 - one) / one)).rounded()))))
        }
        let rate = claimed ?? errorRate
        let hard = [KeyFrame(range: 0..<count, errorRate: rate)]
        let soft = [KeyFrame(range: 0..<count, errorRate: rate, softEntropy: Self.entropy(rate))]
        initiator = RawKey(bits: bits, frames: soft)
        responder = RawKey(bits: own, frames: soft, logLikelihoods: values)
        hardInitiator = RawKey(bits: bits, frames: hard)
        hardResponder = RawKey(bits: own, frames: hard)
    }
}
