// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization

/// `qwave inspect`: what is in a capture.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tells what is in a capture.",
        discussion: """
            Reads every format that qwave knows, recognized by its content; FILE:COLUMN chooses a column of a \
            table. With --packet also the gains of one packet, exactly as recorded, in the order receive antenna, \
            transmit antenna, subcarrier. With --motion also how much the channel moves, judged by the first 1,024 \
            snapshots, which a session publishes and never keys: a still room gives no key.

            A file of --commissioning is told too: what was published so far, and the model that it leads to under an \
            exchange's default choices.

            Examples:
              qwave inspect alice.qwt
              qwave inspect csi.dat --packet 0 --json
              qwave inspect pair.csv:alice_dbm
              qwave inspect office.state
            """)

    @Argument(help: ArgumentHelp("The capture, or - for standard input.", valueName: "capture"))
    var capture: String

    @Option(help: ArgumentHelp("Show the gains of this packet, the first is 0.", valueName: "n"))
    var packet: Int?

    @Option(
        help: ArgumentHelp(
            "The format, where the content doesn't tell: qwt, intel5300, esp32, nexmon or table.",
            valueName: "name"),
        transform: Self.format(named:))
    var format: CaptureFormat?

    @Option(help: ArgumentHelp("The chip of a Nexmon capture that doesn't name it.", valueName: "name"))
    var nexmonChip: String?

    @Flag(help: "Accept a file that ends inside a packet, up to there.")
    var truncated = false

    @Flag(help: "Tell how much the channel moves.")
    var motion = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let state = try carriedState() {
            return try output.show(CommissioningInspection(state, name: capture))
        }
        let named = CaptureArgument(parsing: capture)
        let options = CaptureOptions(
            column: named.column, allColumns: named.column == nil, allowTruncated: truncated, format: format,
            nexmonChip: nexmonChip)
        let capture = try CaptureReader.open(named.path, options: options)
        var inspection = Inspection(summary: try capture.summary(packet: packet), name: named.path)
        if motion {
            guard let meter = MotionMeter(capture.trace) else {
                throw QWaveError(
                    .badInput, "\(named.path): motion is told from 64 snapshots of one shape; record longer")
            }
            inspection.motion = meter
        }
        try output.show(inspection)
    }

    /// The commissioning state that the file is; nil for a capture. Standard input is read once, so it is a capture.
    private func carriedState() throws(QWaveError) -> CommissioningState? {
        guard capture != "-", format == nil, let handle = FileHandle(forReadingAtPath: capture),
            let head = try? handle.read(upToCount: 4096), CommissioningState.isState(head)
        else { return nil }
        guard packet == nil, !motion else {
            throw QWaveError(
                .usage, "\(capture) is a commissioning state: it has no packets and no motion of its own")
        }
        return try CarryOptions.state(capture)
    }

    private static func format(named name: String) throws -> CaptureFormat {
        guard let format = CaptureFormat(rawValue: name) else {
            let names = CaptureFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("no format is called \(name); there are \(names)")
        }
        return format
    }
}
