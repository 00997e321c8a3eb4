// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// Finds a sounding reference signal that is known in a stream of samples and estimates the channel from it.
///
/// ```swift
/// let signal = try NRSoundingSignal(identity: 7, blocks: 48)
/// var receiver = try NRSoundingReceiver(signal, spacing: 30e3, sampleRate: 30.72e6)
/// while let samples = try reader.next() { soundings += receiver.receive(samples) }
/// soundings += receiver.finish()               // without it the last one may be missing
/// ```
///
/// The search correlates with one symbol of each port and sums their powers: a carrier offset of a quarter of the
/// subcarrier spacing costs it 1 dB, one of a half 4 dB. Another terminal on the same comb, told by its cyclic shift
/// alone, looks like this one at another delay; the stronger of both is taken.
public struct NRSoundingReceiver: Sendable {
    public let signal: NRSoundingSignal
    public let sampleRate: Double
    /// Share of the samples' power that correlates, at the least: the larger, the fewer tones there are. Noise
    /// exceeds it less than once in 10¹⁰ samples.
    public let limit: Double
    private let fftLength: Int
    private let spacing: Double
    private let transform: FFT
    private let block: FFT
    private let symbols: [[IQ]]
    private let references: [[IQ]]
    private var carry: [IQ] = []
    private var base = 0
    private var next = 0

    /// Samples of a symbol at the rates that there are, in units of the subcarrier spacing.
    private static let lengths = [128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096]
    private static let spacings = [15e3, 30e3, 60e3, 120e3]

    /// - Parameters:
    ///   - spacing: of the subcarriers in Hz: 15, 30, 60 or 120 kHz.
    ///   - sampleRate: a power of two times the spacing, or three times one, more than the signal's width.
    /// - Throws: `.usage` for a rate that doesn't fit, or four ports.
    public init(_ signal: NRSoundingSignal, spacing: Double, sampleRate: Double) throws(QWaveError) {
        guard Self.spacings.contains(spacing) else {
            throw QWaveError(
                .usage, "a subcarrier spacing of \(spacing) Hz isn't known; it is 15e3, 30e3, 60e3 or 120e3")
        }
        guard let length = Self.lengths.first(where: { Double($0) * spacing == sampleRate }),
            signal.fits(length)
        else {
            let fitting = Self.lengths.filter(signal.fits).map { "\(Double($0) * spacing / 1e6)e6" }
            throw QWaveError(
                .usage,
                "\(sampleRate) samples/s don't fit \(signal.blocks) blocks from subcarrier \(signal.firstTone) on at a spacing of \(spacing) Hz; resample to \(fitting.joined(separator: ", "))"
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
        self.spacing = spacing
        limit = min(0.8, 24 / Double(signal.length))
        fftLength = length
        // At these lengths a search for better plans takes longer than it saves.
        transform = FFT(length: length)
        let block = FFT(length: 4 * length)
        self.block = block
        let symbols = (0..<signal.ports).map { signal.samples(port: $0, fftLength: length) }
        self.symbols = symbols
        references = symbols.map { symbol in
            block.forward(symbol + [IQ](repeating: .zero, count: 3 * length)).map(\.conjugate)
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
        var place = min(history, base)
        while carry.count - place >= 4 * fftLength {
            found += search(place)
            place += 2 * fftLength
        }
        let used = max(0, place - history)
        carry.removeFirst(used)
        base += used
        return found
    }

    /// The signals in what is left. The receiver is used up.
    public mutating func finish() -> [NRSounding] {
        let end = base + carry.count
        return receive([IQ](repeating: .zero, count: 4 * fftLength)).filter { $0.start + fftLength <= end }
    }

    /// Samples in front of a signal at which its transform begins, for paths before the one that timing found.
    private var early: Int { fftLength / 32 }
    /// The last two thirds of the usual guard interval, which delayed paths hardly reach (TS 38.211, 5.3.1).
    private var guardLength: Int { fftLength * 3 / 64 }
    /// Samples in front of the next place that are kept for both.
    private var history: Int { fftLength / 16 }

    /// Peaks at the two symbols' worth of places of the carried samples from `origin` on.
    private mutating func search(_ origin: Int) -> [NRSounding] {
        let spectrum = block.forward(Array(carry[origin..<origin + 4 * fftLength]))
        var power = [Float](repeating: 0, count: 3 * fftLength)
        for reference in references {
            var product = zip(spectrum, reference).map { $0 * $1 }
            block.inverse(inPlace: &product)
            for place in power.indices { power[place] += product[place].power }
        }
        var energy = [Double](repeating: 0, count: 3 * fftLength)
        var sum = carry[origin..<origin + fftLength].reduce(0.0) { $0 + Double($1.power) }
        for place in energy.indices {
            energy[place] = sum
            sum += Double(carry[origin + place + fftLength].power) - Double(carry[origin + place].power)
        }
        func metric(_ place: Int) -> Double {
            energy[place] > 0 ? Double(power[place]) / (energy[place] * Double(fftLength)) : 0
        }
        var found: [NRSounding] = []
        var place = max(0, next - base - origin)
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
            found.append(estimate(origin + best, metric(best)))
            place = best + fftLength
            next = base + origin + place
        }
        return found
    }

    private func estimate(_ start: Int, _ correlation: Double) -> NRSounding {
        let step = carrierStep(start)
        let early = min(start, early)
        var samples = Array(carry[start - early..<start - early + fftLength])
        Phase.rotate(&samples, step: -step, origin: Double(fftLength / 2))
        let spectrum = transform.forward(samples)
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
            power: carry[start..<start + fftLength].reduce(0.0) { $0 + Double($1.power) } / Double(fftLength),
            repetition: repetition(start, step), carrierOffset: step * sampleRate / (2 * .pi), gains: gains,
            noiseVariance: differences / 6 / Double(max(1, count)))
    }

    /// Carrier offset in radians a sample, from how the correlation turns between the halves of the symbol. Each
    /// half holds whole periods of the comb, so that delays don't disturb it.
    private func carrierStep(_ start: Int) -> Double {
        let half = fftLength / 2
        var (re, im) = (0.0, 0.0)
        for symbol in symbols {
            let sums = [0, half].map { first in
                (first..<first + half).reduce(IQ.zero) { $0 + carry[start + $1] * symbol[$1].conjugate }
            }
            let product = sums[0].conjugate * sums[1]
            re += Double(product.re)
            im += Double(product.im)
        }
        return Phase.angle(re, im) / Double(half)
    }

    /// Real part of the guard interval's product with the symbol's end, over their energy.
    private func repetition(_ start: Int, _ step: Double) -> Double? {
        guard start >= guardLength else { return nil }
        var product = IQ.zero
        var energy = 0.0
        for index in start - guardLength..<start {
            let (first, last) = (carry[index], carry[index + fftLength])
            product = product + first.conjugate * last
            energy += Double(first.power + last.power) / 2
        }
        let turned = product * Phase.turn(-step * Double(fftLength))
        return energy > 0 ? Double(turned.re) / energy : 0
    }
}
