// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Synchronization

/// A line on standard error that tells how far long work has come; nothing at all where standard error isn't a
/// terminal, and nothing in the first two seconds.
final class Progress: Sendable {
    private struct State {
        var begun: ContinuousClock.Instant
        var shown: ContinuousClock.Instant?
    }

    private let what: String
    private let enabled: Bool
    private let state = Mutex(State(begun: .now))
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - what: names the work, as in "simulating".
    ///   - enabled: false keeps it silent.
    init(
        _ what: String, enabled: Bool = StandardError.isTerminal,
        write: @escaping @Sendable (String) -> Void = {
            try? FileHandle.standardError.write(contentsOf: Data($0.utf8))
        }
    ) {
        self.what = what
        self.enabled = enabled
        self.write = write
    }

    /// Tells that `fraction` of the work is done, 0 to 1; call it as often as you like.
    func update(_ fraction: Double, at now: ContinuousClock.Instant = .now) {
        guard enabled, fraction.isFinite else { return }
        let due = state.withLock { state in
            guard now - state.begun > .seconds(2) else { return false }
            if let shown = state.shown, now - shown < .milliseconds(200) { return false }
            state.shown = now
            return true
        }
        if due { write("\r\u{1B}[K\(what) \(Int((min(max(fraction, 0), 1) * 100).rounded(.down))) %") }
    }

    /// Takes the line away.
    func finish() {
        let wasShown = state.withLock { state in
            defer { state.shown = nil }
            return state.shown != nil
        }
        if wasShown { write("\r\u{1B}[K") }
    }
}
