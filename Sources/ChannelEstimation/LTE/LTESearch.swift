// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// Finds the strongest LTE cell's primary synchronization signal in samples at 1.92 MHz.
///
/// Powers of the correlation with each root, at carrier offsets 5 kHz apart, are summed over half frames.
public struct LTESearch: Sendable {
    private let block = FFT(length: 4096, effort: .estimate)
    /// Carrier offsets that are tried, in Hz.
    private static let offsets = stride(from: -20e3, through: 20e3, by: 5e3)
    /// Samples that are searched at the most: 40 half frames.
    private static let most = 40 * LTEPrimarySignal.period
    /// A peak over the mean below which there is no cell. Noise over four half frames stays below 8.
    static let peakLimit = 12.0

    public init() {}

    /// The strongest signal, or nil where none stands out. Looks at the first 200 ms.
    ///
    /// - Throws: `.badInput` for fewer than four half frames (38,400 samples).
    public func primary(_ samples: [IQ]) throws(QWaveError) -> LTEPrimarySignal? {
        let least = 4 * LTEPrimarySignal.period
        guard samples.count >= least else {
            throw QWaveError(
                .badInput, "\(samples.count) samples are too few to find a cell in; it takes \(least), 20 ms")
        }
        let part = Array(samples.prefix(Self.most))
        var best = LTEPrimarySignal(sector: 0, start: 0, carrierOffset: 0, peak: 0)
        for sector in 0..<3 {
            for offset in Self.offsets {
                let (start, peak) = correlate(part, sector, offset)
                guard peak > best.peak else { continue }
                best = LTEPrimarySignal(sector: sector, start: start, carrierOffset: offset, peak: peak)
            }
        }
        guard best.peak >= Self.peakLimit else { return nil }
        best.carrierOffset += residual(part, best)
        return best
    }

    /// Where in a half frame the signal is, and how far its power stands above the mean.
    private func correlate(_ samples: [IQ], _ sector: Int, _ offset: Double) -> (start: Int, peak: Double) {
        var template = LTEPrimarySignal.samples(sector)
        Phase.rotate(&template, step: 2 * .pi * offset / LTEPrimarySignal.sampleRate, origin: 0)
        let size = block.length
        let reference = block.forward(template + [IQ](repeating: .zero, count: size - template.count))
            .map(\.conjugate)
        var power = [Float](repeating: 0, count: LTEPrimarySignal.period)
        let step = size - template.count
        for begin in stride(from: 0, through: samples.count - size, by: step) {
            var buffer = Array(samples[begin..<begin + size])
            block.forward(inPlace: &buffer)
            for index in buffer.indices { buffer[index] = buffer[index] * reference[index] }
            block.inverse(inPlace: &buffer)
            for index in 0..<step { power[(begin + index) % power.count] += buffer[index].power }
        }
        var start = 0
        var sum = 0.0
        for index in power.indices {
            sum += Double(power[index])
            if power[index] > power[start] { start = index }
        }
        return sum > 0 ? (start, Double(power[start]) * Double(power.count) / sum) : (0, 0)
    }

    /// Hz beyond the offset that was tried, from the turn between the two halves of each symbol.
    private func residual(_ samples: [IQ], _ signal: LTEPrimarySignal) -> Double {
        let template = LTEPrimarySignal.samples(signal.sector)
        let length = template.count
        var (re, im) = (0.0, 0.0)
        for start in stride(
            from: signal.start, through: samples.count - length, by: LTEPrimarySignal.period)
        {
            var segment = Array(samples[start..<start + length])
            Phase.rotate(
                &segment, step: -2 * .pi * signal.carrierOffset / LTEPrimarySignal.sampleRate, origin: 0)
            var halves = [IQ.zero, .zero]
            for index in 0..<length {
                halves[index * 2 / length] =
                    halves[index * 2 / length] + template[index].conjugate * segment[index]
            }
            let turn = halves[0].conjugate * halves[1]
            re += Double(turn.re)
            im += Double(turn.im)
        }
        return Phase.angle(re, im) / Double(length / 2) * LTEPrimarySignal.sampleRate / (2 * .pi)
    }
}
