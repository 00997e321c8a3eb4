// SPDX-License-Identifier: GPL-3.0-or-later
import NIOCore
import NIOPosix
import QWaveCore
import Testing

@testable import Transport

/// Strangers who connect and say little.
@Suite struct AdmissionTests {
    private func stranger(_ port: Int, says bytes: [UInt8] = []) async throws -> any Channel {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: true)
            .connect(host: "127.0.0.1", port: port).get()
        // On a busy machine the listener may have sent it away by now.
        if !bytes.isEmpty { try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
        return channel
    }

    private func listening(
        _ admission: Admission, _ body: (Int, Task<[UInt8], any Error>) async throws -> Void
    ) async throws {
        let listener = try await Listener.bind(
            host: "127.0.0.1", port: 0, limits: Limits(wait: .seconds(600)), admission: admission)
        let port = listener.port
        let served = Task {
            try await listener.accept(deadline: .seconds(600)) { link async throws(QWaveError) in
                let first = try await link.receive()
                try await link.send([7])
                return first
            }
        }
        do { try await body(port, served) } catch {
            served.cancel()
            await listener.close()
            throw error
        }
        await listener.close()
    }

    private func honest(_ port: Int, _ message: [UInt8]) async throws -> [UInt8] {
        try await Transport.connect(host: "127.0.0.1", port: port) { link async throws(QWaveError) in
            try await link.send(message)
            return try await link.receive()
        }
    }

    @Test func `whoever says a whole message first is let in, and those who connected before are sent away`()
        async throws
    {
        try await listening(Admission(time: .seconds(600), places: 8)) { port, served in
            var strangers: [any Channel] = []
            for index in 0..<5 {
                strangers.append(try await stranger(port, says: Array([0, 0, 0, 9, 1].prefix(index))))
            }
            #expect(try await honest(port, [1, 2, 3]) == [7])
            #expect(try await served.value == [1, 2, 3])
            for stranger in strangers { try await stranger.closeFuture.get() }
        }
    }

    @Test func `when all places are taken the oldest goes, and nobody is kept out`() async throws {
        try await listening(Admission(time: .seconds(600), places: 2)) { port, served in
            var strangers: [any Channel] = []
            for _ in 0..<6 { strangers.append(try await stranger(port, says: [0])) }
            for stranger in strangers.prefix(4) { try await stranger.closeFuture.get() }
            #expect(try await honest(port, [9]) == [7])
            #expect(try await served.value == [9])
        }
    }

    @Test func `a first message that is too slow ends its connection`() async throws {
        try await listening(Admission(time: .milliseconds(50), places: 8)) { port, served in
            let slow = try await stranger(port, says: [0, 0, 0, 2, 8])
            try await slow.closeFuture.get()
            served.cancel()
        }
    }

    @Test func `a first message that is announced too long ends its connection, and keeps nobody out`()
        async throws
    {
        try await listening(Admission(time: .seconds(600), places: 8, message: 16)) { port, served in
            let long = try await stranger(port, says: [0, 0, 0, 17])
            try await long.closeFuture.get()
            #expect(try await honest(port, [UInt8](repeating: 5, count: 16)) == [7])
            #expect(try await served.value.count == 16)
        }
    }

    @Test func `long messages still pass once a peer is in`() async throws {
        let listener = try await Listener.bind(
            host: "127.0.0.1", port: 0, limits: Limits(wait: .seconds(600)), admission: Admission())
        let port = listener.port
        let long = message(1 << 20)
        async let sent: Void = Transport.connect(host: "127.0.0.1", port: port) {
            link async throws(QWaveError) in
            try await link.send([1])
            try await link.send(long)
        }
        let got = try await listener.accept { link async throws(QWaveError) in
            _ = try await link.receive()
            return try await link.receive()
        }
        try await sent
        #expect(got == long)
        await listener.close()
    }
}
