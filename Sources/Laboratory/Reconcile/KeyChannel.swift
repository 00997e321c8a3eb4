// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// How the responder's key comes out of the initiator's in a simulated comparison.
public enum KeyChannel: Sendable, Hashable {
    /// Each bit is wrong on its own with this probability; the responder has hard bits.
    case binarySymmetric(errorRate: Double)
    /// The initiator keeps the sign of X, the responder has log-likelihoods from Y; X and Y are jointly
    /// Gaussian with unit variance and this correlation.
    case gaussianSign(correlation: Double)

    /// The pair of Gaussians whose signs disagree at this rate: ρ = cos πe.
    public static func gaussianSign(errorRate: Double) -> KeyChannel {
        .gaussianSign(correlation: cos(.pi * errorRate))
    }

    /// Two receivers that hear the same fading, each with noise at this SNR: ρ = SNR / (1 + SNR).
    ///
    /// - Parameter snr: in decibels.
    public static func gaussianSign(snr: Double) -> KeyChannel {
        let ratio = pow(10, snr / 10)
        return .gaussianSign(correlation: ratio / (1 + ratio))
    }

    public var isSoft: Bool {
        if case .gaussianSign = self { return true }
        return false
    }

    /// Probability that the hard bits differ.
    public var errorRate: Double {
        switch self {
        case .binarySymmetric(let rate): rate
        case .gaussianSign(let rho): acos(rho) / .pi
        }
    }

    /// Bits that the responder lacks of each of the initiator's: h(e), or H(sign X | Y).
    public var conditionalEntropy: Double {
        switch self {
        case .binarySymmetric(let rate): BinaryEntropy.of(rate)
        case .gaussianSign(let rho): Self.moments(rho).entropy
        }
    }

    /// Variance of -log2 p(bit | what the responder has), bits².
    ///
    /// The second-order term of the finite-length limit. (Tomamichel et al., arXiv:1401.5194, section 3.)
    public var dispersion: Double {
        switch self {
        case .binarySymmetric(let e):
            guard e > 0, e < 1 else { return 0 }
            let ratio = log2((1 - e) / e)
            return e * (1 - e) * ratio * ratio
        case .gaussianSign(let rho): return Self.moments(rho).variance
        }
    }

    /// The responder's probability that the initiator's bit is 1 (X ≥ 0), given Y.
    static func probabilityOfOne(_ y: Double, correlation rho: Double) -> Double {
        Normal.cumulative(rho * y / (1 - rho * rho).squareRoot())
    }

    private static func moments(_ rho: Double) -> (entropy: Double, variance: Double) {
        guard rho < 1 else { return (0, 0) }
        // The integrand turns within √(1-ρ²) of 0, so its range is split there.
        let width = (1 - rho * rho).squareRoot() / max(abs(rho), 1e-9)
        let edge = min(9, 12 * width)
        var first = 0.0
        var second = 0.0
        for (low, high) in [(0, edge), (edge, 9.0)] where high > low {
            let rule = Quadrature.legendre(96, from: low, to: high)
            first += 2 * rule.integrate { Normal.density($0) * information($0, rho).mean }
            second += 2 * rule.integrate { Normal.density($0) * information($0, rho).square }
        }
        return (first, second - first * first)
    }

    /// Mean and mean square of -log2 p(bit | y) over the bit.
    private static func information(_ y: Double, _ rho: Double) -> (mean: Double, square: Double) {
        let p = probabilityOfOne(-abs(y), correlation: rho)
        guard p > 0 else { return (0, 0) }
        let rare = -log2(p)
        let usual = -log1p(-p) / log(2)
        return (p * rare + (1 - p) * usual, p * rare * rare + (1 - p) * usual * usual)
    }
}

/// Shannon's function.
public enum BinaryEntropy {
    /// h(p) in bits; 0 at 0 and 1.
    public static func of(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return 0 }
        return -p * log2(p) - (1 - p) * log2(1 - p)
    }
}
