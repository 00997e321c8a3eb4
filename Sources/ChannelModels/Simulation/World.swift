// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What all ends of a simulation share, drawn from the channel's seed alone: air, devices, schedule.
struct World: Sendable {
    let parameters: SimulationParameters
    let channel: FadingChannel
    let tones: [Int]
    let matrix: ToneMatrix
    /// What attackers do.
    let fixtures: FixtureRack
    /// How what Eve hears of Alice's probe follows from Bob's channel, and of Bob's probe from Alice's.
    let eveArrays: (ofAlice: EveArray, ofBob: EveArray)
    /// The independent part at each of her antennas.
    private let eveChannels: (ofAlice: [FadingChannel], ofBob: [FadingChannel])
    private let jitter: SubStream
    private let shadowing: SinusoidBank

    init(_ parameters: SimulationParameters) throws(QWaveError) {
        self.parameters = parameters
        channel = FadingChannel(parameters)
        tones = parameters.tones
        matrix = ToneMatrix(parameters.model, tones: tones, spacing: parameters.bandwidth.spacing)
        fixtures = FixtureRack(parameters, matrix: matrix)
        eveArrays = (
            try EveArray(parameters, nearBob: true), try EveArray(parameters, nearBob: false)
        )
        func channels(_ process: RandomProcess) -> [FadingChannel] {
            (0..<parameters.eve.antennas).map {
                FadingChannel(parameters, process: process, lineProcess: .eveLineOfSight, number: $0)
            }
        }
        eveChannels = (channels(.eveNearBob), channels(.eveNearAlice))
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

    private func response(_ taps: [Complex], at time: Double) -> [Complex] {
        var result = matrix.response(to: taps)
        let shadow = shadow(at: time)
        if shadow != 1 { for index in result.indices { result[index] = result[index] * shadow } }
        return result
    }

    /// The fading between Alice and Bob at an instant, unit power in each tap.
    private func fading(at instant: Double) -> [Complex] {
        fixtures.mixed(channel.fading(at: instant), at: instant)
    }

    /// The channel between Alice and Bob, either way, at `time`.
    func response(at time: Double) -> [Complex] {
        guard !fixtures.isEmpty else { return response(channel.taps(at: time), at: time) }
        let instant = fixtures.instant(time)
        let taps = channel.taps(
            from: fading(at: instant), at: instant, clearance: fixtures.clearance(at: instant))
        return response(taps, at: instant)
    }

    /// What reaches an end of pair `n`'s probe: the channel, or what an attacker makes of it.
    func reception(atAlice: Bool, pair n: Int, time: Double) -> [Complex] {
        guard !fixtures.isEmpty else { return response(at: time) }
        switch fixtures.intrusion(n) {
        case .injected(let signal): return [Complex](repeating: signal, count: tones.count)
        case .replayed: return replayed(atAlice: atAlice, time: time)
        case nil: break
        }
        var result = response(at: time)
        let reflection = fixtures.reflection(atAlice: atAlice, pair: n)
        for index in reflection.indices { result[index] = result[index] + reflection[index] }
        let contamination = fixtures.contamination
        if contamination > 0 {
            // By reciprocity: her channel to an end is the one through which she hears that end.
            let hers = eveResponses(ofAlice: atAlice, at: time)[0]
            for index in result.indices { result[index] = result[index] + hers[index] * contamination }
        }
        return result
    }

    /// A recorded probe, sent through the attacker's channel to an end.
    func replayed(atAlice: Bool, time: Double) -> [Complex] {
        response(fixtures.replayedTaps(atAlice: atAlice, at: time), at: time)
    }

    /// What each of Eve's antennas gets: of Alice's probe (which Bob receives at `time`), or of Bob's.
    func eveResponses(ofAlice: Bool, at time: Double) -> [[Complex]] {
        let array = ofAlice ? eveArrays.ofAlice : eveArrays.ofBob
        let channels = ofAlice ? eveChannels.ofAlice : eveChannels.ofBob
        let instant = fixtures.instant(time)
        let own = channels.map { $0.fading(at: instant) }
        let common = array.isNear ? fading(at: instant) : []
        let clearance = fixtures.clearance(at: instant)
        return channels.indices.map { antenna in
            let fading = array.fading(antenna: antenna, common: common, own: own)
            return response(
                channels[antenna].taps(from: fading, at: instant, clearance: clearance), at: instant)
        }
    }

    /// The taps between two ends, either way, at `time`, shadowing included; of Eve's antennas the first.
    func taps(_ first: SimulatedEnd, _ second: SimulatedEnd, at time: Double) -> [Complex] {
        let instant = fixtures.instant(time)
        let clearance = fixtures.clearance(at: instant)
        var taps: [Complex]
        if first == .eve || second == .eve {
            let ofAlice = first == .alice || second == .alice
            let array = ofAlice ? eveArrays.ofAlice : eveArrays.ofBob
            let channels = ofAlice ? eveChannels.ofAlice : eveChannels.ofBob
            let hers = array.fading(
                antenna: 0, common: array.isNear ? fading(at: instant) : [],
                own: channels.map { $0.fading(at: instant) })
            taps = channels[0].taps(from: hers, at: instant, clearance: clearance)
        } else {
            taps = channel.taps(from: fading(at: instant), at: instant, clearance: clearance)
        }
        let shadow = shadow(at: instant)
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

    /// How far the oscillator of the sender is from the receiver's, −2 to 2 times the largest error of one.
    func oscillatorError(of sender: SimulatedEnd, at receiver: SimulatedEnd) -> Double {
        let draw = SubStream(seed: parameters.channelSeed, .oscillator)
        return 2 * (draw.uniform(sender.index) - draw.uniform(receiver.index))
    }
}
