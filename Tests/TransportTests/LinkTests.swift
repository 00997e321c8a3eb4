// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Testing

@testable import Transport

@Suite struct LinkTests {
    @Test(arguments: [0, 1, 65_535, 65_536, 1 << 20, Limits.largestMessage])
    func `a message comes back as it was sent`(size: Int) async throws {
        let sent = message(size)
        try await withLinks { client, server in
            async let echoed: Void = server.send(server.receive())
            try await client.send(sent)
            try await echoed
            #expect(try await client.receive() == sent)
        }
    }

    @Test func `messages keep their order in both directions at once`() async throws {
        try await withLinks { client, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for link in [client, server] {
                    group.addTask {
                        for index in 0..<500 { try await link.send(message(index * 7 % 900, seed: index)) }
                    }
                    group.addTask {
                        for index in 0..<500 {
                            let got = try await link.receive()
                            #expect(got == message(index * 7 % 900, seed: index))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `two links in parallel do not mix`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 1...2 {
                group.addTask {
                    try await withLinks { client, server in
                        for index in 0..<50 {
                            try await client.send(message(2000 + index, seed: seed))
                            #expect(try await server.receive() == message(2000 + index, seed: seed))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a reader that stops makes the sender wait, then time out`() async throws {
        try await withLinks(limits: Limits(wait: .milliseconds(300))) { client, _ in
            let big = message(1 << 20)
            var sent = 0
            let ended = await code {
                while sent < 200 {
                    try await client.send(big)
                    sent += 1
                }
            }
            #expect(ended == .timedOut)
            // What the kernel's two buffers and the inbox hold, far below the 200 MiB on offer.
            #expect(sent < 64)
            // The sender's end is closed for good.
            #expect(await code { try await client.send([1]) } == .timedOut)
        }
    }

    @Test func `a slow reader gets everything in the end`() async throws {
        try await withLinks { client, server in
            async let sending: Void = {
                for index in 0..<40 { try await client.send(message(1 << 20, seed: index)) }
            }()
            // Reading stops for want of room, and starts again.
            while server.state.inbox.hasRoom { try await Task.sleep(for: .milliseconds(5)) }
            for index in 0..<40 { #expect(try await server.receive() == message(1 << 20, seed: index)) }
            try await sending
        }
    }

    @Test func `a receive past its deadline times out and loses nothing`() async throws {
        try await withRawPeer(limits: Limits(wait: .milliseconds(60))) { link, peer in
            #expect(await code { try await link.receive() } == .timedOut)
            // Half a message doesn't save the wait, and isn't lost by it.
            try await peer.write([0, 0, 0, 2, 7])
            #expect(await code { try await link.receive() } == .timedOut)
            try await peer.write([8])
            var got: [UInt8]?
            while got == nil {
                do throws(QWaveError) { got = try await link.receive() } catch {
                    try #require(error.code == .timedOut)
                }
            }
            #expect(got == [7, 8])
        }
    }

    @Test func `a cancelled receive ends at once and loses nothing`() async throws {
        try await withLinks { client, server in
            let waiting = Task { try await server.receive() }
            try await Task.sleep(for: .milliseconds(20))
            waiting.cancel()
            #expect(await code { try await waiting.value } == .cancelled)
            try await client.send([7])
            #expect(try await server.receive() == [7])
        }
    }

    @Test func `a cancelled send that had begun closes the link`() async throws {
        try await withLinks { client, server in
            let sending = Task { while true { try await client.send(message(1 << 20)) } }
            while server.state.inbox.hasRoom { try await Task.sleep(for: .milliseconds(5)) }
            // Until the system's buffers are full too: between two sends nothing has begun.
            try await Task.sleep(for: .milliseconds(250))
            sending.cancel()
            #expect(await code { try await sending.value } == .cancelled)
            #expect(await code { while true { _ = try await server.receive() } } == .linkClosed)
        }
    }

    @Test func `closing one end wakes the waits of both`() async throws {
        try await withLinks { client, server in
            async let here = code { try await client.receive() }
            async let there = code { try await server.receive() }
            try await Task.sleep(for: .milliseconds(20))
            await client.close()
            #expect(await here == .linkClosed)
            #expect(await there == .linkClosed)
            #expect(await code { try await client.send([1]) } == .linkClosed)
            #expect(await code { try await server.send([1]) } == .linkClosed)
        }
    }

    @Test func `a last message outlives a close with unread input`() async throws {
        for round in 0..<10 {
            try await withLinks { client, server in
                // The server leaves all this unread; a plain close would reset the connection and lose its message.
                for _ in 0..<20 { try await client.send(message(100_000)) }
                try await server.send([UInt8(round)])
                await server.close()
                #expect(try await client.receive() == [UInt8(round)])
                #expect(await code { try await client.receive() } == .linkClosed)
            }
        }
    }

    @Test func `a message over the sender's own limit stays at home`() async throws {
        try await withLinks { client, server in
            let tooLong = message(Limits.largestMessage + 1)
            #expect(await code { try await client.send(tooLong) } == .internalFault)
            try await client.send([1])
            #expect(try await server.receive() == [1])
        }
    }
}
