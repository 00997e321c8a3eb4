// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import ChannelEstimation
internal import Foundation
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

            Examples:
              qwave bench estimate --snr 0 --frames 5000 --noise 20000
              qwave bench estimate --waveform wifi-20,wifi-80 --snr -3,0,3,10 --json
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

    @Flag(help: "Print a table of comma-separated values.")
    var csv = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !(csv && output.json) else { throw ValidationError("choose --csv or --json") }
    }

    func run() async throws {
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

/// The rows as one JSON object.
struct BenchEstimateResult: Encodable {
    var rows: [EstimateRow]
    var seed: UInt64
}

/// The benchmark's rows for a person.
enum BenchEstimateTable {
    static let header =
        "waveform  channel   SNR  limit stride  found    wrong  offset Hz  gains dB  /bound  false/ms <  Msample/s"

    static func line(_ row: EstimateRow) -> String {
        func number(_ value: Double?, _ format: String, _ width: Int) -> String {
            let text = value.map { String(format: format, $0) } ?? "-"
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return row.waveform.padding(toLength: 10, withPad: " ", startingAt: 0)
            + row.channel.padding(toLength: 6, withPad: " ", startingAt: 0)
            + number(row.snr, "%.1f", 7) + number(Double(row.threshold), "%.3f", 7)
            + number(Double(row.stride), "%.0f", 7) + number(row.detectionProbability, "%.4f", 9)
            + number(Double(row.wrongFrames), "%.0f", 7) + number(row.carrierError, "%.0f", 11)
            + number(row.gainError, "%.2f", 10) + number(row.gainErrorOverBound, "%.3f", 8)
            + number(row.falseAlarmsPerMillisecondBound, "%.1e", 12)
            + number(row.megasamplesPerSecond, "%.0f", 11)
    }
}
