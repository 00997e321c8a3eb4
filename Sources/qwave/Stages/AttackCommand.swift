// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import Laboratory
internal import QWaveCore

/// `qwave attack`: the adversary suite.
struct AttackCommand: AsyncParsableCommand, MeasuresItself {
    static let configuration = CommandConfiguration(
        commandName: "attack",
        abstract: "Attacks this build, and a known-bad one beside it.",
        discussion: """
            The rows of --list are those of the table in Documentation/attacks.md. Each attack runs twice: against the product, which must hold, and against a build with a planted fault, \
            which must be caught; a suite that passes a broken build is broken itself. What an attack does and \
            when it has failed: --list, and Documentation/attacks.md.

            Exit status: 0 every attack passed; 70 an attack or a control failed.

            Examples:
              qwave attack --list
              qwave attack frozen-channel --quick
              qwave attack --all --long --report attack-report.md
            """)

    @Argument(help: ArgumentHelp("Names of attacks.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "Tell what each attack does, when it has failed, and how its control is broken.")
    var list = false

    @Flag(help: "Run every attack.")
    var all = false

    @Flag(help: "The short form, seconds an attack.")
    var quick = false

    @Flag(help: "The long form, before a release.")
    var long = false

    @Option(help: ArgumentHelp("Everything random follows from this number.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Recorded captures, for the attacks that also run on them; $QWAVE_CAPTURES unless given.",
            valueName: "folder"))
    var captures: String?

    @Option(help: ArgumentHelp("Write a report in Markdown.", valueName: "file"))
    var report: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [list, all, !names.isEmpty].count(where: { $0 }) == 1 else {
            throw ValidationError("give --list, --all, or names of attacks")
        }
        guard !(quick && long) else { throw ValidationError("choose --quick or --long") }
        if let captures {
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: captures, isDirectory: &isFolder),
                isFolder.boolValue
            else { throw ValidationError("--captures: \(captures) is no folder") }
        }
    }

    func run() async throws {
        guard !list else { return try output.show(AttackList()) }
        let attacks = all ? AttackSuite.attacks : try names.map { try AttackSuite.named($0) }
        let progress = Progress("attacking")
        var verdicts: [AttackVerdict] = []
        for (index, attack) in attacks.enumerated() {
            let setting = AttackSetting(
                length: length, seed: seed, captures: folder,
                progress: { progress.update((Double(index) + $0) / Double(attacks.count)) })
            let verdict = try await AttackSuite.run(attack, setting)
            progress.finish()
            verdicts.append(verdict)
            // Long runs tell as they go.
            if !output.json { try StandardOutput.write(AttackReport.text(verdict) + "\n") }
        }
        progress.finish()
        let report = AttackReport(verdicts)
        if output.json {
            try StandardOutput.write(JSON.line(report))
        } else {
            try StandardOutput.write(report.text + "\n")
        }
        if let file = self.report {
            let page = AttackPage(verdicts, seed: seed, length: length, hasCaptures: folder != nil)
            try Files.write(Array(page.text.utf8), to: file)
        }
        guard report.passed else { throw ExitCode(ExitStatus.other.rawValue) }
    }

    private var length: AttackSetting.Length { quick ? .quick : long ? .long : .standard }

    private var folder: URL? {
        (captures ?? ProcessInfo.processInfo.environment["QWAVE_CAPTURES"]).map { URL(fileURLWithPath: $0) }
    }
}

/// `qwave attack --list`.
struct AttackList: CommandResult {
    struct Entry: Encodable {
        var name: String
        var rows: [Int]
        var models: String
        var criterion: String
        var control: String
    }

    var attacks = AttackSuite.attacks.map {
        Entry(name: $0.name, rows: $0.rows, models: $0.models, criterion: $0.criterion, control: $0.control)
    }

    var text: String {
        attacks.map {
            "\($0.name)\n  rows       \($0.rows.isEmpty ? "-" : $0.rows.map(String.init).joined(separator: ", "))\n"
                + "  attack     \($0.models)\n  must hold  \($0.criterion)\n  control    \($0.control)"
        }.joined(separator: "\n\n")
    }
}
