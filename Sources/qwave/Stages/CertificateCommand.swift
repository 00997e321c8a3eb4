// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import QWaveCore
internal import Secrecy

/// `qwave certificate`: what a certificate says, and whether it adds up.
struct CertificateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Prints a block's certificate in words and adds it up again.",
        discussion: """
            Recomputes every sum of the certificate from its own terms. That finds a changed or miscounted number; \
            whether the terms are true isn't in the file: a certificate carries no signature, and rests on the \
            commissioned model that it names.

            Exit status: 0 it adds up; 65 it doesn't, or is no certificate; 69 there is no such file.

            Examples:
              qwave certificate block.json
              qwave certificate block.json --json
            """)

    @Argument(help: ArgumentHelp("The certificate (JSON), or - for standard input.", valueName: "file"))
    var file: String

    @OptionGroup var output: OutputOptions

    /// Far more than any certificate has.
    private static let limit = 64 << 20

    func run() async throws {
        let certificate = try Certificate(json: try Files.read(file, limit: Self.limit))
        let result = CertificateResult(certificate)
        try output.show(result)
        guard result.faults.isEmpty else { throw ExitCode(ExitStatus.badInput.rawValue) }
    }
}
