// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The Gaussian channel beneath features that are nonlinear in the gains: its modes, its noise, its Doppler law.
///
/// Canonical phase and amplitude don't show the whole memory of the channel to a correlation. By data processing
/// no feature of one snapshot shares more with the past than the snapshot itself does, so the memory that is
/// charged is that of the channel: Σ over modes of I(A_n; A_past) with known phase, under a spectrum of one
/// parameter that is fitted to phase-free statistics, and only where it fits.
struct UnderlyingChannel: Sendable {
    enum Spectrum: String, CaseIterable, Sendable {
        case jakes
        case bell

        /// Autocorrelation at τ cycles of the maximum Doppler shift.
        func correlation(_ cycles: Double) -> Double {
            switch self {
            case .jakes: return Bessel.j0(2 * Double.pi * cycles)
            case .bell: return BellSpectrum.correlation(cycles)
            }
        }

    }

    struct Fit: Sendable {
        var spectrum: Spectrum
        /// Maximum Doppler shift in cycles a pair.
        var doppler: Double
        /// Root mean square misfit relative to the fitted gain.
        var misfit: Double
        /// Share of the measured variation over the lags that the fit explains.
        var explained: Double
    }

    /// Power of each complex mode over the noise in it, strongest first, noise taken out.
    let modes: [Double]
    /// Every spectrum that fits, best first; empty where none does.
    let fits: [Fit]
    let isComplex: Bool
    /// How far the fitted Doppler shift may be off, as a share of it.
    private let uncertainty: Double

    /// From so many rows on the fit errs by less than 0.5 % where the spectrum is Clarke's (standard deviation, 20
    /// dB TGn-D and 15 dB TGn-C walks; 0.7 % from 1,800 rows of TGn-B at 15 dB): the interval is five times that or more.
    private static let manyRows = 4096
    private static let smallUncertainty = 0.04
    private static let largeUncertainty = 0.08

    /// - Parameters:
    ///   - initiator: published features; complex for `.canonical` (real parts, then imaginary parts, for
    ///     each antenna path as one plane pair of equal width).
    ///   - joints: rows at which another recording begins: no lag reaches over them.
    init(initiator: FeatureMatrix, kind: FeatureKind, joints: [Int] = []) {
        guard kind == .canonical, initiator.columns >= 8, initiator.rows >= 256 else {
            modes = []
            fits = []
            isComplex = false
            uncertainty = Self.largeUncertainty
            return
        }
        isComplex = true
        let half = initiator.columns / 2
        let (spread, noise) = Self.modeSpectrum(initiator, half: half)
        // A noise floor from the weakest half of the modes errs low, so the modes' memory errs high.
        modes = spread.map { max($0 - noise, 0) / max(noise, 1e-30) }.filter { $0 > 0.02 }
        fits = Self.fit(
            Self.powerCorrelation(
                initiator, half: half, maximumLag: min(96, initiator.rows / 8),
                runs: Runs(rows: initiator.rows, joints: joints)))
        uncertainty = initiator.rows >= Self.manyRows ? Self.smallUncertainty : Self.largeUncertainty
    }

    /// Eigenvalues of the Hermitian covariance of the gains (mean included), and the floor among them.
    static func modeSpectrum(_ features: FeatureMatrix, half: Int) -> ([Double], noise: Double) {
        var re = Matrix(rows: half, columns: half)
        var im = Matrix(rows: half, columns: half)
        let step = max(1, features.rows / 4000)
        var used = 0.0
        for row in stride(from: 0, to: features.rows, by: step) {
            used += 1
            for i in 0..<half {
                let (a, b) = (Double(features[row, i]), Double(features[row, half + i]))
                for j in 0...i {
                    let (c, d) = (Double(features[row, j]), Double(features[row, half + j]))
                    re[i, j] += a * c + b * d
                    im[i, j] += b * c - a * d
                }
            }
        }
        // [Re −Im; Im Re] has every eigenvalue twice.
        let real = Matrix(rows: 2 * half, columns: 2 * half) { row, column in
            let (i, j) = (row % half, column % half)
            let symmetric = i >= j ? re[i, j] : re[j, i]
            let skew = i >= j ? im[i, j] : -im[j, i]
            if (row < half) == (column < half) { return symmetric / used }
            return (row < half ? -skew : skew) / used
        }
        guard let eigen = SymmetricEigen(real) else { return ([], 0) }
        let sorted = eigen.values.sorted(by: >)
        let values = stride(from: 0, to: sorted.count, by: 2).map { max(sorted[$0], 0) }
        let weakest = values.suffix(max(values.count / 2, 1))
        return (values, weakest.reduce(0, +) / Double(weakest.count))
    }

