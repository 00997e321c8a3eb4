// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import QWaveCore

/// `qwave doctor`: what is wrong with this machine.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks what qwave needs of this machine.",
        discussion: """
            Looks at the processor's kernels, the random generator, durable storage and free space in the pad's \
            folder, TCP over loopback, FFTW and the clock. Warnings are worth reading; a failure ends with status \
            69.

            Example:
              qwave doctor --pad . --json
            """)

    @Option(help: ArgumentHelp("The folder where pads are kept; it must exist.", valueName: "folder"))
    var pad = "."

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = await DoctorReport.examine(padFolder: pad)
        try output.show(report)
        if !report.healthy { throw ExitCode(ExitStatus.unavailable.rawValue) }
    }
}
