// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import OneTimePad
internal import QWaveCore

/// `qwave pad status`: the pad's books.
struct PadStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tells how much of a pad is made, used, burnt and left.",
        discussion: """
            Sizes are in bytes. What may be spent lies above a floor that is kept for ending the link in order; \
            below the low-water mark it is time to pair again.

            Example:
              qwave pad status --pad office --json
            """)

    @OptionGroup var pad: PadOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try output.show(try PadReport(pad.withStore { try $0.status() }, folder: pad.folder))
    }
}
