// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The phases and slopes that one hypothesis takes out of a block's snapshots, and the modes that they leave.
struct GaugeTrack {
    let groups: Int
    /// φ in radians and x = s/S of each snapshot.
    var phases: [Float]
    var slopes: [Float]
    /// z by snapshot and group.
    var real: [Lanes]
    var imaginary: [Lanes]
    /// ∂z/∂x.
    var slopeReal: [Lanes]
    var slopeImaginary: [Lanes]
    /// Value of the likelihood's exponent, as far as the window saw it.
    var cost: Float = 0

    init(count: Int, groups: Int) {
        self.groups = groups
        phases = [Float](repeating: 0, count: count)
        slopes = phases
        real = [Lanes](repeating: .zero, count: count * groups)
        imaginary = real
        slopeReal = real
        slopeImaginary = real
    }

    /// Turns snapshot `n` and evaluates its modes.
    mutating func turn(_ n: Int, phase: Float, slope: Float, _ block: GaugeExpansion.Block) {
        phases[n] = phase
        slopes[n] = slope
        let (c, s) = (cosf(phase), sinf(phase))
        for group in 0..<groups {
            let base = n &* GaugeExpansion.terms &* groups &+ group
            // T_0 = 1, T_1 = x; U_0 = 1, U_1 = 2x; T'_p = p U_{p−1}.
            var (t0, t1): (Float, Float) = (1, slope)
            var (u0, u1): (Float, Float) = (0, 1)
            var re = block.real[base]
            var im = block.imaginary[base]
            var dRe = Lanes.zero
            var dIm = Lanes.zero
            for p in 1..<GaugeExpansion.terms {
                let cRe = block.real[base &+ p &* groups]
                let cIm = block.imaginary[base &+ p &* groups]
                let derivative = Float(p) * u1
                re += cRe * t1
                im += cIm * t1
                dRe += cRe * derivative
                dIm += cIm * derivative
                (t0, t1) = (t1, 2 * slope * t1 - t0)
                (u0, u1) = (u1, 2 * slope * u1 - u0)
            }
            let place = n &* groups &+ group
            real[place] = re * c - im * s
            imaginary[place] = re * s + im * c
            slopeReal[place] = dRe * c - dIm * s
            slopeImaginary[place] = dRe * s + dIm * c
        }
    }
}
