// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import QWaveCore
internal import Radio

/// The exit statuses of the command line; 64 and above are those of sysexits.h.
enum ExitStatus: Int32 {
    case done = 0
    /// No key: refused, with the reasons.
    case refused = 3
    case usage = 64
    case badInput = 65
    /// A device, file or peer isn't there, or stopped answering.
    case unavailable = 69
    /// Anything else.
    case other = 70
    case protocolViolation = 76
    case notAuthenticated = 77

    init(_ code: QWaveError.Code) {
        self =
            switch code {
            case .refused: .refused
            case .usage: .usage
            case .badInput: .badInput
            case .unavailable, .linkClosed, .timedOut, .deviceGone, .deviceClaimed: .unavailable
            case .protocolViolation: .protocolViolation
            case .notAuthenticated: .notAuthenticated
            default: .other
            }
    }

    /// True for what a cancelled task throws.
    static func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || (error as? QWaveError)?.code == .cancelled
    }
}
