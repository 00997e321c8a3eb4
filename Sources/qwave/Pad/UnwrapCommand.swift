// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import OneTimePad
internal import QWaveCore

/// `qwave unwrap`: opens what the peer wrapped.
struct UnwrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unwrap",
        abstract: "Checks and opens what the peer wrapped.",
        discussion: """
            Whatever was changed, cut, replayed or comes from somebody else ends with status 77, and nothing is \
            written. With --keys the input holds keys, and the output is a folder that gets a file of each, named \
            by its identifier.

            Examples:
              qwave unwrap --pad office plan.qw plan.txt
              qwave unwrap --pad office --keys key.qw keys
            """)

    @OptionGroup var pad: PadOptions

    @Flag(help: "The input holds keys.")
    var keys = false

    @Flag(help: "Write each frame as soon as it was checked; a later one may still turn out to be missing.")
    var stream = false

    @OptionGroup var streams: StreamOptions

    func validate() throws {
        if keys, stream { throw ValidationError("--stream is for messages; keys come all at once") }
        if keys, streams.output == "-" { throw ValidationError("--keys writes files; give a folder, not -") }
    }

    func run() async throws {
        if keys { return try unwrapKeys() }
        let report = try pad.withStore { store in
            try streams.write { output in
                var input = try FileInput(streams.input)
                return try Opener(store).unwrap(&input, to: &output, isStreaming: stream)
            }
        }
        try streams.show(WrapOutcome(report: report, verb: "Opened"))
    }

    private func unwrapKeys() throws {
        do {
            try FileManager.default.createDirectory(atPath: streams.output, withIntermediateDirectories: true)
        } catch {
            throw QWaveError(
                .storage, "the folder \(streams.output) can't be made; check its name", cause: error)
        }
        let keys = try pad.withStore { store in
            var input = try FileInput(streams.input)
            return try Opener(store).unwrapKeys(&input)
        }
        for key in keys {
            var file = try FileOutput(
                streams.output + "/" + KeyIdentifier(key.id).text + ".key", replacing: streams.force)
            try key.key.withBytes { (bytes) throws(QWaveError) in try file.write(bytes) }
            try file.sync()
        }
        try streams.show(KeysOutcome(keys: keys.map { KeyIdentifier($0.id).text }, folder: streams.output))
    }

    struct KeysOutcome: CommandResult {
        var keys: [String]
        var folder: String
        var text: String { "Opened \(keys.count) keys into \(folder): \(keys.joined(separator: ", "))." }
    }
}
