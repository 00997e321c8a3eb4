// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// The bell-shaped Doppler spectrum 1/(1 + 9(f/f_d)²), cut at 5 f_d (IEEE 802.11-03/940r4, TGn channel models, 4.7.1).
enum BellSpectrum {
    static let cut = 5.0
    private static let power = 2 * atan(3 * cut) / 3

    /// Autocorrelation at τ cycles of f_d, to about 10⁻⁶.
    ///
    /// That of the whole Lorentzian, exp(−2πτ/3), less what the cut takes away. A sum of cosines would do near zero, but
    /// far out its lines come apart, and a channel of lines could be predicted.
    static func correlation(_ cycles: Double) -> Double {
        let omega = 2 * Double.pi * abs(cycles)
        if omega < 0.5 {
            return nearShifts.reduce(0) { $0 + cos(omega * $1) } / Double(nearShifts.count)
        }
        return (Double.pi / 3 * exp(-omega / 3) - 2 * tail(omega)) / power
    }

    /// ∫ cos(ωf)/(1 + 9f²) df from the cut on: upward from there in the complex plane, where exp(jωf) fades away.
    private static func tail(_ omega: Double) -> Double {
        var sum = (re: 0.0, im: 0.0)
        for (node, weight) in nodes {
            // 1/(1 + 9(cut + jy)²)
            let y = node / omega
            let re = 1 + 9 * (cut * cut - y * y)
            let im = 18 * cut * y
            let scale = weight / (re * re + im * im)
            sum.re += re * scale
            sum.im -= im * scale
        }
        // Re of exp(jω cut) · j/ω · sum.
        return (-sin(cut * omega) * sum.re - cos(cut * omega) * sum.im) / omega
    }

    /// Nodes and weights of Simpson's rule for ∫ exp(−s) g(s) ds from 0 to 30.
    private static let nodes: [(Double, Double)] = {
        let count = 200
        let step = 30 / Double(count)
        return (0...count).map { index in
            let s = Double(index) * step
            let factor = index == 0 || index == count ? 1.0 : index % 2 == 1 ? 4 : 2
            return (s, factor * step / 3 * exp(-s))
        }
    }()

    /// The middles of equal shares of the power, the positive half of them.
    private static let nearShifts = (0..<512).map { tan((Double($0) + 0.5) / 512 * atan(3 * cut)) / 3 }
}
