// SPDX-License-Identifier: GPL-3.0-or-later

/// Correlation of a fading coefficient over space or time under plane waves from all around.
enum SpatialCorrelation {
    /// E[exp(jx·cos(φ − μ))] over a von Mises density of concentration κ about 0:
    /// I₀(√(κ² − x² + 2jκx·cos μ))/I₀(κ); κ = 0 gives J₀(x).
    ///
    /// A sum over equally spaced angles: for a periodic entire function it converges faster than any power.
    static func vonMises(x: Double, kappa: Double, angle: Double) -> Complex {
        let extent = x.magnitude + kappa
        let count = 2 * Int(extent < 1e6 ? extent : 1e6) + 64
        var sum = Complex.zero
        var weight = 0.0
        for index in 0..<count {
            let turns = Double(index) / Double(count)
            let density =
                kappa == 0 ? 1 : Portable.exp(max(kappa * (Portable.sinCos(turns: turns).cos - 1), -690))
            let path = x * Portable.sinCos(turns: turns - angle / (2 * Double.pi)).cos
            sum = sum + Complex.turned(path / (2 * Double.pi)) * density
            weight += density
        }
        return sum * (1 / weight)
    }

    /// E[exp(jx·cos(φ − μ))] over a Laplacian density about 0, P(φ) ∝ exp(−√2·|φ|/σ) on ±π; angles in radians.
    ///
    /// Midpoints of equal steps: 4,000, or sixteen a period of the fastest turn.
    static func laplacian(x: Double, angle: Double, spread: Double) -> Complex {
        let half = 2000 + 8 * Int(min(x.magnitude, 1e5))
        let rate = 2.0.squareRoot() / max(spread, 1e-6)
        var sum = Complex.zero
        var weight = 0.0
        for index in 0..<half {
            let offset = Double.pi * (Double(index) + 0.5) / Double(half)
            let density = Portable.exp(max(-rate * offset, -690))
            for side in [offset, -offset] {
                let path = x * Portable.sinCos(turns: (side - angle) / (2 * Double.pi)).cos
                sum = sum + Complex.turned(path / (2 * Double.pi)) * density
                weight += density
            }
        }
        return sum * (1 / weight)
    }

    /// The Bessel function J₀.
    static func besselJ0(_ x: Double) -> Double { vonMises(x: x, kappa: 0, angle: 0).re }
}
