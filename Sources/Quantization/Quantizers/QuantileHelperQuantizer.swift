// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// Zero-leakage quantile helper data: M secret bits and B public bits of one normal score.
///
/// The initiator splits u = Φ(x) into the secret cell s and the position w inside it; w is published and, where
/// u is uniform, tells nothing of s. The responder decides among the 2^M candidates that w leaves.
/// (de Groot, Škorić, de Vreede, Linnartz, EURASIP J. Adv. Signal Process. 2016:54.)
///
/// ```swift
/// let quantizer = QuantileHelperQuantizer(bits: 3, helperBits: 3)
/// let (symbol, helper) = quantizer.split(0.5)                     // 5, 4
/// let decided = quantizer.decide(score: 0.48, helper: helper, correlation: 0.99)  // 5
/// ```
public struct QuantileHelperQuantizer: Sendable, Hashable {
    /// M, bits of a symbol.
    public let bits: Int
    /// B, public bits of a symbol.
    public let helperBits: Int
    /// The candidates x_i for each w: `candidates[w << bits | i]`.
    private let candidates: [Double]

    /// - Precondition: 1 ≤ bits ≤ 10, 0 ≤ helperBits ≤ 8.
    public init(bits: Int, helperBits: Int) {
        precondition((1...10).contains(bits) && (0...8).contains(helperBits), "bits out of range")
        self.bits = bits
        self.helperBits = helperBits
        let cells = Double(1 << bits)
        let positions = Double(1 << helperBits)
        candidates = (0..<1 << helperBits).flatMap { w in
            (0..<1 << bits).map { i in
                let u = (Double(i) + (Double(w) + 0.5) / positions) / cells
                return Normal.quantile(min(max(u, 1e-12), 1 - 1e-12))
            }
        }
    }

    /// The secret symbol and the public helper value of a normal score.
    public func split(_ score: Double) -> (symbol: Int, helper: Int) {
        let cumulative = Normal.cumulative(score)
        let v = (cumulative > 0 ? cumulative : 0) * Double(1 << bits)
        let symbol = min((1 << bits) - 1, Int(v))
        let helper = min((1 << helperBits) - 1, max(0, Int((v - Double(symbol)) * Double(1 << helperBits))))
        return (symbol, helper)
    }

    /// The Gray label of a symbol.
    public func label(_ symbol: Int) -> Int { GrayCode.encode(symbol) }

    /// The candidates' normal scores for a helper value, rising.
    public func candidates(helper: Int) -> ArraySlice<Double> {
        candidates[helper << bits..<(helper + 1) << bits]
    }

    /// The most likely symbol of the peer, given one's own score y: the candidate x_i nearest to y/ρ.
    public func decide(score y: Double, helper: Int, correlation rho: Double) -> Int {
        var best = 0
        var distance = Double.infinity
        for i in 0..<1 << bits {
            let d = abs(y - rho * candidates[helper << bits | i])
            if d < distance {
                distance = d
                best = i
            }
        }
        return best
    }

    /// Log-likelihood ratios of the label bits (least significant first; natural logarithm, positive for 0).
    ///
    /// - Parameter tail: the share of samples whose noise is three times as large (`NoiseLaw`).
    public func logLikelihoods(
        score y: Double, helper: Int, correlation rho: Double, tail: Double = 0
    ) -> [Double] {
        let noise = NoiseLaw(correlation: rho, tail: tail)
        let metric = (0..<1 << bits).map { noise.logDensity(y - rho * candidates[helper << bits | $0]) }
        return (0..<bits).map { bit in
            logSum(metric.indices.filter { label($0) >> bit & 1 == 0 }.map { metric[$0] })
                - logSum(metric.indices.filter { label($0) >> bit & 1 == 1 }.map { metric[$0] })
        }
    }

    /// The log-likelihood ratio (natural, positive for 0) of one label bit of the peer's symbol, given the bits before
    /// it.
    ///
    /// - Parameters:
    ///   - tail: the share of samples whose noise is three times as large (`NoiseLaw`).
    ///   - prefix: the symbol's leading bits that are known, as a number.
    ///   - known: how many they are, less than M.
    public func logLikelihood(
        score y: Double, helper: Int, correlation rho: Double, tail: Double = 0, prefix: Int, known: Int
    ) -> Double {
        let noise = NoiseLaw(correlation: rho, tail: tail)
        let half = 1 << (bits - known - 1)
        let start = helper << bits | prefix << (bits - known)
        func weight(_ range: Range<Int>) -> Double {
            // The nearest candidate carries nearly all of it.
            var most = -Double.infinity
            for index in range { most = max(most, noise.logDensity(y - rho * candidates[index])) }
            var sum = 0.0
            for index in range { sum += exp(noise.logDensity(y - rho * candidates[index]) - most) }
            return most + sum.logarithm
        }
        let lower = weight(start..<start + half)
        let upper = weight(start + half..<start + 2 * half)
        // The Gray label of the lower half is the prefix's last bit.
        return prefix & 1 == 0 ? lower - upper : upper - lower
    }

    private func logSum(_ values: [Double]) -> Double {
        let top = values.max() ?? -.infinity
        return top + values.reduce(0) { $0 + exp($1 - top) }.logarithm
    }
}

extension Double {
    var logarithm: Double { log(self) }
}
