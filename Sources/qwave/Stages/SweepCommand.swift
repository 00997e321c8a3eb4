// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import ChannelModels
internal import Laboratory
internal import QWaveCore
internal import Quantization
internal import Synchronization

/// `qwave sweep`: the key rate over a grid of settings.
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Simulates a grid of settings, makes a key of each, and tabulates the rates.",
        discussion: """
            Every option takes values by commas; all their combinations are run over the machine's cores. A point that \
            is done stands in the table (--out) at once: the same command goes on where a run ended, however it ended, \
            and a wider grid adds to the same table. Without --out the table goes to standard output at the end.

            Quantizers are those of sessions (quantile-helper, equiprobable) and the published baselines (mathur, asbg, \
            hrube, cgc), whose rate is what would really be secret of theirs. K factors are in dB, none for the model's \
            own. Features are what sessions key: auto is commissioning's choice, scalar the run as signal strengths in \
            whole decibels; baselines have features of their own. --plot draws a column over another, the mean over \
            seeds, with the channel's ceilings.

            Examples:
              qwave sweep --snr 10,15,20,25 --quantizer quantile-helper,mathur,asbg --out snr.csv --plot snr.svg
              qwave sweep --speed 0.25,0.5,1,2 --seed 1,2,3 --out speed.csv --plot speed.svg --x speed
              qwave sweep --feature amplitude,synchronized --snr 15,20 --out features.csv
            """)

    @Option(help: ArgumentHelp("Channel models.", valueName: "names"))
    var model = "tgn-d"

    @Option(help: ArgumentHelp("Bandwidths: 20, 40, 80, 160, nr.", valueName: "MHz"))
    var bandwidth = "20"

    @Option(help: ArgumentHelp("Doppler spectra: clarke, bell.", valueName: "names"))
    var spectrum = "clarke"

    @Option(parsing: .unconditional, help: ArgumentHelp("SNRs.", valueName: "dB"))
    var snr = "20"

    @Option(help: ArgumentHelp("Speeds.", valueName: "m/s"))
    var speed = "1"

    @Option(
        parsing: .unconditional, help: ArgumentHelp("K factors; none for the model's own.", valueName: "dB"))
    var kFactor = "none"

    @Option(help: ArgumentHelp("Probe pairs a second.", valueName: "1/s"))
    var rate = "50"

    @Option(help: ArgumentHelp("Lengths of a block.", valueName: "s"))
    var duration = "600"

    @Option(
        help: ArgumentHelp(
            "Features: auto, scalar, amplitude, canonical, synchronized, aligned.", valueName: "names"))
    var feature = SweepPoint.chosenFeature

    @Option(help: ArgumentHelp("Quantizers and baselines.", valueName: "names"))
    var quantizer = "quantile-helper"

    @Option(help: ArgumentHelp("Seeds.", valueName: "n"))
    var seed = "1"

    @Option(help: ArgumentHelp("The table (CSV), gone on with where it exists.", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("Draw a picture (SVG).", valueName: "file"))
    var plot: String?

    @Option(
        help: ArgumentHelp(
            "The picture's horizontal column: snr, speed, k-factor, rate, duration.", valueName: "name"))
    var x = "snr"

    @Option(
        help: ArgumentHelp(
            "Its vertical one: a column of the table, or key-over-information.", valueName: "name"))
    var y = "bits-per-minute"

    @Option(help: ArgumentHelp("Points at a time; the number of cores unless given.", valueName: "n"))
    var workers: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard ["snr", "speed", "k-factor", "rate", "duration"].contains(x) else {
            throw ValidationError("--x is snr, speed, k-factor, rate or duration, not \(x)")
        }
        guard SweepRow.columns.dropFirst(SweepPoint.columns.count).contains(y) || y == "key-over-information"
        else { throw ValidationError("--y is a column of results, not \(y)") }
        guard workers.map({ (1...1024).contains($0) }) ?? true else {
            throw ValidationError("--workers is 1 to 1024")
        }
        guard out != "-", plot != "-" else { throw ValidationError("table and picture go into files") }
    }

    func run() async throws {
        let points = try grid().points()
        let file = try out.map { try SweepFile(path: $0, software: Version.text) }
        let wanted = Set(points)
        let known = (file?.rows ?? []).filter { wanted.contains($0.point) }
        let done = Set(known.map(\.point))
        let rest = points.filter { !done.contains($0) }
        let rows = Mutex(known)
        let progress = Progress("sweeping")
        defer { progress.finish() }
        var runner = SweepRunner()
        if let workers { runner.workers = workers }
        try await runner.run(rest) { row in
            try file?.append(row)
            let count = rows.withLock { rows in
                rows.append(row)
                return rows.count
            }
            progress.update(Double(count) / Double(points.count))
        }
        let place = Dictionary(points.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        let sorted = rows.withLock { $0 }.sorted { place[$0.point] ?? 0 < place[$1.point] ?? 0 }
        if let plot {
            try Files.write(Array(SweepPlot(rows: sorted, x: x, y: y).svg.utf8), to: plot)
        }
        try output.show(
            SweepResult(rows: sorted, skipped: known.count, table: OrNull(out), plot: OrNull(plot)))
    }

    private func grid() throws -> SweepGrid {
        var grid = SweepGrid()
        grid.models = Self.names(model)
        grid.bandwidths = Self.names(bandwidth)
        grid.spectra = try Self.names(spectrum).map { try Choice.parse($0, DopplerSpectrum.self) }
        grid.snrs = try NumberList.numbers(snr, option: "--snr")
        grid.speeds = try NumberList.numbers(speed, option: "--speed")
        grid.riceFactors = try Self.names(kFactor).map { name in
            name == "none" ? nil : try NumberList.numbers(name, option: "--k-factor")[0]
        }
        grid.rates = try NumberList.numbers(rate, option: "--rate")
        grid.durations = try NumberList.numbers(duration, option: "--duration")
        grid.features = try Self.names(feature).map { name in
            name == SweepPoint.chosenFeature ? nil : try Choice.parse(name, FeatureKind.self)
        }
        grid.quantizers = Self.names(quantizer)
        grid.seeds = try Self.names(seed).map { name in
            guard let number = UInt64(name) else {
                throw ValidationError("--seed takes whole numbers by commas")
            }
            return number
        }
        return grid
    }

    private static func names(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.split(separator: " ").joined() }
    }
}

