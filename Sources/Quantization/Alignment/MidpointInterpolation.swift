// SPDX-License-Identifier: GPL-3.0-or-later

/// Staggered resampling: each end moves its own feature stream to the midpoint of the pair.
///
/// The end whose probe was received first in a pair moves by +τ/2, the other by −τ/2; both then describe the
/// same instant. Cubic Lagrange (Farrow) with fraction μ = τ/(2 T); valid for a pair rate of at least four
/// times the maximum Doppler shift.
public struct MidpointInterpolation: Sendable, Hashable {
    /// Signed fraction of the pair interval by which the stream moves, |μ| < 1.
    public let fraction: Double

    /// - Parameters:
    ///   - turnaround: τ, seconds between the two probes of a pair.
    ///   - interval: T, seconds between pairs.
    ///   - receivesFirst: whether this end's probe was received first in the pair.
    public init(turnaround: Double, interval: Double, receivesFirst: Bool) {
        fraction = (receivesFirst ? 1 : -1) * turnaround / (2 * interval)
    }

    /// The stream at n + μ; the two samples at each edge stay as they are, and all of them where |μ| isn't below 1.
    public func apply(_ x: [Double]) -> [Double] {
        guard x.count >= 4, fraction != 0, abs(fraction) < 1 else { return x }
        var result = x
        // Lagrange through n-1 … n+2 for a move forward, mirrored for a move back.
        let forward = fraction > 0
        let mu = abs(fraction)
        let w0 = -mu * (mu - 1) * (mu - 2) / 6
        let w1 = (mu + 1) * (mu - 1) * (mu - 2) / 2
        let w2 = -(mu + 1) * mu * (mu - 2) / 2
        let w3 = (mu + 1) * mu * (mu - 1) / 6
        for n in 2..<x.count - 2 {
            result[n] =
                forward
                ? w0 * x[n - 1] + w1 * x[n] + w2 * x[n + 1] + w3 * x[n + 2]
                : w0 * x[n + 1] + w1 * x[n] + w2 * x[n - 1] + w3 * x[n - 2]
        }
        return result
    }
}
