// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Transforms

/// The air between two or three radios, on samples: what an end's converter gets of a burst that another sent.
///
/// The taps of the channel model fade as functions of true time (linear within a burst, from its first to its last
/// sample), with delays that are no whole samples; the receiver's grid is not the sender's: its offset and its rate
/// differ by the clocks. The burst is taken as band-limited, which is exact for what a converter sends: transform,
/// gains of the taps, fractional delay, and a Taylor series in the grids' difference of rates, whose rest is below
/// −90 dB. Carriers turn by both clocks. Deterministic in the parameters; the channel A to B is that of B to A.
///
/// It keeps transforms and the taps' phases by length, so one owner asks it again and again.
public struct WaveformChannel: Sendable {
    public let parameters: WaveformParameters
    private let world: World
    private var grids: [Int: Grid] = [:]

    /// What depends on the transform's length alone.
    private struct Grid: Sendable {
        let transform: FFT
        let matrix: ToneMatrix
        let chains: [SimulatedEnd: (transmit: [Complex], receive: [Complex])]
    }

    /// A burst as an end's converter gets it, less noise.
    public struct Arrival: Sendable {
        /// Receiver's samples from its clock's zero to the first of `samples`.
        public var first: Int
        public var samples: [IQ]
    }

    /// Throws `.usage` where a parameter makes no sense.
    public init(_ parameters: WaveformParameters) throws(QWaveError) {
        try parameters.validate()
        self.parameters = parameters
        world = try World(parameters.channel)
    }

    /// Samples of the longest burst.
    public static let longestBurst = 1 << 16

    /// What `receiver` gets of a burst.
    ///
    /// - Parameters:
    ///   - first: samples from the sender's clock's offset to the burst's first one: its place on the sender's grid.
    ///   - Returns: the arrival, its place counted from the receiver's clock's offset.
    /// - Precondition: at most `longestBurst` samples, at least one, between two different ends.
    public mutating func arrival(
        of burst: [IQ], first: Int, from sender: SimulatedEnd, at receiver: SimulatedEnd
    ) -> Arrival {
        precondition(!burst.isEmpty && burst.count <= Self.longestBurst && sender != receiver)
        let rate = parameters.sampleRate
        let (sending, receiving) = (parameters.clock(sender), parameters.clock(receiver))
        func sent(_ sample: Double) -> Double { sending.trueTime(elapsed: (Double(first) + sample) / rate) }
        let half = burst.count / 2
        let center = sent(Double(half))
        // Where the burst's middle falls on the receiver's grid, and how much wider its steps are.
        let arrives = receiving.elapsed(at: center + parameters.propagation) * rate
        let whole = arrives.rounded(.down)
        let fraction = arrives - whole
        let stretch = sending.speed(at: center) / receiving.speed(at: center) - 1

        let grid = grid(for: burst.count)
        let length = grid.transform.length
        let lead = (length - burst.count) / 4
        var padded = [IQ](repeating: .zero, count: length)
        for (index, sample) in burst.enumerated() { padded[lead + index] = sample }
        let spectrum = grid.transform.forward(padded)

        let (begin, end) = (sent(0), sent(Double(burst.count)))
        let early = response(grid, sender, receiver, at: begin)
        let late = response(grid, sender, receiver, at: end)
        var middle = [IQ](repeating: .zero, count: length)
        var change = middle
        for bin in 0..<length {
            let frequency = Double(bin < (length + 1) / 2 ? bin : bin - length) / Double(length)
            let delay = Complex.turned(-frequency * fraction)
            middle[bin] = ((early[bin] + late[bin]) * 0.5 * delay).iq * spectrum[bin]
            change[bin] = ((late[bin] + early[bin] * -1) * delay).iq * spectrum[bin]
        }
        var samples = grid.transform.inverse(middle)
        let growth = grid.transform.inverse(change)
        let origin = Double(lead + half) + fraction
        for index in samples.indices {
            let place = (Double(index) - origin) / Double(burst.count)
            samples[index] = samples[index] + growth[index] * Float(max(-0.5, min(0.5, place)))
        }
        stretchGrid(&samples, middle, grid.transform, by: stretch, origin: origin)

        // Carriers: the sender's turns forward, the receiver's back, each at the receiver's instants.
        let carrier = parameters.channel.carrierFrequency
        let step = 1 / (rate * receiving.speed(at: center))
        func turns(_ t: Double) -> Double {
            sending.carrierTurns(at: t, carrier: carrier) - receiving.carrierTurns(at: t, carrier: carrier)
        }
        let base = turns(center)
        let slope = (turns(center + 1e-3) - turns(center - 1e-3)) / 2e-3 * step
        for index in samples.indices {
            let turn = Complex.turned(base - base.rounded() + slope * (Double(index) - origin))
            samples[index] = samples[index] * turn.iq
        }
        return Arrival(first: Int(whole) - half - lead, samples: samples)
    }

