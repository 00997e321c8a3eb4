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
            folder, TCP over loopback, FFTW and the clock; and for radios at libuhd, the USRPs that answer, their \
            permissions, socket buffers and thread priority. With --radio it opens that one as qwave probe would, \
            reads its clock, and counts what is lost of a second's worth of samples; nothing is sent. Warnings are \
            worth reading; a failure ends with status 69.

            Examples:
              qwave doctor --pad . --json
              qwave doctor --radio addr=192.168.10.2 --radio-rate 20e6 --frequency 2437 --rx-gain 40
            """)

    @Option(help: ArgumentHelp("The folder where pads are kept; it must exist.", valueName: "folder"))
    var pad = "."

    @Option(help: ArgumentHelp("A radio to open and try, as for qwave probe.", valueName: "radio"))
    var radio: String?

    @OptionGroup(title: "Radio") var device: DeviceOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = await DoctorReport.examine(padFolder: pad, radio: radio, settings: device.settings)
        try output.show(report)
        if !report.healthy { throw ExitCode(ExitStatus.unavailable.rawValue) }
    }
}
