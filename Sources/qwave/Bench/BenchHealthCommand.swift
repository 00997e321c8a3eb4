// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import Laboratory
internal import QWaveCore

/// `qwave bench health`: false alarms and detections of the health tests.
struct BenchHealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Measures the health tests: false alarms on live fading, detection of failures.",
        discussion: """
            Live fading comes from a simulator (memoryless, a band-limited Doppler spectrum, a memory of first order; 25 dB, \
            half decibels) or from recorded captures: the first rows commission, every 1,024 rows after them are a \
            window that stands as the keyed part of an exchange. Then each model of failure is planted. Nothing of this \
            is tuned by its result.

            Examples:
              qwave bench health --windows 1000 --runs 20
              qwave bench health --windows 50000 --runs 200
              qwave bench health --windows 0 --runs 0 --capture pair.csv:alice_dbm --capture pair.csv:bob_dbm
            """)

    @Option(help: ArgumentHelp("Windows of each live channel.", valueName: "n"))
    var windows = 1000

    @Option(help: ArgumentHelp("Runs of each model of failure on each channel.", valueName: "n"))
    var runs = 20

    @Option(help: ArgumentHelp("Two recorded captures of a live channel, given twice.", valueName: "capture"))
    var capture: [String] = []

    @Option(help: ArgumentHelp("Rows that commission.", valueName: "n"))
    var commissioned = 4096

    @Option(
        help: ArgumentHelp(
            "Fail (status 70) where more of the windows than this alarm, or one run in 50 misses another failure than the weak line.",
            valueName: "0..1"))
    var limit: Double?

    @Option(help: ArgumentHelp("Everything random follows from this number.", valueName: "n"))
    var seed: UInt64 = 1

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard capture.isEmpty || capture.count == 2 else {
            throw ValidationError("--capture names the two ends' captures: give it twice")
        }
        guard (0...10_000_000).contains(windows), (0...100_000).contains(runs) else {
            throw ValidationError("--windows and --runs are counts")
        }
        guard (1024...10_000_000).contains(commissioned) else {
            throw ValidationError("--commissioned is at least 1024 rows")
        }
    }

    func run() async throws {
        var benchmark = HealthBenchmark()
        benchmark.seed = seed
        benchmark.commissioned = commissioned
        var result = HealthBenchmark.Result()
        let progress = Progress("measuring")
        if windows > 0 {
            result.alarms = try benchmark.alarms(windows: windows) { progress.update(0.5 * $0) }
        }
        if capture.count == 2 {
            let traces = try capture.map { try CaptureArgument(parsing: $0).trace() }
            result.alarms += try benchmark.alarms(traces[0], traces[1], name: capture[0])
        }
        if runs > 0 {
            result.detections = try benchmark.detections(runs: runs) { progress.update(0.5 + 0.5 * $0) }
        }
        progress.finish()
        try output.show(BenchHealthResult(result: result, seed: seed))
        if let limit, !result.holds(limit: limit) { throw ExitCode(ExitStatus.other.rawValue) }
    }
}

/// What `qwave bench health` measured.
struct BenchHealthResult: CommandResult {
    var result: HealthBenchmark.Result
    var seed: UInt64

    private enum CodingKeys: String, CodingKey { case alarms, detections, seed }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(result.alarms, forKey: .alarms)
        try container.encode(result.detections, forKey: .detections)
        try container.encode(seed, forKey: .seed)
    }

    var text: String {
        var lines: [String] = []
        if !result.alarms.isEmpty {
            lines += CertificateTable.lines(
                [["channel and test", "windows", "alarms"]]
                    + result.alarms.map { ["\($0.channel): \($0.test)", "\($0.windows)", "\($0.alarms)"] })
        }
        if !result.detections.isEmpty {
            lines += [""]
            lines += CertificateTable.lines(
                [["channel and failure", "runs", "found"]]
                    + result.detections.map { row in
                        ["\(row.channel): \(row.fault.description)", "\(row.runs)", "\(row.detected)"]
                    })
            lines += [""]
            for row in result.detections {
                let tests = row.by.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                lines.append(
                    "\(row.channel), \(row.fault.rawValue): "
                        + tests.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
            }
        }
        return lines.joined(separator: "\n")
    }
}
