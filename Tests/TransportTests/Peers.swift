import NIOCore
import NIOPosix
import QWaveCore

@testable import Transport

// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Two ends of one connection over loopback, both closed after.
func withLinks(
    limits: Limits = Limits(wait: .seconds(20)), _ body: (TCPLink, TCPLink) async throws -> Void
) async throws {
    let listener = try await Listener.bind(host: "127.0.0.1", port: 0, limits: limits)
    let port = listener.port
    async let dialed = Connector(host: "127.0.0.1", port: port, deadline: .seconds(20), limits: limits)
        .connect()
    let server = try await listener.next()
    let client = try await dialed
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(client, server)) } catch { outcome = .failure(error) }
    await client.close()
    await server.close()
    await listener.close()
    try outcome.get()
}

/// A link whose peer is a bare socket that sends what a test tells it to, and reads nothing.
func withRawPeer(
    limits: Limits = Limits(wait: .seconds(20)), _ body: (TCPLink, RawPeer) async throws -> Void
) async throws {
    let listener = try await Listener.bind(host: "127.0.0.1", port: 0, limits: limits)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.autoRead, value: false)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: "127.0.0.1", port: listener.port).get()
    let link = try await listener.next()
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(link, RawPeer(channel: channel))) } catch {
        outcome = .failure(error)
    }
    channel.close(promise: nil)
    await link.close()
    await listener.close()
    try outcome.get()
}

struct RawPeer {
    let channel: any Channel

    func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
    func closeOutput() async throws { try await channel.close(mode: .output) }
    /// A reset instead of the usual farewell.
    func reset() async throws {
        let options = channel as? any SocketOptionProvider
        try await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }
}

/// The code of the error that `body` throws; nil where it throws none or another.
func code(of body: () async throws -> some Any) async -> QWaveError.Code? {
    do { _ = try await body() } catch { return (error as? QWaveError)?.code }
    return nil
}

/// A message for a test, the same for the same seed.
func message(_ count: Int, seed: Int = 1) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8) ^ seed) }
}
