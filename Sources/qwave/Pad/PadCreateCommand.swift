// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import OneTimePad
internal import QWaveCore

/// `qwave pad create`: a pad from an enrollment.
struct PadCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Makes this end's pad of its enrollment file, and erases that file.",
        discussion: """
            The folder is new or empty. Two pads of one enrollment would use every mask twice, so the file goes \
            before the pad is valid.

            Example:
              qwave pad create --pad office alice.enroll
            """)

    @OptionGroup var pad: PadOptions

    @Argument(help: ArgumentHelp("This end's enrollment file.", valueName: "enrollment"))
    var enrollment: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try PadStore.create(directory: pad.folder, enrollment: enrollment, anchor: pad.anchor)
        try output.show(try PadReport(pad.withStore { try $0.status() }, folder: pad.folder))
    }
}
