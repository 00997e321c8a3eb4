// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import OneTimePad
internal import QWaveCore

/// `--pad`: which pad a command uses.
struct PadOptions: ParsableArguments {
    @Option(name: .customLong("pad"), help: ArgumentHelp("The pad's folder.", valueName: "folder"))
    var folder: String

    @Option(
        help: ArgumentHelp(
            "Where this machine notes how far its pads have come, so that a restored or copied pad is refused; keep it "
                + "out of the pad's backups. $QWAVE_ANCHORS, else .local/state/qwave/anchors in the home folder, unless "
                + "given.",
            valueName: "folder"))
    var anchors: String?

    /// What notices restored and copied pads.
    var anchor: FileAnchor {
        let environment = ProcessInfo.processInfo.environment
        if let folder = anchors ?? environment["QWAVE_ANCHORS"] { return FileAnchor(directory: folder) }
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return FileAnchor(directory: (state ?? NSHomeDirectory() + "/.local/state") + "/qwave/anchors")
    }

    /// Opens the pad for as long as `body` runs, and closes it in order whether that returns or throws.
    func withStore<Result>(_ body: (PadStore) throws -> Result) throws -> Result {
        let store = try PadStore(directory: folder, anchor: anchor)
        let result: Result
        do {
            result = try body(store)
        } catch {
            // The first failure is the one to tell; what stays reserved is burnt at the next opening.
            try? store.close()
            throw error
        }
        try store.close()
        return result
    }
}

/// Where a command's bytes come from and go to, and what becomes of its report.
struct StreamOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("What to read, - for standard input.", valueName: "input"))
    var input: String

    @Argument(help: ArgumentHelp("What to write, - for standard output.", valueName: "output"))
    var output: String

    @Flag(help: "Replace the output where it exists.")
    var force = false

    @OptionGroup var report: OutputOptions

    func validate() throws {
        if output == "-", report.json {
            throw ValidationError(
                "--json and an output to - would share standard output; give the output a file")
        }
    }

    /// Runs `body` with the output open; a file that it leaves unfinished is taken away again.
    func write<Result>(_ body: (inout FileOutput) throws -> Result) throws -> Result {
        var file = try FileOutput(output, replacing: force)
        do {
            let result = try body(&file)
            if output != "-" { try file.sync() }
            return result
        } catch {
            if output != "-" { try? FileManager.default.removeItem(atPath: output) }
            throw error
        }
    }

    /// Shows a result: beside the bytes when those take standard output.
    func show(_ result: some CommandResult) throws(QWaveError) {
        if output == "-" { StandardError.write(result.text) } else { try report.show(result) }
    }
}
