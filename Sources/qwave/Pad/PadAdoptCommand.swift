// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import OneTimePad
internal import QWaveCore

/// `qwave pad adopt`: a pad that was moved to this machine.
struct PadAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Takes over a pad that was moved to this machine, and whose original is gone.",
        discussion: """
            This machine notes how far each of its pads has come, and refuses a pad that it doesn't know: a copy \
            that runs beside its original uses bytes twice, which gives both messages away. Adopt a pad only where \
            no other copy of it will ever be used. A pad that is older than the note is refused for good.

            Example:
              qwave pad adopt --pad office
            """)

    @OptionGroup var pad: PadOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try PadStore.adopt(directory: pad.folder, anchor: pad.anchor)
        try output.show(try PadReport(pad.withStore { try $0.status() }, folder: pad.folder))
    }
}
