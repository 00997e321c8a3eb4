// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Statistics

/// Takes out of an estimate what no echo within a window of delays can have made: noise, mostly.
///
/// Gains on the measured tones are projected onto the span of the responses of the delays in the window, which a
/// plain inverse transform, window and transform do only where every tone of the grid is measured; with the unused
/// tones of Wi-Fi it would bend the band's edges. A channel within the window passes unchanged; white noise keeps
/// the share delays ÷ tones of its power.
public struct DelayWindow: Sendable {
    public let tones: [Int]
    public let delays: ClosedRange<Int>
    /// The projection's rows, real and imaginary parts.
    private let projection: [[(re: Double, im: Double)]]

    /// - Parameters:
    ///   - tones: tone indices of the gains.
    ///   - delays: in samples of the transform; −2 … 16 unless told, the guard interval of 20 MHz.
    ///   - fftLength: samples of the transform, 64 at 20 MHz.
    ///
    /// Nil where the tones don't tell the window's delays apart: fewer tones than delays, or a grid too coarse.
    public init?(tones: [Int], delays: ClosedRange<Int> = -2...16, fftLength: Int = 64) {
        let (width, count) = (delays.count, tones.count)
        guard count >= width, fftLength > 0, width <= 512, count <= 4096 else { return nil }
        self.tones = tones
        self.delays = delays
        let basis = delays.map { delay in
            tones.map { tone in
                let turn = -2 * Double.pi * Double(tone) * Double(delay) / Double(fftLength)
                return (re: cos(turn), im: sin(turn))
            }
        }
        // Hermitian normal equations as real ones of twice the size: [[Re, −Im], [Im, Re]].
        func inner(_ a: Int, _ b: Int) -> (re: Double, im: Double) {
            var sum = (re: 0.0, im: 0.0)
            for k in tones.indices {
                sum.re += basis[a][k].re * basis[b][k].re + basis[a][k].im * basis[b][k].im
                sum.im += basis[a][k].re * basis[b][k].im - basis[a][k].im * basis[b][k].re
            }
            return sum
        }
        var normal = Matrix(rows: 2 * width, columns: 2 * width)
        for a in 0..<width {
            for b in 0..<width {
                let value = inner(a, b)
                normal[a, b] = value.re
                normal[a + width, b + width] = value.re
                normal[a, b + width] = -value.im
                normal[a + width, b] = value.im
            }
        }
        guard let cholesky = Cholesky(normal) else { return nil }
        // Column k of the solution: the delays' coefficients of a unit gain on tone k.
        let conjugates = Matrix(rows: 2 * width, columns: count) { row, tone in
            row < width ? basis[row][tone].re : -basis[row - width][tone].im
        }
        let solved = cholesky.solve(conjugates)
        projection = (0..<count).map { row in
            (0..<count).map { column in
                var sum = (re: 0.0, im: 0.0)
                for a in 0..<width {
                    let (re, im) = (solved[a, column], solved[a + width, column])
                    sum.re += basis[a][row].re * re - basis[a][row].im * im
                    sum.im += basis[a][row].re * im + basis[a][row].im * re
                }
                return sum
            }
        }
    }

    /// The gains without what lies beyond the window.
    ///
    /// - Precondition: as many gains as tones.
    public func apply(_ gains: some Collection<IQ>) -> [IQ] {
        precondition(gains.count == tones.count, "gains don't fit the tones")
        let gains = Array(gains)
        return projection.map { row in
            var (re, im) = (0.0, 0.0)
            for (weight, gain) in zip(row, gains) {
                re += weight.re * Double(gain.re) - weight.im * Double(gain.im)
                im += weight.re * Double(gain.im) + weight.im * Double(gain.re)
            }
            return IQ(Float(re), Float(im))
        }
    }
}
