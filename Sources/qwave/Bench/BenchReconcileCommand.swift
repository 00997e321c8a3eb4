// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import Laboratory
internal import QWaveCore
internal import Reconciliation

/// `qwave bench reconcile`: engines, frame lengths and error rates side by side.
struct BenchReconcileCommand: AsyncParsableCommand, MeasuresItself {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Measures reconciliation: throughput, efficiency, rounds, failures.",
        discussion: """
            Both ends run in one thread, without a link; the time is what both take for a key together. The \
            efficiency is the forward leak over the Shannon limit, so that it compares with papers; what the \
            responder's messages told stands beside it, because a key pays for both. A frame counts as failed \
            when it ends unequal or is given up.

            Without --soft the responder has hard bits of a binary symmetric channel. With --soft the initiator \
            keeps the sign of a Gaussian and the responder has log-likelihoods from a correlated one: at that \
            SNR of both receivers, or, with --soft equivalent, where the signs disagree at the error rate.

            Your own keys: --alice and --bob name two files of one length, either text of 0 and 1 or packed bytes \
            (bit i is bit i mod 8 of byte i/8). The error rate told to both ends is then the true one unless \
            --error-rate gives one.

            Examples:
              qwave bench reconcile --protocol cascade --frame 1e4,1e5 --error-rate 0.01,0.02,0.05
              qwave bench reconcile --protocol ldpc-short --frame 1024 --error-rate 0.15 --soft equivalent
              qwave bench reconcile --alice alice.bits --bob bob.bits --json
            """)

    @Option(
        help: ArgumentHelp(
            "all, a family (cascade, ldpc-short, ldpc-long), or an engine's name; several by commas.",
            valueName: "name"))
    var `protocol` = "all"

    @Option(help: ArgumentHelp("Key bits of a frame; several by commas.", valueName: "bits"))
    var frame: String?

    @Option(help: ArgumentHelp("Disagreement of the keys; several by commas.", valueName: "rate"))
    var errorRate: String?

    @Option(help: ArgumentHelp("Error rate told to both ends instead of the true one.", valueName: "rate"))
    var estimate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Log-likelihoods: SNR in dB, several by commas, or 'equivalent'.", valueName: "SNR"))
    var soft: String?

    @Option(help: ArgumentHelp("Threads, each with frames of its own.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Frames of each case; about a second's worth unless given.", valueName: "n"))
    var frames: Int?

    @Option(
        help: ArgumentHelp(
            "Frames that are reconciled together; 64 for frames up to 4096 bits, else 1, unless given.",
            valueName: "n"))
    var batch: Int?

    @Option(help: ArgumentHelp("Everything random follows from this number.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The first end's own key.", valueName: "file"))
    var alice: String?

    @Option(help: ArgumentHelp("The second end's own key.", valueName: "file"))
    var bob: String?

    @Flag(help: "Print a table of comma-separated values.")
    var csv = false

    @Option(help: ArgumentHelp("Draw efficiency and throughput over the error rate.", valueName: "file.svg"))
    var plot: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (alice == nil) == (bob == nil) else {
            throw ValidationError("own keys come in pairs: give both --alice and --bob")
        }
        guard alice == nil || soft == nil else {
            throw ValidationError("--soft draws keys from a model; it doesn't go with --alice and --bob")
        }
        guard !(csv && output.json) else { throw ValidationError("choose --csv or --json") }
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads is 1 to 1024") }
        guard frames ?? 1 >= 1, batch ?? 1 >= 1 else {
            throw ValidationError("--frames and --batch start at 1")
        }
        guard plot != "-" else { throw ValidationError("a plot goes into a file, not to standard output") }
    }

    func run() async throws {
        let cases = try BenchReconcilePlan(self).cases()
        let progress = Progress("measuring")
        var rows: [ReconcileRow] = []
        for (index, test) in cases.enumerated() {
            let row = try await ReconcileBenchmark(threads: threads).run(test) { share in
                progress.update((Double(index) + share) / Double(cases.count))
            }
            rows.append(row)
            progress.finish()
            if !csv, !output.json {
                if index == 0 { try StandardOutput.write(BenchReconcileTable.header + "\n") }
                try StandardOutput.write(BenchReconcileTable.line(row) + "\n")
            }
        }
        progress.finish()
        if csv {
            let lines = [ReconcileRow.columns] + rows.map(\.values)
            try StandardOutput.write(lines.map { $0.joined(separator: ",") + "\n" }.joined())
        } else if output.json {
            try StandardOutput.write(JSON.line(BenchReconcileResult(rows: rows, seed: seed)))
        }
        if let plot {
            let page = ReconcilePlot(rows: rows, channels: cases.map(\.channel)).svg
            try Files.write(Array(page.utf8), to: plot)
        }
    }
}

/// The rows as one JSON object.
struct BenchReconcileResult: Encodable {
    var rows: [ReconcileRow]
    var seed: UInt64
}
