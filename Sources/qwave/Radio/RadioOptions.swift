// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import QWaveCore
internal import Radio

/// How a command that takes `--radio` sets it up.
struct RadioOptions: ParsableArguments {
    @OptionGroup var device: DeviceOptions

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
        for (name, value) in [("--turnaround", turnaround), ("--minimum-rate", minimumRate)] {
            guard value.map({ $0.isFinite && $0 > 0 && $0 <= 1e12 }) ?? true else {
                throw ValidationError("\(name) is a number above 0")
            }
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

    var settings: RadioSettings { device.settings }

    /// The plan of a series on an opened radio.
    func plan(_ radio: RadioCapabilities, probes: Int, rate: Double) -> ProbePlan {
        let slowest = min(rate, minimumRate ?? rate)
        let own =
            turnaround.map { Duration.seconds($0 / 1000) }
            ?? ProbePlan.shortestTurnaround(radio, slowest: slowest)
        var plan = ProbePlan(count: probes + sacrifice, rate: rate, turnaround: own)
        plan.sacrificed = sacrifice
        plan.minimumRate = slowest
        return plan
    }
}