/// What `qwave sweep` tells.
struct SweepResult: CommandResult {
    var rows: [SweepRow]
    /// Points that stood in the table already.
    var skipped: Int
    var table: OrNull<String>
    var plot: OrNull<String>

    var text: String {
        var lines = ["\(rows.count) points, \(skipped) of them from the table."]
        if table.value == nil { lines = [] }
        let varying = SweepPoint.columns.indices.filter { index in
            Set(rows.map { $0.point.values[index] }).count > 1
        }
        lines.append(
            varying.map { SweepPoint.columns[$0].padding(toLength: 16) }.joined()
                + "net bit/min  of ceiling  as published")
        for row in rows {
            func cell(_ value: Double, _ width: Int) -> String {
                let text = "\(Int(value.rounded()))"
                return String(repeating: " ", count: max(0, width - text.count)) + text
            }
            let share = row.ceilingBitsPerMinute > 0 ? row.bitsPerMinute / row.ceilingBitsPerMinute : 0
            lines.append(
                varying.map { row.point.values[$0].padding(toLength: 16) }.joined()
                    + cell(row.bitsPerMinute, 11) + cell(100 * share, 9) + " %"
                    + (row.publishedBitsPerMinute > 0 ? cell(row.publishedBitsPerMinute, 14) : "")
                    + (row.refused.isEmpty ? "" : "  \(row.refused)"))
        }
        if let table = table.value { lines.append("Table: \(table)") }
        if let plot = plot.value { lines.append("Picture: \(plot)") }
        return lines.joined(separator: "\n")
    }
}
