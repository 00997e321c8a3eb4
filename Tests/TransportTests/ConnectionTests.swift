// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Synchronization
import Testing

@testable import Transport

@Suite struct ConnectionTests {
    /// A port that nobody listened on a moment ago.
    private func freePort() async throws -> Int {
        try await Transport.withListener(host: "127.0.0.1", port: 0) { $0.port }
    }

    @Test func `listen and connect by scope, with the chosen port reported`() async throws {
        let (ports, report) = AsyncStream.makeStream(of: Int.self)
        async let answer = Transport.listen(
            host: "127.0.0.1", port: 0, deadline: .seconds(20), ready: { report.yield($0) }
        ) { link async throws(QWaveError) in
            let question = try await link.receive()
            try await link.send(question.reversed())
            return question.count
        }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        #expect(port > 0)
        let reply = try await Transport.connect(host: "localhost", port: port) {
            link async throws(QWaveError) in
            try await link.send([1, 2, 3])
            return try await link.receive()
        }
        #expect(reply == [3, 2, 1])
        #expect(try await answer == 3)
    }

    @Test func `a listener serves one peer after the other`() async throws {
        let listener = try await Listener.bind(host: "127.0.0.1", port: 0, limits: Limits(wait: .seconds(20)))
        let port = listener.port
        async let clients = withThrowingTaskGroup(of: [UInt8].self) { group in
            for index in 0..<5 {
                group.addTask {
                    try await Transport.connect(host: "127.0.0.1", port: port) {
                        link async throws(QWaveError) in
                        try await link.send([UInt8(index)])
                        return try await link.receive()
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for _ in 0..<5 {
            try await listener.accept { link async throws(QWaveError) in
                let name = try await link.receive()
                try await link.send(name + [99])
            }
        }
        #expect(try await clients.sorted { $0[0] < $1[0] } == (0..<5).map { [UInt8($0), 99] })
        await listener.close()
    }

    @Test func `a peer that fails closes its link, and the other end hears of it`() async throws {
        let listener = try await Listener.bind(host: "127.0.0.1", port: 0, limits: Limits(wait: .seconds(20)))
        let port = listener.port
        async let failed = code {
            try await Transport.connect(host: "127.0.0.1", port: port) { _ async throws(QWaveError) in
                throw QWaveError(.refused, "planted")
            }
        }
        let seen = await code {
            try await listener.accept { link async throws(QWaveError) in try await link.receive() }
        }
        #expect(seen == .linkClosed)
        #expect(await failed == .refused)
        await listener.close()
    }

    @Test func `nobody there is unavailable, with advice`() async throws {
        let port = try await freePort()
        // No listener of another test binds this address, whatever port it is given.
        // One try with ample time: however slow the machine, its answer is the refusal.
        let connector = Connector(host: "127.0.0.77", port: port, deadline: .seconds(60), limits: Limits())
        let error = await #expect(throws: QWaveError.self) {
            _ = try await connector.attempt(within: .seconds(60))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("127.0.0.77:\(port)") == true)
        #expect(error?.message.contains("start the listening end") == true)
    }

    @Test func `trying again ends at the deadline`() async throws {
        let port = try await freePort()
        let ended = await code {
            try await Transport.connect(host: "127.0.0.1", port: port, deadline: .milliseconds(250)) { _ in }
        }
        #expect(ended == .unavailable || ended == .timedOut)
    }

    @Test func `a name that cannot be resolved fails at once`() async throws {
        let error = await #expect(throws: QWaveError.self) {
            try await Transport.connect(host: "not a host", port: 7000, deadline: .seconds(3600)) { _ in }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("resolved") == true)
    }

    @Test func `the connecting end may start first`() async throws {
        let port = try await freePort()
        async let got = Transport.connect(host: "127.0.0.1", port: port, deadline: .seconds(20)) {
            link async throws(QWaveError) in try await link.receive()
        }
        try await Task.sleep(for: .milliseconds(250))
        try await Transport.listen(host: "127.0.0.1", port: port, deadline: .seconds(20)) {
            link async throws(QWaveError) in try await link.send([5])
        }
        #expect(try await got == [5])
    }

    @Test func `waiting for a peer has a deadline and can be cancelled`() async throws {
        #expect(
            await code {
                try await Transport.listen(host: "127.0.0.1", port: 0, deadline: .milliseconds(40)) { _ in }
            } == .timedOut)
        let waiting = Task { try await Transport.listen(host: "127.0.0.1", port: 0) { _ in } }
        waiting.cancel()
        #expect(await code { try await waiting.value } == .cancelled)
    }

    @Test func `connecting can be cancelled between two tries`() async throws {
        let port = try await freePort()
        let trying = Task {
            try await Transport.connect(host: "127.0.0.1", port: port, deadline: .seconds(3600)) { _ in }
        }
        try await Task.sleep(for: .milliseconds(30))
        trying.cancel()
        #expect(await code { try await trying.value } == .cancelled)
    }

    @Test func `a taken port is unavailable, and says so`() async throws {
        let error = try await Transport.withListener(host: "127.0.0.1", port: 0) { first in
            do throws(QWaveError) {
                try await Transport.withListener(host: "127.0.0.1", port: first.port) { _ in }
                return QWaveError?.none
            } catch {
                return error
            }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("taken") == true)
    }

    @Test(arguments: [-1, 0, 65_536])
    func `a port that makes no sense is a usage error`(port: Int) async throws {
        #expect(await code { try await Transport.connect(host: "127.0.0.1", port: port) { _ in } } == .usage)
    }

    @Test func `links work over IPv6 where the machine has it`() async throws {
        guard let listener = try? await Listener.bind(host: "::1", port: 0, limits: Limits()) else { return }
        let port = listener.port
        async let sent: Void = Transport.connect(host: "::1", port: port) { link async throws(QWaveError) in
            try await link.send([6])
        }
        let got = try await listener.accept { link async throws(QWaveError) in try await link.receive() }
        try await sent
        #expect(got == [6])
        await listener.close()
    }
}
