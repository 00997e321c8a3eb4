// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Gains from repeated symbols whose pilots were taken off, with the turn from symbol to symbol found beside them.
///
/// Least squares over gains and turn, by steps: phases of the symbols against their mean, a line through those.
/// The phase is the one in the middle, where gains and turn don't disturb each other, so the gains' error is
/// the Cramér-Rao bound of known phases.
struct PilotEstimate {
    var gains: [IQ]
    /// Power of the noise in one gain.
    var noiseVariance: Double
    /// Radians from symbol to symbol.
    var slope: Double

    /// - Parameter symbols: at least two, of equal length.
    init(_ symbols: [[IQ]]) {
        let count = symbols.count
        let tones = symbols[0].count
        let center = Double(count - 1) / 2
        func inner(_ a: [IQ], _ b: [IQ]) -> Double {
            var (re, im) = (0.0, 0.0)
            for (x, y) in zip(a, b) {
                let product = x.conjugate * y
                re += Double(product.re)
                im += Double(product.im)
            }
            return Phase.angle(re, im)
        }
        func mean(_ slope: Double) -> [IQ] {
            var sum = [IQ](repeating: .zero, count: tones)
            for (index, symbol) in symbols.enumerated() {
                let turn = Phase.turn(-slope * (Double(index) - center)) * (1 / Float(count))
                for tone in 0..<tones { sum[tone] = sum[tone] + symbol[tone] * turn }
            }
            return sum
        }
        var slope = 0.0
        for _ in 0..<3 {
            let reference = mean(slope)
            var (sum, weight) = (0.0, 0.0)
            for (index, symbol) in symbols.enumerated() {
                let place = Double(index) - center
                let phase = inner(reference, symbol) - slope * place
                sum += place * phase.remainder(dividingBy: 2 * .pi)
                weight += place * place
            }
            slope += sum / weight
        }
        gains = mean(slope)
        self.slope = slope
        var rest = 0.0
        for (index, symbol) in symbols.enumerated() {
            let turn = Phase.turn(-slope * (Double(index) - center))
            for tone in 0..<tones { rest += Double((symbol[tone] * turn - gains[tone]).power) }
        }
        // One dimension of 2·tones·(count − 1) went into the turn.
        noiseVariance = rest / (Double(tones * (count - 1)) - 0.5) / Double(count)
    }
}
