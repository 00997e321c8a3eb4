// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import QWaveCore
internal import Radio

/// How a command that takes `--radio` sets it up.
struct RadioOptions: ParsableArguments {
    @Option(
        name: .customLong("radio-rate"),
        help: ArgumentHelp("The radio's samples a second, as in 20e6; both ends alike.", valueName: "1/s"))
    var sampleRate: Double?

    @Option(help: ArgumentHelp("Center of the channel, both ends alike.", valueName: "MHz"))
    var frequency: Double?

    @Option(help: ArgumentHelp("Transmit gain, fixed for the run.", valueName: "dB"))
    var txGain: Double?

    @Option(help: ArgumentHelp("Receive gain, fixed for the run.", valueName: "dB"))
    var rxGain: Double?

    @Option(help: ArgumentHelp("One antenna for both directions.", valueName: "name"))
    var antenna = "TX/RX"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The oscillator's distance from the center.", valueName: "kHz"))
    var loOffset: Double?

    @Option(help: ArgumentHelp("The radio's reference: internal, external or gpsdo.", valueName: "name"))
    var clockSource: String?

    @Option(
        help: ArgumentHelp(
            "From the start of a probe to its answer's; the shortest that the radio takes unless given.",
            valueName: "ms"))
    var turnaround: Double?

    @Option(
        help: ArgumentHelp(
            "Let the probe rate fall to this where the channel is slow, as measured on the sacrificed probes.",
            valueName: "1/s"))
    var minimumRate: Double?

    @Option(
        help: ArgumentHelp(
            "Probes at the start that measure Doppler and chains, and are never keyed.", valueName: "n"))
    var sacrifice = 0

    func validate() throws {
        for (name, value) in [
            ("--radio-rate", sampleRate), ("--frequency", frequency), ("--turnaround", turnaround),
            ("--minimum-rate", minimumRate),
        ] {
            guard value.map({ $0.isFinite && $0 > 0 && $0 <= 1e12 }) ?? true else {
                throw ValidationError("\(name) is a number above 0")
            }
        }
        for (name, value) in [("--tx-gain", txGain), ("--rx-gain", rxGain), ("--lo-offset", loOffset)] {
            guard value?.isFinite != false else { throw ValidationError("\(name) is a finite number") }
        }
        guard turnaround.map({ $0 <= 60_000 }) ?? true else {
            throw ValidationError("--turnaround is at most 60000 ms")
        }
        guard (0...1_000_000).contains(sacrifice) else {
            throw ValidationError("--sacrifice is 0 to 1000000 probes")
        }
        guard minimumRate == nil || sacrifice >= 16 else {
            throw ValidationError("--minimum-rate is chosen from --sacrifice 16 or more probes; 256 are good")
        }
    }

    var settings: RadioSettings {
        var settings = RadioSettings()
        settings.sampleRate = sampleRate
        settings.carrierFrequency = frequency.map { $0 * 1e6 }
        settings.transmitGain = txGain
        settings.receiveGain = rxGain
        settings.antenna = antenna
        settings.oscillatorOffset = loOffset.map { $0 * 1e3 }
        settings.clockSource = clockSource
        return settings
    }

    /// The plan of a series on an opened radio.
    func plan(_ radio: RadioCapabilities, probes: Int, rate: Double) -> ProbePlan {
        let own = turnaround.map { Duration.seconds($0 / 1000) } ?? ProbePlan.shortestTurnaround(radio)
        var plan = ProbePlan(count: probes + sacrifice, rate: rate, turnaround: own)
        plan.sacrificed = sacrifice
        plan.minimumRate = min(rate, minimumRate ?? rate)
        return plan
    }
}
