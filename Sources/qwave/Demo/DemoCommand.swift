// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import QWaveCore

/// `qwave demo`: everything at once on loopback, in processes of their own.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract:
            "Two ends on this machine pair over a simulated walk, and a delivered key crosses under the pad.",
        discussion: """
            Enrolls two ends, starts qwave pair listen and qwave pair connect as processes that share nothing but \
            the channel, fills both pads, wraps two 256-bit keys at one end and opens them at the other. The \
            channel is simulated: nothing here is a real secret.

            Example:
              qwave demo --duration 900
            """)

    @Option(help: ArgumentHelp("Simulated seconds; less than 600 is hard to commission.", valueName: "s"))
    var duration = 600

    @Option(
        help: ArgumentHelp(
            "Where to leave pads and certificates; a temporary folder that is removed unless given.",
            valueName: "folder"))
    var folder: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard duration >= 60 else { throw ValidationError("--duration is at least 60 s") }
    }

    func run() async throws {
        let place = folder ?? NSTemporaryDirectory() + "qwave-demo-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw QWaveError(.storage, "the folder \(place) can't be made", cause: error)
        }
        defer { if folder == nil { try? FileManager.default.removeItem(atPath: place) } }
        let result = try await Demo(folder: place, duration: duration).run()
        try output.show(result)
        guard result.keysEqual else {
            throw QWaveError(.internalFault, "the opened keys differ from the delivered ones")
        }
    }
}
