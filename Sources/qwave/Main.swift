// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import QWaveCore

/// Where the process begins and ends: runs the command, tells of failures, and sets the exit status.
@main
enum Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let task = Task { try await run(arguments) }
        let interruption = Interruption(cancelling: task)
        let result = await task.result
        guard case .failure(let error) = result else { exit(ExitStatus.done.rawValue) }
        // A command that was asked to stop and did ends as the signal would have ended it, after cleaning up.
        if let signal = interruption.signal, ExitStatus.isCancellation(error) { Interruption.die(of: signal) }
        exit(FailureReport(error, json: FailureReport.wantsJSON(arguments)).show())
    }

    /// Parses and runs one command line.
    static func run(_ arguments: [String]) async throws {
        var command = try await RootCommand.asyncParseAsRoot(arguments)
        try protect(type(of: command))
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
    }

    /// Nobody looks into a process that may hold keys.
    private static func protect(_ command: any ParsableCommand.Type) throws {
        try ProcessProtection.apply(isPrivate: !(command is any MeasuresItself.Type))
    }
}

/// A command that looks into its own process, and that no user trusts with a key.
protocol MeasuresItself {}
