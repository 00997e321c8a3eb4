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
    /// Every spectrum that fits a channel without a line of sight, best first; empty where none does.
    let fits: [Fit]
    /// Those that come as close with a line of sight, for the charge alone.
    let fitsBesideLine: [Fit]
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
            fitsBesideLine = []
            isComplex = false
            uncertainty = Self.largeUncertainty
            return
        }
        isComplex = true
        let half = initiator.columns / 2
        let (spread, noise) = Self.modeSpectrum(initiator, half: half)
        // A noise floor from the weakest half of the modes errs low, so the modes' memory errs high.
        modes = spread.map { max($0 - noise, 0) / max(noise, 1e-30) }.filter { $0 > 0.02 }
        (fits, fitsBesideLine) = Self.fit(
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

    /// E|H_n,k|² |H_n+m,k|² / (E|H_k|²)², mean over the tones k, for each lag m from 0 on. For a Gaussian channel it is
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
        return (0...max(maximumLag, 1)).map { lag in
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

    /// Constant over fading power that is reckoned with, as far as the powers vary no more than such a channel's: by
    /// (1 + 2κ)/(1 + κ)² of their square mean, less what short recordings err by and what noise adds.
    private static let riceFactors = [0.25, 0.5, 1, 2, 4, 8, 16, 32]
    private static let variationError = 0.2

    /// What an end that moves in view of the other sees the line of sight shifted by, as shares of f_d.
    private static let shares = (0...10).map { 0.1 * Double($0) }

    /// The form in which a Doppler law enters: κ, and the shift of the line of sight as a share of f_d.
    private struct Shape {
        var factor: Double
        var share: Double
        var best: Fit?
        var least = Double.infinity
    }

    /// Fits gain · ρ(m f_d)² + offset by least squares over gain and offset, and a grid over f_d.
    ///
    /// Beside a line of sight of κ times the fading power, shifted by f, the shape is 2κ cos(2πfm)ρ + ρ². A fit that
    /// knew only ρ² took a walk for the bell then, which forgets, and charged down to a third of its memory. So such fits are
    /// added where they come as close; they never replace one, so what is charged only rises by them.
    ///
    /// - Parameter powers: for each lag from 0 on.
    private static func fit(_ powers: [Double]) -> (plain: [Fit], beside: [Fit]) {
        let measured = Array(powers.dropFirst())
        let n = Double(measured.count)
        guard n >= 16 else { return ([], []) }
        let mean = measured.reduce(0, +) / n
        let centered = measured.map { $0 - mean }
        let spread = centered.reduce(0) { $0 + $1 * $1 }
        let factors = riceFactors.filter {
            (1 + 2 * $0) / ((1 + $0) * (1 + $0)) > powers[0] - 1 - variationError
        }
        var shapes: [Shape] = []
        for spectrum in Spectrum.allCases {
            // The bell's ends stand still.
            let shifts = spectrum == .jakes ? shares : [0]
            var own = [Shape(factor: 0, share: 0)]
            own += shifts.flatMap { share in factors.map { Shape(factor: $0, share: share) } }
            var doppler = 0.002
            while doppler < 0.45 {
                let law = (1...measured.count).map { spectrum.correlation(doppler * Double($0)) }
                let turns = shifts.map { share in
                    (1...measured.count).map { cos(2 * .pi * share * doppler * Double($0)) }
                }
                for place in own.indices {
                    let turn = turns[place == 0 ? 0 : (place - 1) / factors.count]
                    refine(&own[place], spectrum, doppler, law, turn, centered, spread)
                }
                doppler *= 1.01
            }
            shapes += own
        }
        let plain = shapes.filter { $0.factor == 0 }.compactMap(\.best).sorted { $0.misfit < $1.misfit }
        guard let leader = plain.first, leader.misfit < 0.15,
            leader.explained > leastExplained || mean - 1 < forgottenLevel
        else { return ([], []) }
        // Gains differ by factors here, so that the residuals themselves are compared; shifted ones, which are many
        // and bend to more, compete with all, others among themselves.
        let closest = shapes.reduce(Double.infinity) { $1.share == 0 ? min($0, $1.least) : $0 }
        let closestOfAll = shapes.reduce(closest) { min($0, $1.least) }
        let near = shapes.filter { shape in
            shape.factor > 0 && shape.least < 2.25 * (shape.share == 0 ? closest : closestOfAll)
        }.compactMap(\.best).filter { $0.misfit < 0.15 }
        return (plain.filter { $0.misfit < min(0.15, 1.5 * leader.misfit) }, near)
    }

    /// Keeps the Doppler shift in `shape` if it comes closer than those before.
    private static func refine(
        _ shape: inout Shape, _ spectrum: Spectrum, _ doppler: Double, _ law: [Double], _ turn: [Double],
        _ centered: [Double], _ spread: Double
    ) {
        let n = Double(centered.count)
        let constant = 2 * shape.factor
        var (sum, squares, xy) = (0.0, 0.0, 0.0)
        for lag in centered.indices {
            let model = (constant * turn[lag] + law[lag]) * law[lag]
            sum += model
            squares += model * model
            xy += model * centered[lag]
        }
        let xx = squares - sum * sum / n
        let gain = xx > 0 ? xy / xx : 0
        // Without noise the shape, 1 + 2κ at lag 0, enters with 1/(1 + κ)².
        guard gains.contains(gain * (1 + shape.factor) * (1 + shape.factor)) else { return }
        // Σ (measured − gain · model)² at the best gain.
        let residual = max(spread - gain * xy, 0)
        // Least squares decide; the misfit, relative to the gain, would favor whatever gain is large.
        guard residual < shape.least else { return }
        shape.least = residual
        shape.best = Fit(
            spectrum: spectrum, doppler: doppler,
            misfit: (residual / n).squareRoot() / (gain * (1 + constant)),
            explained: 1 - residual / max(spread, 1e-300))
    }

    /// Σ over modes of I(A_n; A_past) in bits for every `stride`-th snapshot, worst over the spectra that fit and an
    /// interval of Doppler shifts: ±4 % for Clarke's spectrum (±8 % from few rows), −30 % to +8 % for the bell, whose
    /// slow decay leaves more to chance. Nil where none fits.
    func memory(stride: Int) -> Double? {
        guard isComplex, !fits.isEmpty, !modes.isEmpty else { return nil }
        var worst = 0.0
        for fit in fits + fitsBesideLine {
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
