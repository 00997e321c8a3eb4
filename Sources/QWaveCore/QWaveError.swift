// SPDX-License-Identifier: GPL-3.0-or-later

/// The one error of QWave: what kind, what to tell a person, and what caused it.
///
/// The message says what failed, where, with which value, and what to do about it. It never holds a
/// secret value. Codes are an open set: a later version may add one, so a `switch` over them needs a default.
public struct QWaveError: Error, Sendable {
    /// The kind of failure. It decides the exit status of the command line.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let name: String
        public init(_ name: String) { self.name = name }
        public var description: String { name }

        /// No key: the block was refused, and the message says why (exit 3).
        public static let refused = Code("refused")
        /// An option or argument makes no sense (exit 64).
        public static let usage = Code("usage")
        /// Bytes from outside are malformed, truncated or foreign (exit 65).
        public static let badInput = Code("badInput")
        /// A device, file or peer isn't there (exit 69).
        public static let unavailable = Code("unavailable")
        /// The peer said something that the protocol doesn't allow here (exit 76).
        public static let protocolViolation = Code("protocolViolation")
        /// A tag is wrong, or the secret that would make one is missing or exhausted (exit 77).
        public static let notAuthenticated = Code("notAuthenticated")
        /// The link was closed, by either end.
        public static let linkClosed = Code("linkClosed")
        /// A wait passed its deadline.
        public static let timedOut = Code("timedOut")
        /// The task was cancelled.
        public static let cancelled = Code("cancelled")
        /// The operating system's random generator failed; there is never a fallback.
        public static let noRandomness = Code("noRandomness")
        /// Reading or writing storage failed.
        public static let storage = Code("storage")
        /// A broken promise inside QWave itself.
        public static let internalFault = Code("internalFault")
    }

    public let code: Code
    public let message: String
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension QWaveError: CustomStringConvertible {
    public var description: String {
        cause.map { "\(message) (\($0))" } ?? message
    }
}
