// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// What a synchronized block is charged for, besides Eve and the symbols' deficits, in bits a block.
struct SynchronizedCharges {
    let law: DopplerLaw
    let model: SynchronizationModel
    let transform: TimeTransform

    /// Scales of the Doppler shift that the charges must hold for: the likelihood finds it within 1 %.
    private var scales: [Double] {
        law.spectrum == UnderlyingChannel.Spectrum.jakes.rawValue
            ? [0.96, 0.98, 1, 1.02, 1.04] : [0.8, 0.9, 1, 1.08]
    }

    /// I(A_block; A_past) of the channel with known phases, the past three blocks long, worst over the scales.
    ///
    /// A bound by data processing under the law: each block is synchronized by itself, so it is a function of its own
    /// snapshots. h(block) − h(block | past) = Σ_t log2(e_t / e_∞) for each complex mode, e_t the error of Levinson's
    /// predictor of order t. A tenth more power than measured, as for the other features, and a twelfth less noise: that
    /// stands for the modes that are too weak to be found.
    var memory: Double {
        let length = transform.length
        let noise = 0.92 * model.noise
        var worst = 0.0
        for scale in scales {
            let correlation = law.scaled(by: scale).correlation(3 * length + 1)
            var sum = 0.0
            for power in model.powers {
                var covariance = correlation.map { 1.1 * power * $0 }
                covariance[0] += noise
                let errors = LevinsonDurbin(autocovariance: covariance).errors
                let last = max(errors[errors.count - 1], noise)
                for t in 0..<length { sum += log2(max(errors[min(t, errors.count - 1)], last) / last) }
            }
            worst = max(worst, sum)
        }
        return worst
    }

    /// Total correlation of the transform's bins where the law is off by up to 4 %: Σ log2 of the diagonal less
    /// log2 det, for each complex mode.
    var mismatch: Double {
        var worst = 0.0
        for scale in scales where scale != 1 && law.scaled(by: scale).isValid {
            let covariance = transform.covariance(under: law.scaled(by: scale))
            var sum = 0.0
            for power in model.powers {
                var matrix = covariance
                for i in matrix.elements.indices { matrix.elements[i] *= power }
                var diagonal = 0.0
                for i in 0..<matrix.rows {
                    matrix[i, i] += model.noise
                    diagonal += log(matrix[i, i])
                }
                guard let factor = Cholesky(matrix) else { continue }
                sum += (diagonal - factor.logDeterminant) / log(2)
            }
            worst = max(worst, sum)
        }
        return worst
    }

    /// The least that is charged for the dependence that synchronization makes: what the snapshots' phases and slopes
    /// are worth to somebody who knows all the rest.
    ///
    /// Two real numbers a snapshot are fitted to the block itself. Given every other snapshot, the strongest mode of
    /// one is known up to the error 1/K_nn, K = R⁻¹, of which σ² is noise: −log2(σ² K_nn) bits for the two. Twice that is charged, and half a
    /// bit a snapshot at the least. For TGn-D at 20 dB and 50 probes a second it comes to 1.2 bits, where exact
    /// phases are worth 0.8 bit more than unknown ones. An estimate, not a bound.
    var synchronizationFloor: Double {
        guard let power = model.powers.first else { return .infinity }
        let length = transform.length
        let (coefficients, errors) = DopplerLaw.predictors(
            law.correlation(length + 1), power: power, noise: model.noise, order: length - 1)
        // K_nn of the middle snapshot: Σ over later predictors of its squared weight.
        let middle = length / 2
        var precision = 1 / errors[middle]
        for t in middle + 1..<length {
            let weight = coefficients[t][t - 1 - middle]
            precision += weight * weight / errors[t]
        }
        let known = -log2(min(max(model.noise * precision, 1e-9), 1))
        return Double(length) * max(0.5, 2 * known)
    }

    /// The same under a steady line of sight; nil where there is none.
    ///
    /// A phase that is off by δ adds jδ times what fades to every gain: linear terms are projected out, this one is
    /// left. As if all of it were known to who knows the other coefficients: log2(1 + SNR · E δ²) for each. An estimate,
    /// not a bound.
    func specularFloor(_ members: [SynchronizedPlan.Member]) -> Double? {
        guard let specular = model.specular else { return nil }
        return members.reduce(0) {
            let snr = model.powers[$1.mode] * transform.gains[$1.bin] / model.noise
            return $0 + log2(1 + snr * specular.phaseError)
        }
    }
}

/// Dependence among a block's coefficients as it is measured, bounded from above.
///
/// Pairs are looked at in the order of the chain rule: the coefficients themselves (complex correlation), their powers,
/// and the products of neighboring bins between modes, which a common turn of the whole block would make alike. For
/// small dependence the chain rule's sum is that over pairs.
struct BlockDependence {
    /// Bits a block, upper bound for the sum.
    let bound: Double

