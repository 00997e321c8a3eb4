// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// The image that a receiver's unlike in-phase and quadrature branches make: r = s + ratio·conj(s).
///
/// Each tone shows, turned by twice the carrier offset, on the mirrored one. It is no noise, but differs from frame
/// to frame with the carrier's phase, so it limits how well repeated frames agree.
public struct ReceiverImage: Sendable, Hashable {
    /// Amplitude and phase of the image against the signal.
    public var ratio: IQ

    public init(ratio: IQ) { self.ratio = ratio }

    /// The samples without it, to the first order.
    public func removed(from samples: [IQ]) -> [IQ] { samples.map { $0 - ratio * $0.conjugate } }
}

/// Measures a receiver's image from preambles with a carrier offset: between the two long symbols signal and image
/// turn in opposite ways, so their difference shows the image alone.
public struct ReceiverImageEstimator: Sendable {
    private let preamble: LegacyPreamble
    private let transform: FFT
    private var sum = (re: 0.0, im: 0.0)
    private var weight = 0.0
    /// Frames that told something.
    public private(set) var frames = 0

    public init(_ preamble: LegacyPreamble) {
        self.preamble = preamble
        transform = FFT(length: preamble.width.fftLength, effort: .fastest)
    }

    /// What was measured so far; nil before the first frame.
    public var image: ReceiverImage? {
        weight > 0 ? ReceiverImage(ratio: IQ(Float(sum.re / weight), Float(sum.im / weight))) : nil
    }
    /// Standard deviation of the ratio's error.
    public var standardError: Double { weight > 0 ? (1 / weight).squareRoot() : .infinity }

    /// Takes a frame in whose `samples` the preamble is whole; others, and those with hardly an offset, tell nothing.
    public mutating func add(_ frame: PreambleFrame, sampleRate: Double) {
        let length = preamble.width.fftLength
        let step = 2 * .pi * frame.carrierOffset / sampleRate
        // Image and signal turn apart by twice this angle from one symbol to the other, and by as much within each.
        let angle = step * Double(length)
        let sine = Phase.sine(angle)
        guard frame.samples.count >= preamble.count, abs(sine) > 0.025 else { return }
        let early = length / 8
        let apart = Phase.turn(2 * step * Double(early)) * Float(2 * sine * sine / angle)
        let first = preamble.longStart - early
        var samples = Array(frame.samples[first..<first + 2 * length])
        Phase.rotate(&samples, step: -step, origin: Double(early + length))
        let symbols = [0, length].map { transform.forward(Array(samples[$0..<$0 + length])) }
        let tones = preamble.tones.indices.map { index -> (mean: IQ, half: IQ) in
            let tone = preamble.tones[index]
            let bin = ToneGrid.bin(tone, length)
            let turn =
                Phase.turn(2 * .pi * Double(tone * early) / Double(length))
                * preamble.values[index].conjugate
            let (one, two) = (symbols[0][bin] * turn, symbols[1][bin] * turn)
            return ((one + two) * 0.5, one - two)
        }
        let power = tones.reduce(0.0) { $0 + Double($1.half.power) } / Double(tones.count)
        guard power > 0, power.isFinite else { return }
        for index in tones.indices {
            let mirror = tones.count - 1 - index
            // What the mirrored tone carries, conjugated, as this tone's gain.
            let shown =
                (tones[mirror].mean * preamble.values[mirror]).conjugate
                * preamble.values[index].conjugate
            let expected = IQ(0, 1) * apart * shown
            let product = expected.conjugate * tones[index].half
            sum.re += Double(product.re) / power
            sum.im += Double(product.im) / power
            weight += Double(expected.power) / power
        }
        frames += 1
    }
}
