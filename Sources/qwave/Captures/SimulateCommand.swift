// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import ChannelModels
internal import QWaveCore

/// `qwave simulate`: a two-sided plus Eve capture.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulates two radios and an eavesdropper, and writes what each would have recorded.",
        discussion: """
            Makes a folder with one capture each of Alice, Bob and Eve, and truth.json: what is true of this run, \
            for judging a result, never for making it. Eve's captures hold what she hears of Alice's probes and \
            of Bob's, as two transmit antennas (in esp32, which has one, as two files). The seed is drawn from \
            the operating system and shown unless it is given; the same options and seed give the same files.

            Models: tgn-a to tgn-f, rayleigh, rice. Formats: qwt keeps everything; intel, esp32 and nexmon round \
            to whole numbers, as the cards do; csv holds received power in dBm, rounded to 1 dB.

            Examples:
              qwave simulate --model tgn-d --snr 20 --duration 60 walk
              qwave simulate --format intel --k-factor 3 --seed 7 walk-intel --json
            """)

    @Option(help: ArgumentHelp("Channel model.", valueName: "name"))
    var model = "tgn-d"

    @Option(help: ArgumentHelp("Bandwidth: 20, 40, 80 or 160 MHz.", valueName: "MHz"))
    var bandwidth = 20

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Mean signal over noise in one gain.", valueName: "dB"))
    var snr = 20.0

    @Option(help: ArgumentHelp("Speed of the moving terminal.", valueName: "m/s"))
    var speed = 1.0

    @Option(help: ArgumentHelp("Probe pairs a second.", valueName: "1/s"))
    var rate = 50.0

    @Option(help: ArgumentHelp("Length of the run.", valueName: "s"))
    var duration = 60.0

    @Option(help: ArgumentHelp("From Eve to Bob.", valueName: "m"))
    var eveDistance = 0.5

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Line of sight over all else; the model's own unless given.", valueName: "dB"))
    var kFactor: Double?

    @Option(help: ArgumentHelp("Carrier frequency.", valueName: "MHz"))
    var carrier = 2437.0

    @Option(help: ArgumentHelp("Everything random follows from this number.", valueName: "n"))
    var seed: UInt64?

    @Option(help: "Format of the captures.")
    var format = SimulatedFormat.qwt

    @Flag(help: "Leave out what receivers do to an estimate: phase, timing, clocks.")
    var ideal = false

    @Flag(help: "Replace files of an earlier run.")
    var force = false

    @Argument(help: ArgumentHelp("Where to put the captures; made where it is missing.", valueName: "folder"))
    var folder: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let width = Bandwidth(rawValue: bandwidth) else {
            throw QWaveError(
                .usage, "a bandwidth of \(bandwidth) MHz isn't simulated; give 20, 40, 80 or 160")
        }
        // Below 2^53, so that a program that reads JSON numbers as floating point gets it right.
        let seed = try seed ?? SystemRandomSource().word() >> 11
        var parameters = SimulationParameters(
            model: try ChannelModel(named: model), bandwidth: width, snr: snr, speed: speed, probeRate: rate,
            duration: duration, seed: seed)
        parameters.riceFactor = kFactor
        parameters.carrierFrequency = carrier * 1e6
        parameters.eve.distanceToBob = eveDistance
        if ideal { parameters.impairments = .none }
        parameters.toneIndices = try format.toneIndices(width)
        let writer = SimulationWriter(parameters: parameters, format: format, folder: folder, replaces: force)
        try output.show(try writer.write(seed: seed))
    }
}
