// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import OneTimePad
internal import QWaveCore

/// `qwave enroll`: the first secret of a link.
struct EnrollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Draws the first secret of a link, for both ends.",
        discussion: """
            Writes one file for each end, readable by their owner only. Carry each to its end by hand, make a pad \
            of it with qwave pad create, which erases it, and leave no copy: whoever has one can pose as that \
            end. The secret authenticates; it never becomes a key.

            Example:
              qwave enroll --name office alice.enroll bob.enroll
            """)

    @Argument(help: ArgumentHelp("The file for the end that connects.", valueName: "initiator"))
    var initiator: String

    @Argument(help: ArgumentHelp("The file for the end that listens.", valueName: "responder"))
    var responder: String

    @Option(help: ArgumentHelp("A name for the link, for people.", valueName: "name"))
    var name = "link"

    @Option(
        help: ArgumentHelp(
            "Size of the secret; each authenticated exchange takes 64 bytes of it.", valueName: "bytes"))
    var bytes = Enrollment.defaultBytes

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try Enrollment.create(at: initiator, responder, bytes: bytes, name: name)
        let identifier = PadText.hexadecimal(try Enrollment(reading: initiator).linkID)
        try output.show(
            Outcome(name: name, link: identifier, bytes: bytes, initiator: initiator, responder: responder))
    }

    struct Outcome: CommandResult {
        var name: String
        var link: String
        var bytes: Int
        var initiator: String
        var responder: String

        var text: String {
            """
            Enrolled "\(name)" (link \(link)) with \(bytes) bytes.
            The end that connects: \(initiator). The end that listens: \(responder).
            """
        }
    }
}
