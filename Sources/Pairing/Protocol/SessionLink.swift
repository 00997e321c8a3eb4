// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// The link of a session: it hears ABORT wherever it comes, and says it once where this end fails.
///
/// A stage that fails closes its link; here that becomes ABORT and then the close, so that the peer learns that the
/// session is over and never why. ABORT itself stays out of the transcript: nothing is checked after it.
final class SessionLink: Link {
    private struct State {
        var isOver = false
        var peerAborted = false
    }

    private let base: any Link
    private let state = Mutex(State())

    private init(_ base: any Link) { self.base = base }

    /// The session's link over `link`, or `link` itself where it is one.
    static func over(_ link: any Link) -> SessionLink { link as? SessionLink ?? SessionLink(link) }

    /// Whether the peer said ABORT.
    var peerAborted: Bool { state.withLock { $0.peerAborted } }

    func send(_ message: [UInt8]) async throws(QWaveError) { try await base.send(message) }

    func receive() async throws(QWaveError) -> [UInt8] {
        let message = try await base.receive()
        guard message != [SessionMessage.abort] else {
            state.withLock {
                $0.isOver = true
                $0.peerAborted = true
            }
            throw QWaveError(.linkClosed, "the peer ended the exchange")
        }
        return message
    }

    /// Closes after a failure: with ABORT, unless one was said or heard.
    func close() async {
        let speaks = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        if speaks { try? await base.send([SessionMessage.abort]) }
        await base.close()
    }

    /// Closes where both ends know that it is over.
    func finish() async {
        state.withLock { $0.isOver = true }
        await base.close()
    }
}
