// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Sixteen modes side by side.
typealias Lanes = SIMD16<Float>

/// A snapshot's modes as a function of the phase and the slope that are taken out of it.
///
/// z_m(φ, s) = e^{jφ} Σ_k u*_mk e^{jks} H_k. With s = S x, |x| ≤ 1, the exponential is a Chebyshev series in x whose
/// coefficients are Bessel functions (Jacobi–Anger), so that after one pass over the tones every slope costs one
/// short polynomial a mode: z_m = e^{jφ} Σ_p T_p(x) c_mp, c_mp = (2 − δ_p0) j^p Σ_k J_p(kS) u*_mk H_k.
struct GaugeExpansion: Sendable {
    /// Terms of the series: at |kS| ≤ 4 the first one left out is below 10⁻⁵.
    static let terms = 14
    /// |k S| at the outermost tone.
    static let reach = 4.0

    let tones: Int
    let modes: Int
    /// Groups of sixteen modes.
    let groups: Int
    /// S, radians a tone.
    let slopeLimit: Double
    /// (2 − δ_p0) J_p(kS), by tone, then term.
    private let factors: [Float]
    /// Modes' conjugates, by tone, then group.
    private let real: [Lanes]
    private let imaginary: [Lanes]
    /// k S of each tone.
    private let reachOfTone: [Float]

    init(_ model: SynchronizationModel) {
        tones = model.tones.count
        modes = model.powers.count
        groups = (modes + 15) / 16
        let outermost = model.tones.reduce(1) { max($0, abs($1)) }
        slopeLimit = Self.reach / Double(outermost)
        let limit = slopeLimit
        reachOfTone = model.tones.map { Float(Double($0) * limit) }
        factors = model.tones.flatMap { tone in
            (0..<Self.terms).map { p in
                Float((p == 0 ? 1 : 2) * jn(Int32(p), Double(tone) * limit))
            }
        }
        var re = [Lanes](repeating: .zero, count: tones * groups)
        var im = re
        for tone in 0..<tones {
            for mode in 0..<modes {
                re[tone * groups + mode / 16][mode % 16] = Float(model.real[mode][tone])
                im[tone * groups + mode / 16][mode % 16] = -Float(model.imaginary[mode][tone])
            }
        }
        real = re
        imaginary = im
    }

    /// Snapshots of a block, ready to be turned.
    struct Block {
        let count: Int
        /// c_mp by snapshot, term and group.
        var real: [Lanes]
        var imaginary: [Lanes]
        /// Σ|H|², Σ kS|H|² and Σ (kS)²|H|² of each snapshot.
        var moments: [SIMD4<Float>]
    }

    /// - Parameters:
    ///   - features: canonical gains, real parts before imaginary parts.
    ///   - rows: the block's rows.
    func block(_ features: FeatureMatrix, rows: Range<Int>) -> Block {
        let terms = Self.terms
        let width = terms * groups
        var block = Block(
            count: rows.count, real: [Lanes](repeating: .zero, count: rows.count * width),
            imaginary: [Lanes](repeating: .zero, count: rows.count * width),
            moments: [SIMD4<Float>](repeating: .zero, count: rows.count))
        var sumsRe = [Lanes](repeating: .zero, count: terms)
        var sumsIm = sumsRe
        for (n, row) in rows.enumerated() {
            let start = row * features.columns
            for group in 0..<groups {
                for p in 0..<terms { (sumsRe[p], sumsIm[p]) = (.zero, .zero) }
                for tone in 0..<tones {
                    let re = features.values[start &+ tone]
                    let im = features.values[start &+ tones &+ tone]
                    let u = real[tone &* groups &+ group]
                    let v = imaginary[tone &* groups &+ group]
                    let a = u * re - v * im
                    let b = u * im + v * re
                    for p in 0..<terms {
                        let factor = factors[tone &* terms &+ p]
                        sumsRe[p] += a * factor
                        sumsIm[p] += b * factor
                    }
                }
                for p in 0..<terms {
                    // Times j^p.
                    let (re, im) = (sumsRe[p], sumsIm[p])
                    let place = n &* width &+ p &* groups &+ group
                    switch p & 3 {
                    case 0: (block.real[place], block.imaginary[place]) = (re, im)
                    case 1: (block.real[place], block.imaginary[place]) = (-im, re)
                    case 2: (block.real[place], block.imaginary[place]) = (-re, -im)
                    default: (block.real[place], block.imaginary[place]) = (im, -re)
                    }
                }
            }
            var moments = SIMD4<Float>.zero
            for tone in 0..<tones {
                let re = features.values[start &+ tone]
                let im = features.values[start &+ tones &+ tone]
                let power = re * re + im * im
                let k = reachOfTone[tone]
                moments += SIMD4(power, k * power, k * k * power, 0)
            }
            block.moments[n] = moments
        }
        return block
    }
}
