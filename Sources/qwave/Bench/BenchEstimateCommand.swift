// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import ChannelEstimation
internal import Laboratory
internal import QWaveCore

/// `qwave bench estimate`: detection and estimation at one SNR after another.
struct BenchEstimateCommand: AsyncParsableCommand, MeasuresItself {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Measures channel estimation: detection, false alarms, errors, throughput.",
        discussion: """
            Frames with random places, carrier offsets within 50 kHz and phases go through a channel of power 1; \
            the SNR is that of a sample. A frame counts as found within a quarter of a microsecond of its place. \
            False alarms are bounded at 95 %, from fresh noise, as the product of two rates: candidates at this \
            threshold, and the share of candidates at a lower one that the second test lets through. Throughput is \
            samples a second of one thread's processor time, in a stream with a frame every 100,000 samples.

            --roc tells how thresholds trade false alarms for weak frames: one row a threshold, with the share of \
            frames found at each SNR. `qwave estimate --false-alarms` chooses by such a table.

            Examples:
              qwave bench estimate --snr 0 --frames 5000 --noise 20000
              qwave bench estimate --waveform wifi-20,wifi-80 --snr -3,0,3,10 --json
              qwave bench estimate --roc --frames 2000 --noise 5000
            """)

    @Option(help: ArgumentHelp("wifi-20, wifi-40 or wifi-80; several by commas.", valueName: "name"))
    var waveform = "wifi-20"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Signal over noise; several by commas.", valueName: "dB"))
    var snr = "-3,0,3,10"

    @Option(help: ArgumentHelp("flat or taps; several by commas.", valueName: "name"))
    var channel = "flat,taps"

    @Option(help: ArgumentHelp("Threshold of the short field; several by commas.", valueName: "0 to 1"))
    var threshold: String?

    @Option(help: ArgumentHelp("Distance of the positions looked at: 1 or 16.", valueName: "n"))
    var stride = 1

    @Option(help: ArgumentHelp("Frames of each case.", valueName: "n"))
    var frames = 1000

    @Option(help: ArgumentHelp("Noise of each case.", valueName: "ms"))
    var noise = 1000.0

    @Option(help: ArgumentHelp("Everything random follows from this number.", valueName: "n"))
    var seed: UInt64 = 1

    @Flag(help: "Print the operating characteristic: one row a threshold.")
    var roc = false

    @Flag(help: "Print a table of comma-separated values.")
    var csv = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !(csv && output.json) else { throw ValidationError("choose --csv or --json") }
        guard !(csv && roc) else { throw ValidationError("--roc is printed as a table, or with --json") }
    }

    func run() async throws {
        if roc { return try runROC() }
        let cases = try cases()
        let progress = Progress("measuring")
        var rows: [EstimateRow] = []
        for (index, test) in cases.enumerated() {
            let row = try EstimateBenchmark().run(test) { share in
                progress.update((Double(index) + share) / Double(cases.count))
            }
            rows.append(row)
            progress.finish()
            if !csv, !output.json {
                if index == 0 { try StandardOutput.write(BenchEstimateTable.header + "\n") }
                try StandardOutput.write(BenchEstimateTable.line(row) + "\n")
            }
        }
        if csv {
            let lines = [EstimateRow.columns] + rows.map(\.values)
            try StandardOutput.write(lines.map { $0.joined(separator: ",") + "\n" }.joined())
        } else if output.json {
            try StandardOutput.write(JSON.line(BenchEstimateResult(rows: rows, seed: seed)))
        }
    }

    private func runROC() throws {
        let ratios = try NumberList.numbers(snr, option: "--snr")
        // Thresholds alone make the rows.
        var tests = try cases().filter { $0.snr == ratios[0] }
        if threshold == nil {
            tests = tests.flatMap { test in
                EstimateBenchmark.usualThresholds.map { usual in
                    var test = test
                    test.threshold = usual / Float(test.width.parts).squareRoot()
                    return test
                }
            }
        }
        let progress = Progress("measuring")
        var rows: [ROCRow] = []
        for (index, test) in tests.enumerated() {
            let row = try EstimateBenchmark().characteristic(test, snr: ratios) { share in
                progress.update((Double(index) + share) / Double(tests.count))
            }
            rows.append(row)
            progress.finish()
            guard !output.json else { continue }
            if index == 0 { try StandardOutput.write(BenchEstimateTable.header(row) + "\n") }
            try StandardOutput.write(BenchEstimateTable.line(row) + "\n")
        }
        if output.json { try StandardOutput.write(JSON.line(BenchROCResult(rows: rows, seed: seed))) }
    }

    private func cases() throws -> [EstimateCase] {
        let widths = try waveform.split(separator: ",").map { name in
            guard let width = ChannelWidth.allCases.first(where: { "wifi-\($0.rawValue)" == name }) else {
                throw ValidationError("no waveform is called \(name); there are wifi-20, wifi-40 and wifi-80")
            }
            return width
        }
        let channels = try channel.split(separator: ",").map { name in
            guard let channel = EstimateCase.Channel(rawValue: String(name)) else {
                throw ValidationError("no channel is called \(name); there are flat and taps")
            }
            return channel
        }
        let thresholds =
            try threshold.map { try NumberList.numbers($0, option: "--threshold") }
            ?? [Double(PreambleReceiver.usualThreshold)]
        let ratios = try NumberList.numbers(snr, option: "--snr")
        return widths.flatMap { width in
            channels.flatMap { channel in
                thresholds.flatMap { threshold in
                    ratios.map { ratio in
                        EstimateCase(
                            width: width, snr: ratio, channel: channel, threshold: Float(threshold),
                            stride: stride, frames: frames, noiseMilliseconds: noise, seed: seed)
                    }
                }
            }
        }
    }
}
