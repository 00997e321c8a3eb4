// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// Finds a sounding reference signal that is known in a stream of samples and estimates the channel from it.
///
/// The search correlates with one symbol of each port and sums their powers, so it bears a carrier offset of a small
/// part of the subcarrier spacing: a base station's and its terminal's clocks are in step.
public struct NRSoundingReceiver: Sendable {
    public let signal: NRSoundingSignal
    public let sampleRate: Double
    /// Share of the samples' power that correlates, at the least: the larger, the fewer tones there are. Noise
    /// exceeds it less than once in 10¹⁰ samples.
    public let limit: Double
    private let fftLength: Int
    private let transform: FFT
    private let block: FFT
    private let references: [[IQ]]
    private var carry: [IQ] = []
    private var base = 0
    private var next = 0

    /// - Parameters:
    ///   - spacing: of the subcarriers in Hz: 15, 30, 60 or 120 kHz.
    ///   - sampleRate: a power of two times the spacing, more than the signal's width.
    /// - Throws: `.usage` for a rate that doesn't fit, or four ports.
    public init(_ signal: NRSoundingSignal, spacing: Double, sampleRate: Double) throws(QWaveError) {
        let lengths = [128, 256, 512, 1024, 2048, 4096]
        guard [15e3, 30e3, 60e3, 120e3].contains(spacing),
            let length = lengths.first(where: { Double($0) * spacing == sampleRate }),
            length > 12 * signal.blocks
        else {
            throw QWaveError(
                .usage,
                "\(sampleRate) samples/s don't fit \(signal.blocks) blocks at a spacing of \(spacing) Hz; give 128 to 4,096 times 15e3, 30e3, 60e3 or 120e3"
            )
        }
        guard signal.ports <= 2 else {
            throw QWaveError(
                .usage,
                "\(signal.ports) ports of equal combs look like each other within a guard interval: timing can't be told; 1 or 2 are found"
            )
        }
        self.signal = signal
        self.sampleRate = sampleRate
        limit = min(0.8, 24 / Double(signal.length))
        fftLength = length
        transform = FFT(length: length, effort: .fastest)
        let block = FFT(length: 4 * length, effort: .fastest)
        self.block = block
        references = (0..<signal.ports).map { port in
            let symbol = signal.samples(port: port, fftLength: length)
            return block.forward(symbol + [IQ](repeating: .zero, count: 3 * length)).map(\.conjugate)
        }
    }

    /// Tone indices of the gains of a port, ascending: the signal's own, or with several ports the middles of groups
    /// of as many tones, over which the ports are orthogonal.
    public func tones(port: Int) -> [Double] {
        let tones = signal.tones(port: port)
        let group = Double(signal.ports - 1) / 2 * Double(signal.comb)
        return stride(from: 0, through: tones.count - signal.ports, by: signal.ports).map {
            Double(tones[$0]) + group
        }
    }

    /// The signals that are complete now.
    public mutating func receive(_ samples: [IQ]) -> [NRSounding] {
        carry += samples
        var found: [NRSounding] = []
        // A block gives the correlation at three symbols' worth of places; a peak needs the next symbol beside it.
        while carry.count >= 4 * fftLength {
            found += search()
            carry.removeFirst(2 * fftLength)
            base += 2 * fftLength
        }
        return found
    }

    /// The signals in what is left. The receiver is used up.
    public mutating func finish() -> [NRSounding] {
        let end = base + carry.count
        return receive([IQ](repeating: .zero, count: 4 * fftLength)).filter { $0.start + fftLength <= end }
    }

    /// Peaks at the first two symbols' worth of places of the carried samples.
    private mutating func search() -> [NRSounding] {
        let spectrum = block.forward(Array(carry[..<(4 * fftLength)]))
        var power = [Float](repeating: 0, count: 3 * fftLength)
        for reference in references {
            var product = zip(spectrum, reference).map { $0 * $1 }
            block.inverse(inPlace: &product)
            for place in power.indices { power[place] += product[place].power }
        }
        var energy = [Double](repeating: 0, count: 3 * fftLength)
        var sum = carry[..<fftLength].reduce(0.0) { $0 + Double($1.power) }
        for place in energy.indices {
            energy[place] = sum
            sum += Double(carry[place + fftLength].power) - Double(carry[place].power)
        }
        func metric(_ place: Int) -> Double {
            energy[place] > 0 ? Double(power[place]) / (energy[place] * Double(fftLength)) : 0
        }
        var found: [NRSounding] = []
        var place = max(0, next - base)
        while place < 2 * fftLength {
            guard metric(place) > limit else {
                place += 1
                continue
            }
            // A comb repeats itself within a symbol: its side peaks are lower.
            let last = min(place + fftLength, 3 * fftLength - 1)
            let best = (place...last).max { metric($0) < metric($1) } ?? place
            // The next block sees a peak beyond its half as a whole.
            guard best < 2 * fftLength else { break }
            found.append(estimate(best, metric(best)))
            place = best + fftLength
            next = base + place
        }
        return found
    }

    private func estimate(_ start: Int, _ correlation: Double) -> NRSounding {
        let early = min(start, fftLength / 32)
        let spectrum = transform.forward(Array(carry[start - early..<start - early + fftLength]))
        let scale = Float(signal.length).squareRoot() / Float(fftLength)
        var differences = 0.0
        var count = 0
        let ports = signal.ports
        let gains = (0..<ports).map { port -> [IQ] in
            let raw = zip(signal.tones(port: port), signal.values(port: port)).map { tone, value in
                spectrum[ToneGrid.bin(tone, fftLength)] * value.conjugate
                    * Phase.turn(2 * .pi * Double(tone * early) / Double(fftLength)) * scale
            }
            let gains = stride(from: 0, through: raw.count - ports, by: ports).map { first in
                raw[first..<first + ports].reduce(IQ.zero, +) * (1 / Float(ports))
            }
            for index in 1..<gains.count - 1 {
                differences += Double((gains[index - 1] + gains[index + 1] - gains[index] * 2).power)
                count += 1
            }
            return gains
        }
        return NRSounding(
            start: base + start, time: Double(base + start) / sampleRate, correlation: correlation,
            gains: gains, noiseVariance: differences / 6 / Double(max(1, count)))
    }
}
