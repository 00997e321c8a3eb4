internal import NIOCore
internal import NIOPosix
// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The public link over TCP, by scope: it lives as long as the closure that gets it, and is closed after, whether
/// that returned or threw.
///
/// ```swift
/// try await Transport.listen(host: "0.0.0.0", port: 7000) { link in … }       // one end
/// try await Transport.connect(host: "alice.example", port: 7000) { link in … } // the other
/// ```
///
/// Transport gives order, delivery and bounds, no secrecy and no authenticity: those are the session's above.
/// On the wire a message is its length as 32 bits, big-endian, then its bytes; there is nothing else. Every wait
/// has a deadline (`Limits`). Peers that vanish, reset or half-close end in `.linkClosed`, silent ones in
/// `.timedOut`, absent ones in `.unavailable`.
public enum Transport {
    /// Connects to a listening peer and runs `body` on the link.
    ///
    /// A refused or unreachable peer is tried again, after 0.1 s at first and 2 s at most, until `deadline`: so
    /// either end may start first, and a call after `.linkClosed` is the way to reconnect. A name that can't be
    /// resolved fails at once.
    ///
    /// - Parameters:
    ///   - host: name or address, IPv4 or IPv6.
    ///   - port: 1 to 65535.
    ///   - deadline: how long to try.
    public static func connect<Result>(
        host: String, port: Int, deadline: Duration = .seconds(30), limits: Limits = Limits(),
        _ body: (any Link) async throws(QWaveError) -> Result
    ) async throws(QWaveError) -> Result {
        try await closing(
            Connector(host: host, port: port, deadline: deadline, limits: limits).connect(), body)
    }

    /// Waits for one peer and runs `body` on its link; nobody else is let in meanwhile or after.
    ///
    /// - Parameters:
    ///   - host: the local address to listen on: `127.0.0.1` for this host only, `0.0.0.0` or `::` for all.
    ///   - port: 1 to 65535, or 0 for a free one.
    ///   - deadline: how long to wait for the peer; nil waits until cancelled.
    ///   - admission: lets in who speaks first in time, where the protocol has the peer speak first; nil lets in who
    ///     connects first.
    ///   - ready: called with the port that was taken, when peers can connect.
    public static func listen<Result>(
        host: String, port: Int, deadline: Duration? = nil, limits: Limits = Limits(),
        admission: Admission? = nil, ready: (Int) -> Void = { _ in },
        _ body: (any Link) async throws(QWaveError) -> Result
    ) async throws(QWaveError) -> Result {
        try await withListener(host: host, port: port, limits: limits, admission: admission) {
            listener async throws(QWaveError) in
            ready(listener.port)
            return try await listener.accept(deadline: deadline, body)
        }
    }

    /// Listens for as long as `body` runs; each `accept` in it serves one peer.
    public static func withListener<Result>(
        host: String, port: Int, limits: Limits = Limits(), admission: Admission? = nil,
        _ body: (Listener) async throws(QWaveError) -> Result
    ) async throws(QWaveError) -> Result {
        let listener = try await Listener.bind(
            host: host, port: port, limits: limits, admission: admission)
        do throws(QWaveError) {
            let result = try await body(listener)
            await listener.close()
            return result
        } catch {
            await listener.close()
            throw error
        }
    }

    /// Runs `body` on a link and closes it after.
    static func closing<Result>(
        _ link: TCPLink, _ body: (any Link) async throws(QWaveError) -> Result
    ) async throws(QWaveError) -> Result {
        do throws(QWaveError) {
            let result = try await body(link)
            await link.close()
            return result
        } catch {
            await link.close()
            throw error
        }
    }

    /// `host:port`, with brackets where the host has colons of its own.
    static func name(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Checks a port from outside.
    static func check(port: Int, lowest: Int) throws(QWaveError) {
        guard (lowest...65535).contains(port) else {
            throw QWaveError(.usage, "port \(port) makes no sense here: give one from \(lowest) to 65535")
        }
    }
}
