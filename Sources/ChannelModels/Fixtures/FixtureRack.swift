// SPDX-License-Identifier: GPL-3.0-or-later

/// The fixtures of a run, ready to act: what each does at a pair or an instant, drawn from the channel's seed.
struct FixtureRack: Sendable {
    /// What replaces a genuine reception.
    enum Intrusion: Sendable {
        /// The attacker's own signal, the same on every tone.
        case injected(Complex)
        /// A recorded probe, through her channel to the end.
        case replayed
    }

    let isEmpty: Bool
    let eveIsBob: Bool
    private let fixtures: [Fixture.Kind: Fixture]
    private let seed: UInt64
    private let replayChannels: [FadingChannel]
    /// A surface stands still: one response, whose phase the pattern turns.
    private let surface: [Complex]
    private let trajectory: FadingChannel?

    init(_ parameters: SimulationParameters, matrix: ToneMatrix) {
        fixtures = Dictionary(parameters.fixtures.map { ($0.kind, $0) }) { _, last in last }
        isEmpty = fixtures.isEmpty
        eveIsBob = fixtures[.eveIsBob] != nil
        seed = parameters.channelSeed
        func channel(_ process: RandomProcess, _ number: Int) -> FadingChannel {
            FadingChannel(parameters, process: process, lineProcess: process, number: number)
        }
        replayChannels = fixtures[.replay] == nil ? [] : (0..<2).map { channel(.replayedChannel, $0) }
        surface =
            fixtures[.surface].map { fixture in
                let gain = Portable.power(decibels: fixture.value("level") / 2)
                return matrix.response(to: channel(.surfaceChannel, 0).taps(at: 0)).map { $0 * gain }
            } ?? []
        trajectory = fixtures[.mobility] == nil ? nil : channel(.trajectory, 0)
    }

    /// The instant of the channel that stands at `time`.
    func instant(_ time: Double) -> Double {
        fixtures[.frozen].map { min(time, $0.value("from")) } ?? time
    }

    /// What gets through of the line of sight's amplitude.
    func clearance(at time: Double) -> Double {
        guard let blocker = fixtures[.blocker] else { return 1 }
        let phase = time / blocker.value("period")
        return phase - phase.rounded(.down) < 0.5 ? 1 : Portable.power(decibels: -blocker.value("depth") / 2)
    }

    /// The fading with the part that repeats lap by lap.
    func mixed(_ fading: [Complex], at time: Double) -> [Complex] {
        guard let known = lap(at: time), let share = fixtures[.mobility]?.value("share") else {
            return fading
        }
        let (own, course) = ((1 - share).squareRoot(), share.squareRoot())
        return fading.indices.map { fading[$0] * own + known[$0] * course }
    }

    /// The repeating part's fading, as on every lap.
    private func lap(at time: Double) -> [Complex]? {
        guard let trajectory, let period = fixtures[.mobility]?.value("period") else { return nil }
        return trajectory.fading(at: time - (time / period).rounded(.down) * period)
    }

    /// Who takes the place of pair `n`'s reception at an end.
    func intrusion(_ n: Int) -> Intrusion? {
        if let injector = fixtures[.injector] {
            let draw = SubStream(seed: seed, .injection)
            if draw.uniform(2 &* n) < injector.value("fraction") {
                let turns = draw.uniform(2 &* n &+ 1)
                return .injected(
                    Complex.turned(turns) * Portable.power(decibels: injector.value("level") / 2))
            }
        }
        if isReplayed(n), fixtures[.replay]?.value("valid") == 1 { return .replayed }
        return nil
    }

    private func isReplayed(_ n: Int) -> Bool {
        guard let replay = fixtures[.replay] else { return false }
        return SubStream(seed: seed, .replay).uniform(n) < replay.value("fraction")
    }

    /// The old number under which pair `n`'s genuine probe is followed by a recorded one.
    func oldNumber(behind n: Int) -> Int? {
        guard isReplayed(n), let replay = fixtures[.replay], replay.value("valid") < 1 else { return nil }
        let number = n - Int(replay.value("age"))
        return number >= 0 ? number : nil
    }

    /// The response of the attacker's own channel to an end, for recorded probes.
    func replayedTaps(atAlice: Bool, at time: Double) -> [Complex] {
        replayChannels[atAlice ? 0 : 1].taps(at: time)
    }

    /// The surface's part in the response; empty without one.
    func reflection(atAlice: Bool, pair n: Int) -> [Complex] {
        guard let fixture = fixtures[.surface] else { return [] }
        let draw = SubStream(seed: seed, .surface)
        let own = fixture.value("reciprocal") < 1 && atAlice
        let turn = Complex.turned(draw.uniform(2 &* n &+ (own ? 1 : 0)))
        return surface.map { $0 * turn }
    }

    /// Amplitude of the attacker's pilot over the victim's; 0 without contamination.
    var contamination: Double {
        fixtures[.contamination].map { Portable.power(decibels: $0.value("level") / 2) } ?? 0
    }

    /// Amplitude of the jammer's noise over pair `n`; 0 outside of bursts.
    func jamming(_ n: Int) -> Double {
        guard let jammer = fixtures[.jammer] else { return 0 }
        let burst = n / Int(jammer.value("burst"))
        guard SubStream(seed: seed, .jamming).uniform(burst) < jammer.value("duty") else { return 0 }
        return Portable.power(decibels: jammer.value("level") / 2)
    }

    /// How many further receive antennas Eve's capture has, for what she knows exactly.
    var knowledgeCount: Int {
        [Fixture.Kind.injector, .surface, .mobility].count { fixtures[$0] != nil }
    }

    /// What she knows of pair `n`, antenna after antenna: of what Bob receives, then of what Alice receives.
    func knowledge(_ n: Int, times: (alice: Double, bob: Double), matrix: ToneMatrix, channel: FadingChannel)
        -> [(ofAlice: [Complex], ofBob: [Complex])]
    {
        var result: [(ofAlice: [Complex], ofBob: [Complex])] = []
        if fixtures[.injector] != nil {
            var signal = Complex.zero
            if case .injected(let value)? = intrusion(n) { signal = value }
            let flat = [Complex](repeating: signal, count: matrix.toneCount)
            result.append((flat, flat))
        }
        if fixtures[.surface] != nil {
            result.append((reflection(atAlice: false, pair: n), reflection(atAlice: true, pair: n)))
        }
        if fixtures[.mobility] != nil {
            let responses = [times.bob, times.alice].map { time in
                let known = lap(at: time) ?? []
                return matrix.response(to: known.indices.map { known[$0] * channel.amplitudes[$0] })
            }
            result.append((responses[0], responses[1]))
        }
        return result
    }
}
