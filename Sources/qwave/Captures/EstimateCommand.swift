// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import ChannelEstimation
internal import QWaveCore

/// `qwave estimate`: the frames in an IQ recording, and the channel that each went through.
struct EstimateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Finds the frames in an IQ recording and estimates the channel from each.",
        discussion: """
            Reads recordings of any length. --out writes the gains as a trace.

            wifi: frames are found by their non-HT preamble at 20, 40 or 80 MHz; each gives a snapshot of 52 gains \
            for each 20 MHz, in the unit of the recording, and their noise. The SNR is that of one tone in one \
            symbol. --false-alarms chooses the threshold by the measured operating characteristic. --field ht or \
            vht writes the gains of that training field in place of the preamble's, from the frames that have it: \
            56, 114 or 242 tones at 20, 40 and 80 MHz, of one stream, in HT of --streams.

            lte: the strongest cell is found by its synchronization signals and followed; each subframe of 1 ms \
            gives a snapshot of its reference signals' gains from antenna ports 0 and 1.

            nr: each symbol of a terminal's sounding reference signal (SRS) gives a snapshot. The signal is told by \
            --sequence-id, its width by --c-srs, and what else differs from the defaults; without group or sequence \
            hopping, and without hopping in frequency. --grid and --first-block say where in the carrier it lies; \
            without them it is in the middle of the recording.

            Formats: sc16 and fc32 are little-endian, cu8 is that of RTL-SDR; sigmf is a SigMF recording, named by \
            either of its files or its archive, which tells rate and frequency itself.

            Examples:
              qwave estimate capture.dat --rate 20e6 --format sc16 --out alice.qwt
              qwave estimate capture.sigmf --json
              qwave estimate cell.bin --standard lte --rate 1.92e6 --format cu8 --skip 128 --out cell.qwt
              qwave estimate capture.dat --rate 20e6 --format sc16 --field ht --streams 2 --out alice.qwt
              qwave estimate uplink.fc32 --standard nr --rate 30.72e6 --format fc32 --sequence-id 7 --c-srs 13 \
            --grid 51 --out bob.qwt
            """)

    @Argument(help: ArgumentHelp("The recording, or - for standard input.", valueName: "iq"))
    var recording: String

    @Option(help: ArgumentHelp("Samples per second.", valueName: "1/s"))
    var rate: Double?

    @Option(
        help: ArgumentHelp(
            "How samples are written: sc16, fc32, cu8 or sigmf; by name for a SigMF file.", valueName: "name")
    )
    var format: RecordingFormat?

    @Option(help: ArgumentHelp("What was sent: wifi, lte or nr.", valueName: "name"))
    var standard = EstimateStandard.wifi

    @Option(
        help: ArgumentHelp("Width of the channel: 20, 40 or 80; the rate's unless given.", valueName: "MHz"))
    var bandwidth: Int?

    @Option(
        help: ArgumentHelp(
            "Wi-Fi: false frames in a ms of noise at the most (default: 1e-6).", valueName: "n"))
    var falseAlarms: Double?

    @Option(
        help: ArgumentHelp("Wi-Fi: the threshold itself, in place of --false-alarms.", valueName: "0 to 1"))
    var threshold: Float?

    @Flag(help: "Wi-Fi: measure the receiver's I/Q image first and remove it; reads the recording twice.")
    var removeImage = false

    @Option(
        help: ArgumentHelp(
            "Wi-Fi: the training field whose gains are written: the preamble's in every frame, or that of HT or VHT frames.",
            valueName: "name"))
    var field = EstimateField.legacy

    @Option(
        help: ArgumentHelp("Wi-Fi: streams of the HT frames that are read (default: 1).", valueName: "1 to 4")
    )
    var streams: Int?

    @Option(
        help: ArgumentHelp("LTE: the cell's identity; the strongest unless given.", valueName: "0 to 503"))
    var cell: Int?

    @Option(
        help: ArgumentHelp(
            "LTE: resource blocks to read; the rate's unless given. NR: those of the signal.", valueName: "n")
    )
    var blocks: Int?

    @OptionGroup var nr: NREstimateOptions

    @Option(help: ArgumentHelp("Center frequency, kept in the trace.", valueName: "MHz"))
    var carrier: Double?

    @Option(help: ArgumentHelp("Bytes of a header in front of the samples.", valueName: "bytes"))
    var skip = 0

    @Option(help: ArgumentHelp("Write the snapshots as a trace.", valueName: "file.qwt"))
    var out: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard rate.map({ $0 >= 1 && $0 <= 1e12 }) != false else {
            throw ValidationError("--rate is samples a second, from 1 to 1e12, as in 20e6")
        }
        guard carrier?.isFinite != false else { throw ValidationError("--carrier is in MHz") }
        guard out != "-" || !output.json else {
            throw ValidationError("--json needs standard output for itself; give --out a file")
        }
        guard !removeImage || recording != "-" else {
            throw ValidationError("--remove-image reads the recording twice; it can't come from a pipe")
        }
        guard falseAlarms == nil || threshold == nil else {
            throw ValidationError("choose --false-alarms or --threshold")
        }
        guard streams == nil || field == .ht else {
            throw ValidationError("--streams is for --field ht; other fields have one stream")
        }
        let wifi = [
            ("--bandwidth", bandwidth != nil), ("--false-alarms", falseAlarms != nil),
            ("--threshold", threshold != nil), ("--remove-image", removeImage), ("--field", field != .legacy),
        ]
        let foreign =
            switch standard {
            case .wifi: [("--cell", cell != nil), ("--blocks", blocks != nil)] + nr.given
            case .lte: wifi + nr.given
            case .nr: wifi + [("--cell", cell != nil)]
            }
        if let option = foreign.first(where: \.1)?.0 {
            throw ValidationError("\(option) is not for --standard \(standard.rawValue)")
        }
    }

    func run() async throws {
        var source = try source()
        if let carrier { source.carrier = carrier * 1e6 }
        switch standard {
        case .wifi:
            let width = try width(source.rate)
            let point =
                try threshold.map { try DetectionPoint(threshold: $0) }
                ?? DetectionPoint(
                    width: width, falseAlarmsPerMillisecond: falseAlarms ?? DetectionPoint.usualLimit)
            try show(
                RecordingEstimation(
                    source: source, width: width, point: point, field: field, streams: streams ?? 1, out: out,
                    imageSource: removeImage ? self.source() : nil
                ).run())
        case .lte:
            try show(LTEEstimation(source: source, blocks: blocks, identity: cell, out: out).run())
        case .nr:
            try show(
                NREstimation(
                    source: source, signal: nr.signal(blocks: blocks), spacing: nr.spacingInHertz, out: out
                ).run())
        }
    }

    private func show(_ result: some CommandResult) throws {
        // The trace has standard output for itself.
        if out != "-" { try output.show(result) }
    }

    private func source() throws -> RecordingSource {
        let isSigMF = [".sigmf", ".sigmf-meta", ".sigmf-data"].contains { recording.hasSuffix($0) }
        guard let format = format ?? (isSigMF ? .sigmf : nil) else {
            throw QWaveError(.usage, "\(recording) doesn't tell how its samples are written; give --format")
        }
        guard let plain = format.plain else { return try described() }
        guard let rate else {
            throw QWaveError(
                .usage, "samples of \(format.rawValue) don't tell their rate; give --rate, as in 20e6")
        }
        return RecordingSource(
            name: recording, reader: try IQFileReader(path: recording, format: plain, skipping: skip),
            rate: rate, carrier: nil)
    }

    private func described() throws -> RecordingSource {
        guard recording != "-", skip == 0 else {
            throw QWaveError(
                .usage, "a SigMF recording has its parts by name; it isn't read from a pipe or with --skip")
        }
        let description = try SigMFRecording(path: recording)
        guard let rate = rate ?? description.sampleRate else {
            throw QWaveError(.usage, "\(recording) doesn't tell its sample rate; give --rate")
        }
        guard rate >= 1, rate <= 1e12 else {
            throw QWaveError(.badInput, "\(recording): \(rate) samples/s can't be; give --rate")
        }
        return RecordingSource(
            name: recording, reader: try IQFileReader(description), rate: rate,
            carrier: description.carrierFrequency)
    }

    /// The width asked for, or the one whose rate this is; half- and quarter-clocked signals are 20 MHz ones.
    private func width(_ rate: Double) throws -> ChannelWidth {
        let wanted = bandwidth ?? (rate <= 20e6 ? 20 : Int((rate / 1e6).rounded()))
        guard let width = ChannelWidth(rawValue: wanted) else {
            throw QWaveError(
                .usage,
                bandwidth == nil
                    ? "\(rate) samples/s fit no channel width; resample to 20e6, 40e6 or 80e6"
                    : "a bandwidth of \(wanted) MHz isn't known; give 20, 40 or 80")
        }
        guard rate <= width.sampleRate else {
            throw QWaveError(
                .usage,
                "\(rate) samples/s are more than a \(width.rawValue) MHz channel has; resample to \(width.sampleRate)"
            )
        }
        return width
    }
}

/// What `--standard` names.
enum EstimateStandard: String, CaseIterable, ExpressibleByArgument, Encodable {
    case wifi, lte, nr
}

/// What `--format` names.
enum RecordingFormat: String, CaseIterable, ExpressibleByArgument {
    case sc16, fc32, cu8, sigmf

    /// Nil for a recording that tells its own format.
    var plain: IQFormat? { IQFormat(rawValue: rawValue) }
}