    /// ε_est shared among two thousand estimates: 2⁻⁵¹, as a natural logarithm.
    static let exponent = 51 * log(2.0)

    /// Modes and bins whose pairs are looked at.
    static let modes = 8
    static let neighbors = 2

    /// - Parameters:
    ///   - real: coefficients by block, `[mode * bins + bin]`.
    ///   - used: modes of each bin that are keyed: bins below which the mode is.
    init(real: [[Double]], imaginary: [[Double]], modes: Int, bins: Int) {
        let blocks = real.count
        let count = min(modes, Self.modes)
        guard blocks > 4 else {
            bound = .infinity
            return
        }
        /// Unit-power columns over the blocks.
        func column(_ mode: Int, _ bin: Int) -> (re: [Double], im: [Double]) {
            let place = mode * bins + bin
            var (re, im) = (real.map { $0[place] }, imaginary.map { $0[place] })
            let power = zip(re, im).reduce(0) { $0 + $1.0 * $1.0 + $1.1 * $1.1 } / Double(blocks)
            let scale = power > 0 ? 1 / power.squareRoot() : 0
            for i in 0..<blocks {
                re[i] *= scale
                im[i] *= scale
            }
            return (re, im)
        }
        let columns = (0..<count).map { mode in (0..<bins).map { column(mode, $0) } }
        let powers = columns.map { $0.map { Self.standardized(zip($0.re, $0.im).map { $0 * $0 + $1 * $1 }) } }
        var plugIn = 0.0
        var degrees = 0
        let samples = Double(blocks)
        func complexPair(_ x: (re: [Double], im: [Double]), _ y: (re: [Double], im: [Double])) {
            var (a, b, px, py) = (0.0, 0.0, 0.0, 0.0)
            for i in 0..<blocks {
                a += x.re[i] * y.re[i] + x.im[i] * y.im[i]
                b += x.im[i] * y.re[i] - x.re[i] * y.im[i]
                px += x.re[i] * x.re[i] + x.im[i] * x.im[i]
                py += y.re[i] * y.re[i] + y.im[i] * y.im[i]
            }
            let share = min((a * a + b * b) / max(px * py, 1e-300), 0.999)
            plugIn -= log2(1 - share)
            degrees += 2
        }
        for mode in 0..<count {
            for bin in 0..<bins {
                for other in 0...mode {
                    for step in -Self.neighbors...Self.neighbors {
                        let second = bin + step
                        guard (0..<bins).contains(second), other < mode || second < bin else { continue }
                        complexPair(columns[mode][bin], columns[other][second])
                        var r = 0.0
                        for i in 0..<blocks { r += powers[mode][bin][i] * powers[other][second][i] }
                        r /= samples
                        plugIn -= 0.5 * log2(1 - min(r * r, 0.999))
                        degrees += 1
                    }
                }
            }
        }
        func product(_ mode: Int, _ bin: Int, _ step: Int) -> (re: [Double], im: [Double]) {
            let (x, y) = (columns[mode][bin], columns[mode][bin + step])
            return (
                (0..<blocks).map { x.re[$0] * y.re[$0] + x.im[$0] * y.im[$0] },
                (0..<blocks).map { x.im[$0] * y.re[$0] - x.re[$0] * y.im[$0] }
            )
        }
        for mode in 1..<max(min(count, 4), 1) {
            for other in 0..<mode {
                for step in 1...3 where bins > step {
                    for bin in 0..<bins - step {
                        complexPair(product(mode, bin, step), product(other, bin, step))
                    }
                }
            }
        }
        bound = Self.upperBound(plugIn: plugIn, degrees: degrees, samples: samples)
    }

    private static func standardized(_ x: [Double]) -> [Double] {
        let mean = Series.mean(x)
        let deviation = max(Series.variance(x).squareRoot(), 1e-150)
        return x.map { ($0 - mean) / deviation }
    }

    /// Upper bound of a sum of informations in bits: 2 n ln 2 times the plug-in sum behaves like a non-central χ² of d
    /// degrees; P[T ≤ d + λ − 2√((d + 2λ)x)] ≤ exp(−x) (Birgé 2001, lemma 8.1), solved for λ.
    static func upperBound(plugIn: Double, degrees: Int, samples: Double) -> Double {
        let scale = 2 * max(samples, 1) * log(2.0)
        let d = Double(degrees)
        let x = exponent
        let t = max(0, scale * plugIn - d)
        return (t + 4 * x + (8 * x * t + 16 * x * x + 4 * x * d).squareRoot()) / scale
    }
}
