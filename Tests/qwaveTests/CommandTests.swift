// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import QWaveCore
import Synchronization
import Testing

@testable import qwave

/// What holds for every subcommand, those to come included.
@Suite struct CommandTests {
    /// All commands with something to run, with the words that call them.
    private static func leaves(
        _ commands: [any ParsableCommand.Type], path: [String] = []
    ) -> [(path: [String], command: any ParsableCommand.Type)] {
        commands.flatMap { command -> [(path: [String], command: any ParsableCommand.Type)] in
            let name = path + [command._commandName]
            let children = command.configuration.subcommands
            return children.isEmpty ? [(name, command)] : leaves(children, path: name)
        }
    }

    /// The lines of the discussion that call qwave, as words.
    private static func examples(of command: any ParsableCommand.Type) -> [[String]] {
        command.configuration.discussion.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            return words.first == "qwave" ? Array(words.dropFirst()) : nil
        }
    }

    @Test func `every subcommand has an abstract, an example that parses, and --json`() throws {
        for (path, command) in Self.leaves(RootCommand.subcommands) {
            #expect(!command.configuration.abstract.isEmpty, "\(path)")
            let examples = Self.examples(of: command)
            #expect(!examples.isEmpty, "\(path) shows no example")
            for example in examples {
                #expect(throws: Never.self, "qwave \(example.joined(separator: " "))") {
                    let parsed = try RootCommand.parseAsRoot(example)
                    #expect(type(of: parsed) == command, "\(example)")
                }
                #expect(throws: Never.self, "\(path) has no --json") {
                    try RootCommand.parseAsRoot(example.filter { $0 != "--json" } + ["--json"])
                }
            }
        }
    }

    @Test func `each kind of error has the exit status of the manual`() {
        let expected: [(QWaveError.Code, Int32)] = [
            (.refused, 3), (.usage, 64), (.badInput, 65), (.unavailable, 69), (.linkClosed, 69),
            (.timedOut, 69),
            (.protocolViolation, 76), (.notAuthenticated, 77), (.cancelled, 70), (.noRandomness, 70),
            (.storage, 70),
            (.internalFault, 70), (QWaveError.Code("of a later version"), 70),
        ]
        for (code, status) in expected {
            let report = FailureReport(QWaveError(code, "planted"), json: false)
            #expect(report.status == status, "\(code)")
            #expect(report.complaint == "qwave: planted")
            #expect(report.output == nil)
        }
    }

    @Test
    func `errors of other origin are anything else, usage errors are 64, and a told failure says no more`() {
        struct Foreign: Error {}
        #expect(FailureReport(Foreign(), json: false).status == 70)
        #expect(FailureReport(ValidationError("planted"), json: false).status == 64)
        #expect(FailureReport(CancellationError(), json: false).status == 70)
        let told = FailureReport(ExitCode(3), json: true)
        #expect(told.status == 3 && told.complaint == nil && told.output == nil)
    }

    @Test func `--json is seen before the arguments' end mark only`() {
        #expect(FailureReport.wantsJSON(["inspect", "--json", "x"]))
        #expect(!FailureReport.wantsJSON(["inspect", "--", "--json"]))
        #expect(!FailureReport.wantsJSON(["inspect"]))
    }

    @Test func `results have sorted keys, one line, and null where asked`() throws {
        struct Result: Encodable {
            var zebra = 1
            var apple = "a/b"
            var rate = OrNull<Double>(nil)
            var half = OrNull<Double>(0.5)
        }
        #expect(try JSON.line(Result()) == #"{"apple":"a/b","half":0.5,"rate":null,"zebra":1}"# + "\n")
        #expect(throws: QWaveError.self) { try JSON.line(["x": Double.nan]) }
    }

    @Test func `progress is silent for two seconds, and always where nobody watches`() {
        final class Screen: Sendable {
            let text = Mutex("")
            func write(_ new: String) { text.withLock { $0 += new } }
            var shown: String { text.withLock { $0 } }
        }
        let screen = Screen()
        let begun = ContinuousClock.now
        let progress = Progress("working", enabled: true) { screen.write($0) }
        progress.update(0.1, at: begun + .seconds(1))
        progress.finish()
        #expect(screen.shown.isEmpty)
        progress.update(0.426, at: begun + .seconds(5))
        #expect(screen.shown.contains("working 42 %"))
        progress.update(0.5, at: begun + .seconds(5) + .milliseconds(50))
        #expect(!screen.shown.contains("50 %"))
        progress.update(7, at: begun + .seconds(9))
        #expect(screen.shown.contains("100 %"))

        let nobody = Screen()
        let silent = Progress("working", enabled: false) { nobody.write($0) }
        silent.update(0.5, at: begun + .seconds(60))
        silent.finish()
        #expect(nobody.shown.isEmpty)
    }
}
