// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// What lies between the ends' normal scores: Gaussian noise, a share of which is three times as large.
///
/// Recorded strengths jump now and then, and by the Gaussian law alone such a sample would be told with a certainty
/// that it doesn't have. The power of both together is 1 − ρ², whatever the share.
struct NoiseLaw {
    /// Shares that commissioning tries.
    static let shares = [0, 0.01, 0.02, 0.05, 0.1]
    private static let widening = 3.0

    private let scale: Double
    private let core: Double
    private let wide: Double?

    /// - Parameters:
    ///   - correlation: ρ of the scores, below 1.
    ///   - tail: the share of the larger noise, 0 to below 1.
    init(correlation: Double, tail: Double) {
        let spread = 1 + (Self.widening * Self.widening - 1) * tail
        scale = spread / (2 * (1 - correlation * correlation))
        core = log(1 - tail)
        wide = tail > 0 ? log(tail / Self.widening) : nil
    }

    /// The logarithm of the density at a distance, up to a constant.
    func logDensity(_ distance: Double) -> Double {
        let near = core - distance * distance * scale
        guard let wide else { return near }
        let far = wide - distance * distance * scale / (Self.widening * Self.widening)
        let most = max(near, far)
        return most + log1p(exp(min(near, far) - most))
    }
}
