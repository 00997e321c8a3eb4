// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// The link of a session: it hears ABORT wherever it comes, and says it once where this end fails.
///
/// A stage that fails closes its link; here that becomes ABORT and then the close, so that the peer learns that the
/// session is over and never why. ABORT itself stays out of the transcript: nothing is checked after it.
///
/// It says ABORT a whole number of `padding` after it last heard something, so that the time tells as little of the
/// reason as the byte does: whoever changes messages can't tell a wrong tag from a wrong length by the clock.
final class SessionLink: Link {
    private struct State {
        var isOver = false
        var peerAborted = false
        var heard = ContinuousClock.now
    }

    private let base: any Link
    private let state = Mutex(State())

    private let padding: Duration

    private init(_ base: any Link, padding: Duration) {
        self.base = base
        self.padding = padding
    }

    /// The session's link over `link`, or `link` itself where it is one.
    static func over(_ link: any Link, padding: Duration) -> SessionLink {
        link as? SessionLink ?? SessionLink(link, padding: padding)
    }

    /// Whether the peer said ABORT.
    var peerAborted: Bool { state.withLock { $0.peerAborted } }

    func send(_ message: [UInt8]) async throws(QWaveError) { try await base.send(message) }

    func receive() async throws(QWaveError) -> [UInt8] {
        let message = try await base.receive()
        state.withLock { $0.heard = ContinuousClock.now }
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
        if speaks {
            let moment = Self.moment(after: state.withLock { $0.heard }, now: .now, padding: padding)
            // A session that is cancelled ends at once: its own operator asks for it.
            try? await Task.sleep(until: moment, clock: .continuous)
            try? await base.send([SessionMessage.abort])
        }
        await base.close()
    }

    /// When ABORT is said: the next multiple of `padding` after the last message.
    static func moment(
        after heard: ContinuousClock.Instant, now: ContinuousClock.Instant, padding: Duration
    ) -> ContinuousClock.Instant {
        guard padding > .zero else { return now }
        let steps = max(1, ((now - heard) / padding).rounded(.up))
        return heard + padding * steps
    }

    /// Closes where both ends know that it is over.
    func finish() async {
        state.withLock { $0.isOver = true }
        await base.close()
    }
}