    /// E|H_n,k|² |H_n+m,k|² / (E|H_k|²)², mean over the tones k, for each lag m ≥ 1. For a Gaussian channel it is
    /// 1 + |ρ|² (S/(S + N))²: no phase, delay or reference of either snapshot enters. (Inner products of whole
    /// snapshots do feel how well their phase slopes agree, more so the wider the band: at 80 MHz they made the
    /// channel look faster than it is.)
    private static func powerCorrelation(
        _ features: FeatureMatrix, half: Int, maximumLag: Int, runs: Runs
    ) -> [Double] {
        var powers = [Float](repeating: 0, count: features.rows * half)
        var means = [Double](repeating: 0, count: half)
        for row in 0..<features.rows {
            for tone in 0..<half {
                let (a, b) = (features[row, tone], features[row, half + tone])
                powers[row * half + tone] = a * a + b * b
                means[tone] += Double(a * a + b * b) / Double(features.rows)
            }
        }
        let scales = means.map { $0 > 0 ? Float(1 / $0) : 0 }
        for row in 0..<features.rows {
            for tone in 0..<half { powers[row * half + tone] *= scales[tone] }
        }
        return (1...max(maximumLag, 1)).map { lag in
            var sum = 0.0
            var rows = 0
            for run in runs.ranges where run.count > lag {
                for row in run.lowerBound..<run.upperBound - lag {
                    var products: Float = 0
                    let (early, late) = (row * half, (row + lag) * half)
                    for tone in 0..<half { products += powers[early + tone] * powers[late + tone] }
                    sum += Double(products)
                }
                rows += run.count - lag
            }
            return sum / Double(max(rows, 1) * half)
        }
    }

    /// Gains of a fit that make sense: |ρ|² enters with 1, less what noise takes of it. Others fit an alias of the
    /// Doppler shift.
    private static let gains = 0.5...1.25

    /// Of the variation over the lags a fit explains at least this share. The slow decline of a channel that hardly
    /// moves is matched by no shift of the grid, but an alias near half the pair rate comes close in misfit.
    private static let leastExplained = 0.5

    /// A channel that forgets within one pair varies little over the lags, and noise explains most of it: then the
    /// level decides. Without memory it is 1; a channel that stands still lies higher by about 1.
    private static let forgottenLevel = 0.2

    /// Fits gain · ρ(m f_d)² + offset by least squares over gain and offset, and a grid over f_d.
    private static func fit(_ measured: [Double]) -> [Fit] {
        let n = Double(measured.count)
        guard n >= 16 else { return [] }
        let mean = measured.reduce(0, +) / n
        let spread = measured.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        var fits: [Fit] = []
        for spectrum in Spectrum.allCases {
            var best: Fit?
            var least = Double.infinity
            var doppler = 0.002
            while doppler < 0.45 {
                let model = (1...measured.count).map { lag in
                    let r = spectrum.correlation(doppler * Double(lag))
                    return r * r
                }
                let modelMean = model.reduce(0, +) / n
                let xx = model.reduce(0) { $0 + ($1 - modelMean) * ($1 - modelMean) }
                let xy = zip(model, measured).reduce(0) { $0 + ($1.0 - modelMean) * ($1.1 - mean) }
                let gain = xx > 0 ? xy / xx : 0
                if gains.contains(gain) {
                    let residual = zip(model, measured).reduce(0) {
                        let e = $1.1 - mean - gain * ($1.0 - modelMean)
                        return $0 + e * e
                    }
                    // Least squares decide; the misfit, relative to the gain, would favor whatever gain is large.
                    if residual < least {
                        least = residual
                        best = Fit(
                            spectrum: spectrum, doppler: doppler, misfit: (residual / n).squareRoot() / gain,
                            explained: 1 - residual / max(spread, 1e-300))
                    }
                }
                doppler *= 1.01
            }
            if let best { fits.append(best) }
        }
        let sorted = fits.sorted { $0.misfit < $1.misfit }
        guard let leader = sorted.first, leader.misfit < 0.15,
            leader.explained > leastExplained || mean - 1 < forgottenLevel
        else { return [] }
        return sorted.filter { $0.misfit < min(0.15, 1.5 * leader.misfit) }
    }

    /// Σ over modes of I(A_n; A_past) in bits for every `stride`-th snapshot, worst over the spectra that fit and an
    /// interval of Doppler shifts: ±4 % for Clarke's spectrum (±8 % from few rows), −30 % to +8 % for the bell, whose
    /// slow decay leaves more to chance. Nil where none fits.
    func memory(stride: Int) -> Double? {
        guard isComplex, !fits.isEmpty, !modes.isEmpty else { return nil }
        var worst = 0.0
        for fit in fits {
            let scales =
                fit.spectrum == .jakes
                ? [-1, -0.5, 0, 0.5, 1].map { 1 + $0 * uncertainty } : [0.7, 0.8, 0.9, 1, 1.08]
            for scale in scales {
                let law = (0...64).map { fit.spectrum.correlation(fit.doppler * scale * Double(stride * $0)) }
                var sum = 0.0
                for snr in modes {
                    // A tenth more power than measured: the floor's own error.
                    let power = 1.1 * snr
                    var covariance = law.map { power * $0 }
                    covariance[0] += 1
                    let errors = LevinsonDurbin(autocovariance: covariance).errors
                    let innovation = max(errors.last ?? covariance[0], 1)
                    sum += log2(covariance[0] / innovation)
                }
                worst = max(worst, sum)
            }
        }
        return worst
    }
}
