// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// What the components of one *aligned* snapshot tell about each other: the charge inside a snapshot that replaces
/// a guess by a computed bound.
///
/// The joint density of aligned gains of a Gaussian channel is known (`AlignedGains`), so the total correlation of
/// all 2N − 2 components, and with it of any selection of them, is at most ½ log2 det(2πe Cov) − h(aligned gains).
/// That was computed for TGn-B, C and D at 20 MHz and 10 to 30 dB by integration over the slope (4,000 snapshots,
/// standard error below 0.05 bit); it is 1.1 to 11.1 bits, and the quadratic below lies above every value, once what
/// the margins themselves lack of a Gaussian entropy (0.4 to 0.9 bit, no dependence) is taken out where the curve
/// passes within 0.4 bit. The table, and the program in words: Documentation/secrecy.md.
enum AlignedDependence {
    /// Where the curve is known to hold: information of a snapshot, and share of the strongest mode.
    static let mostInformation = 70.0
    static let leastShare = 0.7

    /// Charged bits a snapshot; nil outside the range in which the bound was computed.
    ///
    /// - Parameters:
    ///   - values: eigenvalues of the complex covariance of aligned gains, falling.
    ///   - noise: the noise in each.
    static func charge(values: [Double], noise: Double) -> Double? {
        let signal = values.map { max($0 - noise, 0) }
        let total = signal.reduce(0, +)
        guard let strongest = signal.first, total > 0, noise > 0, strongest / total >= leastShare else {
            return nil
        }
        let information = signal.reduce(0.0) { sum, power in
            let s = power / noise
            return sum + log2(1 + s * s / (2 * s + 1))
        }
        guard information <= mostInformation else { return nil }
        return 0.095 * information + 0.00098 * information * information
    }
}
