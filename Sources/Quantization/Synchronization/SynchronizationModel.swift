// SPDX-License-Identifier: GPL-3.0-or-later

/// The Gaussian model of one end's gains by which it synchronizes: modes over the tones, their powers, the noise.
///
/// A snapshot's gains are Σ_m u_m z_m + noise, turned by a common phase and a slope over the tones that nobody knows.
/// Public: it comes from published commissioning samples.
public struct SynchronizationModel: Sendable, Hashable, Codable {
    /// Integer tone index of each subcarrier.
    public var tones: [Int]
    /// λ of each mode, strongest first, in the gains' unit squared.
    public var powers: [Double]
    /// Real parts of the modes' unit vectors, a row for each mode.
    public var real: [[Double]]
    public var imaginary: [[Double]]
    /// Noise variance σ² of a gain.
    public var noise: Double
    /// Where a steady line of sight gives every snapshot its phase and slope; the modes are then those beside it.
    public var specular: SpecularGains?

    public init(tones: [Int], powers: [Double], real: [[Double]], imaginary: [[Double]], noise: Double) {
        self.tones = tones
        self.powers = powers
        self.real = real
        self.imaginary = imaginary
        self.noise = noise
    }

    static let maximumModes = 64

    /// True when all sizes fit and every number is usable.
    var isValid: Bool {
        (2...4096).contains(tones.count) && tones.allSatisfy { abs($0) <= 1 << 20 }
            && Set(tones).count == tones.count && (1...Self.maximumModes).contains(powers.count)
            && powers.allSatisfy { $0 > 0 && $0.isFinite } && noise > 0 && noise.isFinite
            && real.count == powers.count && imaginary.count == powers.count
            && (real + imaginary).allSatisfy { $0.count == tones.count && $0.allSatisfy { abs($0) <= 1.001 } }
            && specular.map { $0.alignment.tones == tones && $0.isValid(columns: 2 * tones.count) } ?? true
    }
}