    /// Adds the terms of the Taylor series by which a grid of other steps differs: y(x + s·x) for s·x of a fraction
    /// of a sample.
    private func stretchGrid(
        _ samples: inout [IQ], _ spectrum: [IQ], _ transform: FFT, by stretch: Double, origin: Double
    ) {
        let length = transform.length
        let reach = stretch.magnitude * Double(length) / 2
        var term = spectrum
        var factorial = 1.0
        var order = 1
        // What a term can come to, at the band's edge.
        var bound = 1.0
        while order <= 40 {
            bound *= 2 * .pi * 0.5 * reach / Double(order)
            factorial *= Double(order)
            for bin in 0..<length {
                let frequency = Double(bin < (length + 1) / 2 ? bin : bin - length) / Double(length)
                term[bin] = IQ(-term[bin].im, term[bin].re) * Float(2 * Double.pi * frequency)
            }
            let derivative = transform.inverse(term)
            for index in samples.indices {
                let place = stretch * (Double(index) - origin)
                var power = 1.0
                for _ in 0..<order { power *= place }
                samples[index] = samples[index] + derivative[index] * Float(power / factorial)
            }
            if bound < 1e-4 { break }
            order += 1
        }
    }

    private func response(
        _ grid: Grid, _ sender: SimulatedEnd, _ receiver: SimulatedEnd, at time: Double
    ) -> [Complex] {
        var result = grid.matrix.response(to: world.taps(sender, receiver, at: time))
        if let transmit = grid.chains[sender]?.transmit, let receive = grid.chains[receiver]?.receive {
            for bin in result.indices { result[bin] = result[bin] * transmit[bin] * receive[bin] }
        }
        return result
    }

    private mutating func grid(for count: Int) -> Grid {
        let delay = (parameters.channel.model.taps.map(\.delay).max() ?? 0) * 1e-9 * parameters.sampleRate
        var length = 256
        while length < count + 256 + Int(delay) { length *= 2 }
        if let known = grids[length] { return known }
        let bins = (0..<length).map { $0 < (length + 1) / 2 ? $0 : $0 - length }
        let spacing = parameters.sampleRate / Double(length)
        var chains: [SimulatedEnd: (transmit: [Complex], receive: [Complex])] = [:]
        if parameters.channel.impairments.hardwareFilters {
            for end in [SimulatedEnd.alice, .bob, .eve] {
                let chain = DeviceChain(end, seed: parameters.channel.channelSeed)
                let relative = bins.map { Double($0) / Double(length) }
                chains[end] = (relative.map(chain.transmit), relative.map(chain.receive))
            }
        }
        let grid = Grid(
            transform: FFT(length: length),
            matrix: ToneMatrix(parameters.channel.model, tones: bins, spacing: spacing), chains: chains)
        grids[length] = grid
        return grid
    }
}

/// A device's transmit and receive chains as smooth functions of frequency: a ripple of 1 dB and 5° in one σ.
struct DeviceChain: Sendable {
    private let draws: [Double]

    init(_ end: SimulatedEnd, seed: UInt64) {
        let stream = SubStream(seed: seed, .hardwareFilter, index: end.index)
        draws = (0..<12).map { stream.gaussian($0) }
    }

    /// - Parameter frequency: in samples⁻¹, −0.5 to 0.5.
    func transmit(_ frequency: Double) -> Complex { gain(frequency, 0) }
    func receive(_ frequency: Double) -> Complex { gain(frequency, 6) }

    private func gain(_ frequency: Double, _ first: Int) -> Complex {
        // Constant, cosine and sine of one ripple over the band, for decibels and for degrees.
        let (sin, cos) = Portable.sinCos(turns: 1.5 * frequency)
        func ripple(_ index: Int) -> Double {
            (draws[index] + (draws[index + 1] * cos + draws[index + 2] * sin) * 2.0.squareRoot())
                / 3.0.squareRoot()
        }
        return Complex.turned(ripple(first + 3) * 5 / 360) * Portable.power(decibels: ripple(first) / 2)
    }
}
