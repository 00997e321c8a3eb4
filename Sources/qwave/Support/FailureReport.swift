// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Foundation
internal import QWaveCore

/// What the command line says and returns when a command throws: text on standard error, and with `--json` also
/// one object `{"error": {"code": …, "message": …}}` on standard output.
struct FailureReport {
    /// Text for standard output: help and version, which the parser throws too.
    private(set) var output: String?
    /// Text for standard error.
    private(set) var complaint: String?
    private(set) var status: Int32
    private let code: String
    private let message: String
    private let json: Bool

    init(_ error: any Error, json: Bool) {
        self.json = json
        switch error {
        case let error as QWaveError:
            (code, message) = (error.code.name, Self.text(of: error))
            status = ExitStatus(error.code).rawValue
            complaint = "qwave: \(message)"
        case is CancellationError:
            (code, message) = (QWaveError.Code.cancelled.name, "cancelled")
            status = ExitStatus.other.rawValue
            complaint = "qwave: \(message)"
        case let error as ExitCode:
            // The command has told its result already.
            (code, message) = ("exit", "")
            status = error.rawValue
        default:
            let parsed = RootCommand.exitCode(for: error)
            message = RootCommand.message(for: error)
            if parsed.isSuccess {
                code = "exit"
                status = ExitStatus.done.rawValue
                output = RootCommand.fullMessage(for: error)
            } else if parsed == .validationFailure {
                code = QWaveError.Code.usage.name
                status = ExitStatus.usage.rawValue
                complaint = RootCommand.fullMessage(for: error)
            } else {
                code = QWaveError.Code.internalFault.name
                status = ExitStatus.other.rawValue
                complaint = "qwave: \(message)"
            }
        }
    }

    /// The message, and behind it what caused it, without the inner life of the system's own error types.
    private static func text(of error: QWaveError) -> String {
        guard let cause = error.cause else { return error.message }
        let reason =
            switch cause {
            case let cause as QWaveError: text(of: cause)
            case let cause as CocoaError: cause.localizedDescription
            case let cause as POSIXError: cause.localizedDescription
            default: "\(cause)"
            }
        return "\(error.message) (\(reason))"
    }

    /// Prints the report and returns the exit status.
    func show() -> Int32 {
        if let complaint { StandardError.write(complaint) }
        if let output { try? StandardOutput.write(output + "\n") }
        if json, complaint != nil {
            try? StandardOutput.write(JSON.line(Failure(error: .init(code: code, message: message))))
        }
        return status
    }

    /// Whether `--json` stands among the arguments, for failures that happen before or while they are parsed.
    static func wantsJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }

    private struct Failure: Encodable {
        struct Detail: Encodable {
            var code: String
            var message: String
        }
        var error: Detail
    }
}
