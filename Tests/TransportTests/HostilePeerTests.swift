// SPDX-License-Identifier: GPL-3.0-or-later
import NIOCore
import QWaveCore
import Testing

@testable import Transport

@Suite struct HostilePeerTests {
    @Test func `an oversize length ends the link as a protocol violation`() async throws {
        try await withRawPeer { link, peer in
            try await peer.write([0xFF, 0xFF, 0xFF, 0xFF])
            #expect(await code { try await link.receive() } == .protocolViolation)
            #expect(await code { try await link.send([1]) } == .protocolViolation)
        }
    }

    @Test func `messages before an oversize length still arrive`() async throws {
        try await withRawPeer(limits: Limits(wait: .seconds(20), message: 16)) { link, peer in
            try await peer.write([0, 0, 0, 2, 8, 9, 0, 0, 0, 17])
            #expect(try await link.receive() == [8, 9])
            #expect(await code { try await link.receive() } == .protocolViolation)
        }
    }

    @Test func `a message that comes byte by byte is whole in the end`() async throws {
        try await withRawPeer { link, peer in
            for byte: UInt8 in [0, 0, 0, 5, 1, 2, 3, 4, 5] {
                try await peer.write([byte])
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect(try await link.receive() == [1, 2, 3, 4, 5])
        }
    }

    @Test func `dribbled bytes do not prolong the deadline`() async throws {
        try await withRawPeer(limits: Limits(wait: .milliseconds(150))) { link, peer in
            let channel = peer.channel
            let dribble = Task {
                let peer = RawPeer(channel: channel)
                try await peer.write([0, 0, 1, 0])
                while true {
                    try await peer.write([1])
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            #expect(await code { try await link.receive() } == .timedOut)
            dribble.cancel()
            _ = await dribble.result
        }
    }

    @Test func `a reset is a closed link`() async throws {
        try await withRawPeer { link, peer in
            try await peer.write([0, 0, 0, 1, 42])
            #expect(try await link.receive() == [42])
            try await peer.reset()
            #expect(await code { try await link.receive() } == .linkClosed)
            #expect(await code { while true { try await link.send([1]) } } == .linkClosed)
        }
    }

    @Test func `a half-closed connection is a closed link`() async throws {
        try await withRawPeer { link, peer in
            try await peer.write([0, 0, 0, 1, 42])
            try await peer.closeOutput()
            #expect(try await link.receive() == [42])
            #expect(await code { try await link.receive() } == .linkClosed)
        }
    }

    @Test(arguments: [[0], [0, 0, 0, 9], [0, 0, 0, 9, 1, 2]] as [[UInt8]])
    func `a message cut short is a closed link, never a message`(part: [UInt8]) async throws {
        try await withRawPeer { link, peer in
            try await peer.write(part)
            try await peer.closeOutput()
            #expect(await code { try await link.receive() } == .linkClosed)
        }
    }

    @Test func `a peer that never closes its side does not hold up closing`() async throws {
        try await withRawPeer { link, _ in
            await link.close()
            #expect(!link.channel.isActive)
        }
    }
}
