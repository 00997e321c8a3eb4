// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// Finds sounding bursts in a stream of samples and estimates the channel from their pilots.
public struct SoundingReceiver: Sendable {
    private var receiver: PreambleReceiver
    private let secret: @Sendable (UInt32, Party.Role) -> SoundingSecret?
    private let transform = FFT(length: SoundingBurst.preamble.width.fftLength, effort: .fastest)

    /// - Parameters:
    ///   - sampleRate: samples a second; the burst's tones are a 64th of it apart.
    ///   - secret: the secret of the burst with this sequence number and sender; nil passes the burst over.
    /// - Throws: `.usage` for a rate or threshold that can't be.
    public init(
        sampleRate: Double, threshold: Float = PreambleReceiver.usualThreshold,
        secret: @escaping @Sendable (UInt32, Party.Role) -> SoundingSecret?
    ) throws(QWaveError) {
        receiver = try PreambleReceiver(
            SoundingBurst.preamble, sampleRate: sampleRate, kept: SoundingBurst.count, threshold: threshold)
        self.secret = secret
    }

    /// The bursts that are complete now.
    public mutating func receive(_ samples: [IQ]) -> [Sounding] {
        receiver.receive(samples).compactMap { sounding(of: $0) }
    }

    /// The bursts in what is left; ready for another stream.
    public mutating func finish() -> [Sounding] { receiver.finish().compactMap { sounding(of: $0) } }

    /// The burst behind a preamble, or nil where there is none, it is cut off, or its header is damaged.
    private func sounding(of frame: PreambleFrame) -> Sounding? {
        guard frame.samples.count == SoundingBurst.count else { return nil }
        let step = 2 * .pi * frame.carrierOffset / receiver.sampleRate
        var samples = frame.samples
        let middle = Double(SoundingBurst.preamble.longStart + SoundingBurst.preamble.width.fftLength)
        Phase.rotate(&samples, step: -step, origin: middle)
        guard let (header, slope) = header(samples, frame.gains),
            let secret = secret(header.sequence, header.sender)
        else { return nil }
        // The header is long: its phases tell the carrier offset better than the preamble does.
        Phase.rotate(&samples, step: -slope, origin: middle)
        let pilots = SoundingBurst.pilots(secret).enumerated().map { index, values in
            zip(symbol(samples, SoundingBurst.pilotStart + index * SoundingBurst.symbolLength), values)
                .map { $0 * $1.conjugate }
        }
        let estimate = PilotEstimate(pilots)
        let rest = estimate.slope / Double(SoundingBurst.symbolLength)
        let turn = Phase.turn((step + slope) * (SoundingBurst.pilotCenter - middle))
        return Sounding(
            sequence: header.sequence, sender: header.sender, start: frame.start, time: frame.time,
            carrierOffset: (step + slope + rest) * receiver.sampleRate / (2 * .pi),
            gains: estimate.gains.map { $0 * turn }, noiseVariance: estimate.noiseVariance,
            tagIsRight: header.tag == secret.tag, coherence: Self.coherence(estimate.gains, frame.gains))
    }

    /// Tones of the symbol whose guard interval starts at `start`, in the unit of the gains.
    private func symbol(_ samples: [IQ], _ start: Int) -> [IQ] {
        let length = transform.length
        let first = start + SoundingBurst.guardLength - SoundingBurst.early
        let spectrum = transform.forward(Array(samples[first..<first + length]))
        let scale = Float(SoundingBurst.tones.count).squareRoot() / Float(length)
        return SoundingBurst.tones.map { tone in
            spectrum[ToneGrid.bin(tone, length)]
                * Phase.turn(2 * .pi * Double(tone * SoundingBurst.early) / Double(length)) * scale
        }
    }

    /// The header, and the carrier offset that is left, in radians a sample.
    private func header(_ samples: [IQ], _ gains: [IQ]) -> (SoundingHeader, Double)? {
        var soft: [Float] = []
        // Phase of the next symbol, followed by a loop of second order: squares don't know the bits.
        var (phase, slope) = (0.0, 0.0)
        for index in 0..<SoundingHeader.symbols {
            let tones = symbol(samples, SoundingBurst.headerStart + index * SoundingBurst.symbolLength)
            let products = zip(tones, gains).map { $0 * $1.conjugate }
            let turn = Phase.turn(-phase)
            var (re, im) = (0.0, 0.0)
            for product in products {
                let turned = product * turn
                let square = turned * turned
                re += Double(square.re)
                im += Double(square.im)
            }
            let error = Phase.angle(re, im) / 2
            let corrected = Phase.turn(-(phase + 0.7 * error))
            soft += products.map { ($0 * corrected).re }
            slope += 0.3 * error
            phase += 0.7 * error + slope
        }
        guard let header = SoundingHeader(soft: soft) else { return nil }
        // With the bits known, each symbol tells its phase without doubt; a line through them and the preamble.
        let expected = header.symbols
        var (sum, weight) = (0.0, 0.0)
        var last = 0.0
        let origin = Double(SoundingBurst.preamble.longStart + SoundingBurst.preamble.width.fftLength)
        for index in 0..<SoundingHeader.symbols {
            let start = SoundingBurst.headerStart + index * SoundingBurst.symbolLength
            let tones = symbol(samples, start)
            var (re, im) = (0.0, 0.0)
            for (tone, (gain, value)) in zip(tones, zip(gains, expected[index])) {
                let product = tone * gain.conjugate * value
                re += Double(product.re)
                im += Double(product.im)
            }
            last += (Phase.angle(re, im) - last).remainder(dividingBy: 2 * .pi)
            let time = Double(start) + SoundingBurst.symbolCenter - origin
            sum += time * last
            weight += time * time
        }
        return (header, sum / weight)
    }

    private static func coherence(_ a: [IQ], _ b: [IQ]) -> Double {
        var (re, im, first, second) = (0.0, 0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let product = x * y.conjugate
            re += Double(product.re)
            im += Double(product.im)
            first += Double(x.power)
            second += Double(y.power)
        }
        return first * second > 0 ? ((re * re + im * im) / (first * second)).squareRoot() : 0
    }
}
