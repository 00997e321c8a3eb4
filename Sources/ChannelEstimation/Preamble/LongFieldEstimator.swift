// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Transforms

/// Work on one candidate: timing, fine carrier offset and gains from the long field.
struct LongFieldEstimator: Sendable {
    let preamble: LegacyPreamble
    private let symbol: FFT
    private let correlation: FFT
    private let reference: [IQ]
    private let window: DelayWindow

    /// What the long field said; `longStart` counts from the samples' start.
    struct Result {
        var longStart: Int
        /// Radians a sample.
        var offset: Double
        var gains: [IQ]
        var noiseVariance: Double
    }

    /// Sums of both symbols' normalized correlations, unit mean in noise alone, that a field has at the least.
    static let sumLimit: Float = 22
    /// The same for each of the two.
    static let eachLimit: Float = 5
    /// Share of the stronger correlation that the weaker has: one HT or VHT training symbol is no long field.
    static let balanceLimit: Float = 0.15
    /// |Σ conj(x[i])·x[i+64·m]| of the two symbols over their energy: SNR/(1+SNR), a half at 0 dB.
    static let repetitionLimit = 0.2

    init(_ preamble: LegacyPreamble) {
        self.preamble = preamble
        symbol = FFT(length: preamble.width.fftLength, effort: .fastest)
        correlation = FFT(length: 8 * preamble.width.fftLength, effort: .fastest)
        window = DelayWindow(preamble)
        let padding = [IQ](repeating: .zero, count: 7 * preamble.width.fftLength)
        reference = correlation.forward(preamble.longSymbol + padding).map(\.conjugate)
    }

    /// Samples that are read behind `start`.
    var reach: Int { 8 * preamble.width.fftLength }

    /// The field whose short field seems to start at `start`, or nil where there is none.
    ///
    /// - Parameter coarse: carrier offset from the short field, radians a sample.
    func estimate(_ samples: Span<IQ>, start: Int, coarse: Double) -> Result? {
        let length = preamble.width.fftLength
        // Long symbols are looked for at 96·m to 352·m behind the seeming start: 96 early to 160 late at m = 1.
        let origin = start + length * 3 / 2
        var segment = (0..<6 * length).map { samples[origin + $0] }
        Phase.rotate(&segment, step: -coarse, origin: 0)
        guard let first = firstSymbol(segment), let fine = fineOffset(segment, first: first) else {
            return nil
        }
        Phase.rotate(&segment, step: -fine, origin: 0)
        let middle = Double(origin + first + length)
        var result = gains(segment, first: first)
        // From the segment's start as phase zero to the middle of the two symbols.
        let shift = Phase.turn((coarse + fine) * (middle - Double(origin)))
        for index in result.gains.indices { result.gains[index] = result.gains[index] * shift }
        result.longStart = origin + first
        result.offset = coarse + fine
        return result
    }

    /// Where the first long symbol starts in the segment: its earliest path within 6 dB of the strongest.
    private func firstSymbol(_ segment: [IQ]) -> Int? {
        let length = preamble.width.fftLength
        var buffer = segment + [IQ](repeating: .zero, count: 2 * length)
        correlation.forward(inPlace: &buffer)
        for index in buffer.indices { buffer[index] = buffer[index] * reference[index] }
        correlation.inverse(inPlace: &buffer)
        var peak: Float = 0
        var best = 0
        for index in 0..<4 * length {
            let sum = buffer[index].power + buffer[index + length].power
            if sum > peak {
                peak = sum
                best = index
            }
        }
        func normalized(_ index: Int) -> Float {
            var energy: Float = 0
            for sample in segment[index..<index + length] { energy += sample.power }
            return energy > 0 ? buffer[index].power / energy : 0
        }
        let (one, two) = (normalized(best), normalized(best + length))
        guard min(one, two) >= max(Self.eachLimit, Self.balanceLimit * max(one, two)),
            one + two >= Self.sumLimit
        else { return nil }
        for index in max(0, best - length / 4)..<best
        where buffer[index].power + buffer[index + length].power >= peak / 4 { return index }
        return best
    }

    /// Radians a sample, from the repetition of the long symbol; nil where it doesn't repeat.
    private func fineOffset(_ segment: [IQ], first: Int) -> Double? {
        let length = preamble.width.fftLength
        var (re, im, energy) = (0.0, 0.0, 0.0)
        for index in first..<first + length {
            let product = segment[index].conjugate * segment[index + length]
            re += Double(product.re)
            im += Double(product.im)
            energy += Double(segment[index].power + segment[index + length].power) / 2
        }
        guard re * re + im * im >= Self.repetitionLimit * Self.repetitionLimit * energy * energy else {
            return nil
        }
        return Phase.angle(re, im) / Double(length)
    }

    /// Least squares over the two symbols. The transform begins an eighth of a symbol early, inside the guard
    /// interval, for paths before the one that timing found; the gains are turned back.
    private func gains(_ segment: [IQ], first: Int) -> Result {
        let length = preamble.width.fftLength
        let early = min(first, length / 8)
        let one = symbol.forward(Array(segment[first - early..<first - early + length]))
        let two = symbol.forward(Array(segment[first - early + length..<first - early + 2 * length]))
        let scale = Float(preamble.tones.count).squareRoot() / Float(length)
        var gains: [IQ] = []
        gains.reserveCapacity(preamble.tones.count)
        var difference = 0.0
        for (tone, value) in zip(preamble.tones, preamble.values) {
            let bin = ToneGrid.bin(tone, length)
            let turn = value.conjugate * Phase.turn(2 * .pi * Double(tone * early) / Double(length)) * scale
            gains.append((one[bin] + two[bin]) * 0.5 * turn)
            difference += Double((one[bin] - two[bin]).power * scale * scale)
        }
        let count = Double(preamble.tones.count)
        // The larger of two estimates: errors that both symbols share don't show in their difference.
        let noise = max(difference / 4 / (count - 0.5), window.noiseVariance(gains))
        return Result(longStart: 0, offset: 0, gains: gains, noiseVariance: noise)
    }
}
