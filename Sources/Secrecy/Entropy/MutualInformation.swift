// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import Statistics

/// Mutual information of Gaussian variables, in bits: the ceiling of any key.
public enum MutualInformation {
    /// I(A;B) of two real variables with correlation ρ; +∞ at |ρ| = 1.
    public static func real(correlation: Double) -> Double {
        ConfidenceBound.charge(correlation: correlation)
    }

    /// I(A;B) of two circular complex variables with coherence |γ|.
    public static func complex(coherence: Double) -> Double { 2 * real(correlation: coherence) }

    /// The correlation of two noisy sights of one gain, equal signal-to-noise ratio (linear) at both ends.
    public static func correlation(signalToNoise: Double) -> Double { signalToNoise / (1 + signalToNoise) }

    /// I(A;B) per complex snapshot: Σ log2(1 + s²/(2 s + 1)), s = SNR × eigenvalue of the gains' covariance.
    public static func snapshot(signalToNoise: Double, eigenvalues: [Double]) -> Double {
        eigenvalues.reduce(0) { sum, eigenvalue in
            let s = max(0, signalToNoise * eigenvalue)
            return sum + log2(1 + s * s / (2 * s + 1))
        }
    }

    /// I(A;B) of real Gaussian vectors: ½ log2(|R_A| |R_B| / |R_AB|).
    ///
    /// Nil where the covariance isn't positive definite: then the ends determine each other, or it is no
    /// covariance at all.
    public static func real(covariance: Matrix, _ a: [Int], _ b: [Int]) -> Double? {
        guard let alice = logDeterminant(covariance, a), let bob = logDeterminant(covariance, b),
            let both = logDeterminant(covariance, a + b)
        else { return nil }
        return max(0, 0.5 * (alice + bob - both) / log(2))
    }

    /// I(A;B|E) of real Gaussian vectors: ½ log2(|R_AE| |R_BE| / (|R_E| |R_ABE|)).
    public static func real(covariance: Matrix, _ a: [Int], _ b: [Int], given e: [Int]) -> Double? {
        guard let alice = logDeterminant(covariance, a + e), let bob = logDeterminant(covariance, b + e),
            let eve = logDeterminant(covariance, e), let all = logDeterminant(covariance, a + b + e)
        else { return nil }
        return max(0, 0.5 * (alice + bob - eve - all) / log(2))
    }

    private static func logDeterminant(_ covariance: Matrix, _ indices: [Int]) -> Double? {
        Cholesky(covariance.selecting(rows: indices, columns: indices))?.logDeterminant
    }
}
