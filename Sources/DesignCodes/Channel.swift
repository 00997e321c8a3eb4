// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// What Bob knows of a bit before any check: the distribution of his log-likelihood ratio, counted in the
/// decoder's unit of 1/3 nat and positive when it tells the truth.
enum Channel: Equatable {
    /// Hard bits, of which a share is wrong.
    case hard(Double)
    /// The sign of one of two correlated Gaussian values, told from the other; the two signs differ in this share.
    case soft(Double)

    static let limit = 100

    /// The decoder's value for a bit whose probability of being wrong is `error`.
    static func value(error: Double) -> Int {
        let ratio = 3 * log((1 - error) / max(error, 1e-12))
        return min(limit, max(-limit, Int(ratio.rounded())))
    }

    static func entropy(_ p: Double) -> Double {
        p <= 0 || p >= 1 ? 0 : -(p * log2(p) + (1 - p) * log2(1 - p))
    }

    /// Probabilities of the values -127...127.
    var distribution: [Double] {
        var p = [Double](repeating: 0, count: 255)
        switch self {
        case .hard(let error):
            p[127 + Self.value(error: error)] += 1 - error
            p[127 - Self.value(error: error)] += error
        case .soft(let error):
            for (weight, wrong) in Self.softPoints(error) {
                let value = Self.value(error: wrong)
                p[127 + value] += weight * (1 - wrong)
                p[127 - value] += weight * wrong
            }
        }
        return p
    }

    /// Bits that Alice must tell per bit, at the least.
    var entropy: Double {
        switch self {
        case .hard(let error): Self.entropy(error)
        case .soft(let error): Self.softPoints(error).reduce(0) { $0 + $1.0 * Self.entropy($1.1) }
        }
    }

    /// Bob's values on a grid: the weight of each, and how probably the sign that it tells is wrong.
    private static func softPoints(_ error: Double) -> [(Double, Double)] {
        let correlation = cos(.pi * error)
        let spread = (1 - correlation * correlation).squareRoot()
        let points = (0..<4000).map { step -> (Double, Double) in
            let y = (Double(step) + 0.5) * 0.002
            return (exp(-y * y / 2), 0.5 * erfc(correlation * y / spread / 2.0.squareRoot()))
        }
        let total = points.reduce(0) { $0 + $1.0 }
        return points.map { ($0.0 / total, $0.1) }
    }
}
