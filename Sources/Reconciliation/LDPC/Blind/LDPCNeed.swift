// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What the responder is expected to need of a bit, from public data alone.
///
/// Additions, multiplications, divisions, square roots and comparisons only, so that both ends come to the same
/// numbers on every machine.
struct LDPCNeed: Sendable, Equatable {
    /// H(bit | sample), in bits.
    var entropy: Double
    /// Variance of the information that a bit lacks, in bits squared.
    var dispersion: Double

    static let zero = LDPCNeed(entropy: 0, dispersion: 0)

    init(entropy: Double, dispersion: Double) {
        self.entropy = entropy
        self.dispersion = dispersion
    }

    init(_ frame: KeyFrame) {
        if let entropy = frame.softEntropy {
            // A fit to the sign of one of two correlated Gaussian values, within 1 %.
            self.init(entropy: entropy, dispersion: entropy * (1 - entropy) * (1.9 + 0.98 * entropy))
        } else {
            let e = frame.errorRate
            guard e > 0 else {
                self = .zero
                return
            }
            let ratio = Self.log2((1 - e) / e)
            self.init(
                entropy: -e * Self.log2(e) - (1 - e) * Self.log2(1 - e),
                dispersion: e * (1 - e) * ratio * ratio)
        }
    }

    /// The logarithm to base 2 of a positive number, bit by bit.
    static func log2(_ value: Double) -> Double {
        var result = Double(value.exponent)
        var rest = value.significand
        var place = 0.5
        for _ in 0..<40 {
            rest *= rest
            if rest >= 2 {
                rest *= 0.5
                result += place
            }
            place *= 0.5
        }
        return result
    }

    static func + (a: LDPCNeed, b: LDPCNeed) -> LDPCNeed {
        LDPCNeed(entropy: a.entropy + b.entropy, dispersion: a.dispersion + b.dispersion)
    }
    static func * (a: LDPCNeed, count: Double) -> LDPCNeed {
        LDPCNeed(entropy: a.entropy * count, dispersion: a.dispersion * count)
    }
}
