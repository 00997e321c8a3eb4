// SPDX-License-Identifier: GPL-3.0-or-later

/// The public link between the two endpoints: ordered, reliable, classical, and readable by anybody.
///
/// In memory for replays, tests and benchmarks (`Loopback`); TCP in `Transport`.
public protocol Link: Sendable {
    /// Sends one message. Waits while the peer is too slow; throws `.linkClosed` when either end closed.
    func send(_ message: [UInt8]) async throws(QWaveError)
    /// The next message, in order. Throws `.linkClosed` when the peer closed and nothing is left.
    func receive() async throws(QWaveError) -> [UInt8]
    /// Closes both directions; every waiting call of either end returns with `.linkClosed`.
    func close() async
}
