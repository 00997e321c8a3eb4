// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser

/// `qwave pad`: makes pads and looks into them.
struct PadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pad",
        abstract: "Makes a pad, or tells how much of it is left.",
        subcommands: [PadCreateCommand.self, PadStatusCommand.self, PadAdoptCommand.self])
}
