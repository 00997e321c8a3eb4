// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What all ends of a simulation share, drawn from the channel's seed alone: air, devices, schedule.
struct World: Sendable {
    let parameters: SimulationParameters
    let channel: FadingChannel
    let tones: [Int]
    let matrix: ToneMatrix
    /// ρ of what Eve hears of Alice's probe with Bob's channel, and of Bob's probe with Alice's.
    let eveCorrelation: (ofAlice: Complex, ofBob: Complex)
    private let eveChannels: (ofAlice: FadingChannel, ofBob: FadingChannel)
    private let jitter: SubStream
    private let shadowing: SinusoidBank

    init(_ parameters: SimulationParameters) {
        self.parameters = parameters
        channel = FadingChannel(parameters)
        tones = parameters.tones
        matrix = ToneMatrix(parameters.model, tones: tones, spacing: Bandwidth.subcarrierSpacing)
        let eve = parameters.eve
        let wavelength = parameters.wavelength
        eveCorrelation = (
            eve.correlation(distance: eve.distanceToBob, wavelength: wavelength),
            eve.distanceToAlice.map { eve.correlation(distance: $0, wavelength: wavelength) } ?? .zero
        )
        eveChannels = (
            FadingChannel(parameters, process: .eveNearBob, lineProcess: .eveLineOfSight),
            FadingChannel(parameters, process: .eveNearAlice, lineProcess: .eveLineOfSight)
        )
        jitter = SubStream(seed: parameters.channelSeed, .turnaround)
        shadowing = SinusoidBank(
            taps: 1, sinusoids: 32, spectrum: .clarke,
            maximumDoppler: 0.2 / parameters.impairments.shadowingTime,
            seed: parameters.channelSeed, process: .shadowing)
    }

    /// When Alice and Bob receive the probes of pair `n`, in seconds of true time.
    func times(of n: Int) -> (alice: Double, bob: Double) {
        let first = Double(n) / parameters.probeRate
        let spread = parameters.impairments.turnaroundJitter
        let second =
            first + parameters.turnaround * (spread == 0 ? 1 : 1 + spread * (2 * jitter.uniform(n) - 1))
        return parameters.firstReceiver == .alice ? (first, second) : (second, first)
    }

    private func shadow(at time: Double) -> Double {
        let deviation = parameters.impairments.shadowing
        guard deviation > 0 else { return 1 }
        // The real part of a unit complex process has variance ½.
        let level = shadowing.gain(tap: 0, at: time).re * 2.0.squareRoot() * deviation
        return Portable.power(decibels: level / 2)
    }

    /// The channel between Alice and Bob, either way, at `time`.
    func response(at time: Double) -> [Complex] { matrix.response(to: taps(.alice, .bob, at: time)) }

    /// What Eve's antenna gets: of Alice's probe (which Bob receives at `time`), or of Bob's.
    func eveResponse(ofAlice: Bool, at time: Double) -> [Complex] {
        matrix.response(to: taps(ofAlice ? .alice : .bob, .eve, at: time))
    }

    /// The taps between two ends, either way, at `time`; shadowing included.
    func taps(_ first: SimulatedEnd, _ second: SimulatedEnd, at time: Double) -> [Complex] {
        var taps: [Complex]
        if first == .eve || second == .eve {
            let ofAlice = first == .alice || second == .alice
            let rho = ofAlice ? eveCorrelation.ofAlice : eveCorrelation.ofBob
            let own = ofAlice ? eveChannels.ofAlice : eveChannels.ofBob
            let rest = max(0, 1 - rho.power).squareRoot()
            var fading = own.fading(at: time)
            if rho != .zero {
                let common = channel.fading(at: time)
                for tap in fading.indices { fading[tap] = rho * common[tap] + fading[tap] * rest }
            }
            taps = own.taps(from: fading, at: time)
        } else {
            taps = channel.taps(at: time)
        }
        let shadow = shadow(at: time)
        if shadow != 1 { for tap in taps.indices { taps[tap] = taps[tap] * shadow } }
        return taps
    }

    /// A device's transmit and receive filters over the tones.
    func filters(of end: SimulatedEnd) -> (transmit: [Complex], receive: [Complex]) {
        (filter(device: 2 * end.index), filter(device: 2 * end.index + 1))
    }

    private func filter(device: Int) -> [Complex] {
        let stream = SubStream(seed: parameters.channelSeed, .hardwareFilter, index: device)
        // Neighboring tones correlate by 0.95: ripple over about 20 tones.
        let memory = 0.95
        let innovation = (1 - memory * memory).squareRoot()
        var state = Complex.zero
        return tones.indices.map { index in
            let fresh = stream.complexGaussian(index) * 2.0.squareRoot()
            state = index == 0 ? fresh : state * memory + fresh * innovation
            return Complex.turned(state.im * 5 / 360) * Portable.power(decibels: state.re / 2)
        }
    }
}
