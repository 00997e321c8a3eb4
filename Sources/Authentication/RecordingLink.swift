// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A link whose every message, sent or received, enters a transcript.
///
/// One is made for each exchange. At most one task sends at a time, and one receives: the order of a
/// direction's messages is part of what is authenticated.
public struct RecordingLink: Link {
    private let base: any Link
    private let transcript: Transcript
    private let role: Party.Role

    /// - Parameter role: the role of this end, whose direction the sent messages have.
    public init(_ base: any Link, into transcript: Transcript, as role: Party.Role) {
        self.base = base
        self.transcript = transcript
        self.role = role
    }

    public func send(_ message: [UInt8]) async throws(QWaveError) {
        // Before it leaves: the answer may be checked by another task before `send` returns.
        transcript.absorb(message, direction: role.sending)
        try await base.send(message)
    }

    public func receive() async throws(QWaveError) -> [UInt8] {
        let message = try await base.receive()
        transcript.absorb(message, direction: role.other.sending)
        return message
    }

    public func close() async { await base.close() }
}
