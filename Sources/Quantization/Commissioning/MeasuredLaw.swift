// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// How symbols of published samples disagree between the ends, and what log-likelihoods leave of them: counted, where
/// the Gaussian law is only near.
///
/// It steers rates and choices, never what is secret: leak is charged as it was said.
struct MeasuredLaw {
    /// Samples that are looked at, at the most.
    static let limit = 10_000

    let x: [Double]
    let y: [Double]

    /// - Parameters:
    ///   - x: the initiator's normal scores of one class.
    ///   - y: the responder's, of the same rows.
    init(x: [Double], y: [Double]) {
        let step = max(1, x.count / Self.limit)
        self.x = stride(from: 0, to: x.count, by: step).map { x[$0] }
        self.y = stride(from: 0, to: y.count, by: step).map { y[$0] }
    }

    /// The tail under which the published samples cost least.
    func tail(correlation: Double) -> Double {
        let costs = NoiseLaw.shares.map { share in
            entropies(bits: 2, helperBits: 3, correlation: correlation, tail: share).reduce(0, +)
        }
        let least = costs.indices.min { costs[$0] < costs[$1] } ?? 0
        return NoiseLaw.shares[least]
    }

    /// Bits that a decoder by these likelihoods needs of each label bit, most significant first, each once the ones
    /// before are known.
    func entropies(bits: Int, helperBits: Int, correlation: Double, tail: Double) -> [Double] {
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        var sums = [Double](repeating: 0, count: bits)
        for (own, seen) in zip(x, y) {
            let (symbol, helper) = quantizer.split(own)
            let label = quantizer.label(symbol)
            for known in 0..<bits {
                let ratio = quantizer.logLikelihood(
                    score: seen, helper: helper, correlation: correlation, tail: tail,
                    prefix: symbol >> (bits - known), known: known)
                let isOne = label >> (bits - 1 - known) & 1 == 1
                // As a decoder sees it: clamped in fixed point.
                let told = min(max(isOne ? -ratio : ratio, -33), 33)
                sums[known] += log1p(exp(-told)) / 2.0.logarithm
            }
        }
        return sums.map { min(1, $0 / Double(max(x.count, 1))) }
    }

    /// Disagreement of each label bit, most significant first, where all are decided at once.
    func rates(bits: Int, helperBits: Int, correlation: Double) -> [Double] {
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        var errors = [Int](repeating: 0, count: bits)
        for (own, seen) in zip(x, y) {
            let (symbol, helper) = quantizer.split(own)
            let decided = quantizer.decide(score: seen, helper: helper, correlation: correlation)
            let wrong = quantizer.label(symbol) ^ quantizer.label(decided)
            for place in 0..<bits where wrong >> (bits - 1 - place) & 1 == 1 { errors[place] += 1 }
        }
        return errors.map { min(0.5, Double($0 + 1) / Double(x.count + 2)) }
    }
}
