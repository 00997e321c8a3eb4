// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// Estimates the channel from the HT or VHT training field behind a preamble.
public struct TrainingEstimator: Sendable {
    public let field: TrainingField
    let preamble: LegacyPreamble
    private let transform: FFT

    public init(_ field: TrainingField) {
        self.field = field
        preamble = LegacyPreamble(width: field.width)
        transform = FFT(length: field.width.fftLength, effort: .fastest)
    }

    /// Samples from a frame's start that it must keep (`PreambleReceiver`'s `kept`).
    public var reach: Int { field.offset + field.symbolCount * symbolLength }

    /// What a frame is: HT, VHT, or nil for a non-HT one, by the turned symbols behind L-SIG (19.3.9.4.3: both of
    /// HT-SIG; 21.3.8.3.3: the second of VHT-SIG-A).
    ///
    /// - Parameter sampleRate: the receiver's.
    public func format(of frame: PreambleFrame, sampleRate: Double) -> TrainingField.Format? {
        guard frame.samples.count >= preamble.count + 3 * symbolLength else { return nil }
        let samples = tuned(frame, sampleRate)
        // +1 for BPSK, −1 for turned BPSK, near 0 for all else.
        let squares = (0..<3).map { index in
            let tones = symbol(samples, preamble.count + symbolLength * index, preamble.tones)
            var (square, power): (Float, Float) = (0, 0)
            for (tone, (gain, value)) in zip(tones, zip(frame.gains, preamble.values)) {
                let rotation = value.re != 0 ? IQ(1, 0) : IQ(0, 1)
                let product = tone * (gain * rotation).conjugate
                square += (product * product).re
                power += product.power
            }
            return power > 0 ? square / power : 0
        }
        guard squares[0] > 0.5, squares[2] < -0.5 else { return nil }
        return squares[1] < -0.5 ? .ht : squares[1] > 0.5 ? .vht : nil
    }

    /// Gains of each stream at each tone of the field, in the unit of the recording for a sent power of 1, with
    /// the time origin and phase of the frame's own; nil when the frame doesn't hold the samples.
    ///
    /// - Returns: gains[stream][tone], and the power of the noise in one of them, from the frame's.
    public func estimate(
        _ frame: PreambleFrame, sampleRate: Double
    ) -> (gains: [[IQ]], noiseVariance: Double)? {
        guard frame.samples.count >= reach else { return nil }
        let samples = tuned(frame, sampleRate)
        let symbols = (0..<field.symbolCount).map {
            symbol(samples, field.offset + $0 * symbolLength, field.tones)
        }
        let scale = Float(field.tones.count).squareRoot() / Float(preamble.tones.count).squareRoot()
        let gains = (0..<field.streams).map { stream in
            field.values.indices.map { tone in
                var sum = IQ.zero
                for (index, symbol) in symbols.enumerated() {
                    sum = sum + symbol[tone] * TrainingField.mapping[stream][index]
                }
                return sum * field.values[tone].conjugate * (scale / Float(symbols.count))
            }
        }
        let noise = 2 * frame.noiseVariance * Double(scale * scale) / Double(symbols.count)
        return (gains, noise)
    }

    var symbolLength: Int { field.width.fftLength * 5 / 4 }

    /// The frame's samples without its carrier offset; phase zero in the middle of the long symbols.
    func tuned(_ frame: PreambleFrame, _ sampleRate: Double) -> [IQ] {
        var samples = frame.samples
        let middle = Double(preamble.longStart + field.width.fftLength)
        Phase.rotate(&samples, step: -2 * .pi * frame.carrierOffset / sampleRate, origin: middle)
        return samples
    }

    /// Tones of the symbol whose guard interval starts at `start`, scaled as the frame's gains are.
    func symbol(_ samples: [IQ], _ start: Int, _ tones: [Int]) -> [IQ] {
        let length = field.width.fftLength
        let early = length * 3 / 32
        let first = start + length / 4 - early
        let spectrum = transform.forward(Array(samples[first..<first + length]))
        let scale = Float(preamble.tones.count).squareRoot() / Float(length)
        return tones.map { tone in
            spectrum[ToneGrid.bin(tone, length)]
                * Phase.turn(2 * .pi * Double(tone * early) / Double(length)) * scale
        }
    }
}
