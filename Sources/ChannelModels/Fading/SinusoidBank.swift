// SPDX-License-Identifier: GPL-3.0-or-later

/// Independent fading taps of unit power, each a sum of N sinusoids (Xiao, Zheng and Beaulieu 2006):
/// h(t) = √(1/N)·Σ exp(j(2πf_n·t + φ_n)).
///
/// A function of time alone, so any instant can be asked for in any order, at O(taps × N).
struct SinusoidBank: Sendable {
    let taps: Int
    let sinusoids: Int
    // Tap after tap: Doppler shifts in Hz and phases in turns.
    private let shifts: [Double]
    private let phases: [Double]
    private let amplitude: Double

    /// - Parameter firstIndex: number of the first tap's random process: banks that differ in it are independent.
    init(
        taps: Int, sinusoids: Int, spectrum: DopplerSpectrum, maximumDoppler: Double, seed: UInt64,
        process: RandomProcess, firstIndex: Int = 0
    ) {
        self.taps = taps
        self.sinusoids = sinusoids
        amplitude = (1 / Double(sinusoids)).squareRoot()
        var shifts: [Double] = []
        var phases: [Double] = []
        shifts.reserveCapacity(taps * sinusoids)
        phases.reserveCapacity(taps * sinusoids)
        for tap in 0..<taps {
            let stream = SubStream(seed: seed, process, index: firstIndex + tap)
            for n in 0..<sinusoids {
                shifts.append(
                    spectrum.shift(
                        index: n, count: sinusoids, u: stream.uniform(2 &* n), maximumDoppler: maximumDoppler)
                )
                phases.append(stream.uniform(2 &* n &+ 1))
            }
        }
        self.shifts = shifts
        self.phases = phases
    }

    /// One tap at one instant.
    func gain(tap: Int, at time: Double) -> Complex {
        let shifts = shifts.span
        let phases = phases.span
        var re = 0.0
        var im = 0.0
        for index in tap &* sinusoids..<(tap &+ 1) &* sinusoids {
            let (sin, cos) = Portable.sinCos(turns: shifts[index] * time + phases[index])
            re += cos
            im += sin
        }
        return Complex(re * amplitude, im * amplitude)
    }
}
