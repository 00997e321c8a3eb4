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

            --list explains models, profiles and attacks. Formats: qwt keeps everything; intel, esp32 and nexmon \
            round to whole numbers, as the cards do; csv holds received power in dBm, rounded to 1 dB. The result \
            names the ceilings of the channel: a key rate above them is a defect, never a success.

            Examples:
              qwave simulate --list
              qwave simulate --profile office --duration 600 walk
              qwave simulate --model tdl-c --delay-spread 300 --bandwidth nr --eve-antennas 8 street
              qwave simulate --profile quasi-static --attack blocker:period=2,depth=20 gate --seed 7 --json
            """)

    @Flag(help: "Explain everything that can be simulated, and simulate nothing.")
    var list = false

    @Option(
        help: ArgumentHelp(
            "A whole setting: office, corridor, outdoor, quasi-static or frozen.", valueName: "name"),
        transform: { try Choice.parse($0, Surroundings.self) })
    var profile = Surroundings.office

    @Option(help: ArgumentHelp("Channel model; the profile's unless given.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("Delay spread of the models tdl-a to tdl-e.", valueName: "ns"))
    var delaySpread: Double?

    @Option(help: ArgumentHelp("Bandwidth: 20, 40, 80 or 160 MHz, or nr.", valueName: "MHz"))
    var bandwidth = "20"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Mean signal over noise in one gain; the profile's unless given.", valueName: "dB")
    )
    var snr: Double?

    @Option(help: ArgumentHelp("Speed of what moves; the profile's unless given.", valueName: "m/s"))
    var speed: Double?

    @Option(
        help: ArgumentHelp(
            "Doppler spectrum: clarke or bell; the profile's unless given.", valueName: "name"),
        transform: { try Choice.parse($0, DopplerSpectrum.self) })
    var spectrum: DopplerSpectrum?

    @Option(help: ArgumentHelp("Probe pairs a second.", valueName: "1/s"))
    var rate = 50.0

    @Option(help: ArgumentHelp("Length of the run.", valueName: "s"))
    var duration = 60.0

    @Option(help: ArgumentHelp("From Eve to Bob.", valueName: "m"))
    var eveDistance = 0.5

    @Option(help: ArgumentHelp("From Eve to Alice; far away unless given.", valueName: "m"))
    var eveDistanceToAlice: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Eve's SNR; Bob's unless given.", valueName: "dB"))
    var eveSNR: Double?

    @Option(
        help: ArgumentHelp("How many antennas Eve has, 1 to 64, half a wavelength apart.", valueName: "n"))
    var eveAntennas = 1

    @Option(
        help: ArgumentHelp(
            "What correlates Eve: von-mises (isotropic at concentration 0), or the model's clusters.",
            valueName: "name"),
        transform: { try Choice.parse($0, EveParameters.Scattering.self) })
    var scattering = EveParameters.Scattering.vonMises

    @Option(help: ArgumentHelp("Concentration of the von Mises scattering.", valueName: "kappa"))
    var concentration = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "From the mean arrival direction to Eve's baseline; 90 is broadside.", valueName: "degrees"))
    var baselineAngle = 90.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Line of sight over all else; the profile's or the model's own unless given.", valueName: "dB"))
    var kFactor: Double?

    @Option(help: ArgumentHelp("Carrier frequency.", valueName: "MHz"))
    var carrier = 2437.0

    @Option(
        help: ArgumentHelp(
            "Sinusoids that a tap's fading is a sum of, 16 to 1024: 32, or 256 for the bell. Fewer are faster, and lines "
                + "that a long record tells apart.", valueName: "n"))
    var sinusoids: Int?

    @Option(help: ArgumentHelp("Everything random follows from this number.", valueName: "n"))
    var seed: UInt64?

    @Option(help: "Format of the captures.")
    var format = SimulatedFormat.qwt

    @Option(
        help: ArgumentHelp(
            "An attack on probes or channel, as often as you like; see --list.", valueName: "attack"))
    var attack: [String] = []

    @Flag(help: "Leave out what receivers do to an estimate: phase, timing, clocks.")
    var ideal = false

    @Flag(
        help:
            "Add what cheap radios do: filters, gain control, 8 bits, losses in bursts, reordering, shadowing."
    )
    var harsh = false

    @Flag(help: "Replace files of an earlier run.")
    var force = false

    @Argument(help: ArgumentHelp("Where to put the captures; made where it is missing.", valueName: "folder"))
    var folder: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard list || folder != nil else { throw ValidationError("name the folder for the captures") }
        guard !ideal || !harsh else { throw ValidationError("--ideal and --harsh exclude each other") }
    }

    func run() async throws {
        guard !list, let folder else { return try output.show(ModelList()) }
        guard let width = Bandwidth(named: bandwidth) else {
            throw QWaveError(
                .usage, "a bandwidth of \(bandwidth) isn't simulated; give 20, 40, 80, 160 or nr")
        }
        // Below 2^53, so that a program that reads JSON numbers as floating point gets it right.
        let seed = try seed ?? SystemRandomSource().word() >> 11
        var parameters = try parameters(width, seed: seed)
        parameters.toneIndices = try format.toneIndices(width)
        let writer = SimulationWriter(parameters: parameters, format: format, folder: folder, replaces: force)
        try output.show(try writer.write(seed: seed))
    }

    private func parameters(_ width: Bandwidth, seed: UInt64) throws -> SimulationParameters {
        let place = profile.parameters
        var parameters = SimulationParameters(
            model: place.model, bandwidth: width, snr: snr ?? place.snr, speed: speed ?? place.speed,
            probeRate: rate, duration: duration, seed: seed)
        if model != nil || delaySpread != nil {
            parameters.model = try ChannelModel(
                named: model ?? place.model.name, bandwidth: width, delaySpread: delaySpread)
        }
        parameters.spectrum = spectrum ?? place.spectrum
        parameters.sinusoids = sinusoids ?? parameters.spectrum.usualSinusoids
        parameters.riceFactor = kFactor ?? place.riceFactor
        parameters.carrierFrequency = carrier * 1e6
        parameters.eve = EveParameters(distanceToBob: eveDistance, snr: eveSNR)
        parameters.eve.distanceToAlice = eveDistanceToAlice
        parameters.eve.antennas = eveAntennas
        parameters.eve.scattering = scattering
        parameters.eve.concentration = concentration
        parameters.eve.baselineAngle = baselineAngle
        if ideal { parameters.impairments = .none }
        if harsh { parameters.impairments = .harsh }
        parameters.fixtures = try attack.map { try Fixture(parsing: $0) }
        return parameters
    }
}
