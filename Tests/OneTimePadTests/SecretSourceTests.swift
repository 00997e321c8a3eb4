// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import TestSupport
import Testing

@testable import OneTimePad

@Suite struct SecretSourceTests {
    private func bytes(_ buffer: borrowing SecretBuffer) -> [UInt8] {
        buffer.withBytes { bytes in (0..<bytes.count).map { bytes[$0] } }
    }

    @Test func `both ends hold the same hash keys and masks, each direction its own`() throws {
        let pair = try Pair()
        let secret = seededBytes(2048, seed: 1)
        for store in [pair.alice, pair.bob] {
            #expect(bytes(try store.hashKey(.initiatorToResponder)) == Array(secret[..<16]))
            #expect(bytes(try store.hashKey(.responderToInitiator)) == Array(secret[16..<32]))
            #expect(
                // Of its own masks an end may spend those above the reserve.
                store.remaining(store.role.sending) == 1008 - 128
                    && store.remaining(store.role.sending.reversed) == 1008)
        }
        #expect(try pair.alice.reserveMask(.initiatorToResponder, count: 16) == 0)
        let offset = try pair.alice.reserveMask(.initiatorToResponder, count: 16)
        #expect(offset == 16)
        let mask = bytes(try pair.alice.mask(.initiatorToResponder, at: offset, count: 16))
        #expect(mask == Array(secret[48..<64]))
        #expect(bytes(try pair.bob.mask(.initiatorToResponder, at: offset, count: 16)) == mask)
        #expect(try pair.bob.reserveMask(.responderToInitiator, count: 16) == 0)
        #expect(
            bytes(try pair.bob.mask(.responderToInitiator, at: 0, count: 16)) == Array(secret[1040..<1056]))
    }

    @Test func `a sender's mask is given once, and only after its reservation`() throws {
        var pair = try Pair()
        let direction = Direction.initiatorToResponder
        #expect(code { _ = try pair.alice.mask(direction, at: 0, count: 16).count } == .notAuthenticated)
        let offset = try pair.alice.reserveMask(direction, count: 16)
        _ = try pair.alice.mask(direction, at: offset, count: 16).count
        #expect(code { _ = try pair.alice.mask(direction, at: offset, count: 16).count } == .notAuthenticated)
        // Reserved and not fetched when the run ended: gone.
        let lost = try pair.alice.reserveMask(direction, count: 16)
        try pair.reopen(.initiator)
        #expect(code { _ = try pair.alice.mask(direction, at: lost, count: 16).count } == .notAuthenticated)
        #expect(try pair.alice.reserveMask(direction, count: 16) == lost + 16)
    }

    @Test func `a crash burns the reservation of masks, and no more`() throws {
        var pair = try Pair()
        #expect(try pair.alice.reserveMask(.initiatorToResponder, count: 16) == 0)
        try pair.reopen(.initiator, orderly: false)
        // max(64, 1008/16) bytes were reserved.
        #expect(try pair.alice.reserveMask(.initiatorToResponder, count: 16) == 64)
        #expect(try pair.alice.status().enrolledOutgoing.burnt == 64)
    }

    @Test func `what the receiver accepted is refused after, over a restart`() throws {
        var pair = try Pair()
        let direction = Direction.initiatorToResponder
        _ = try pair.bob.mask(direction, at: 16, count: 16).count
        _ = try pair.bob.mask(direction, at: 16, count: 16).count
        try pair.bob.accept(direction, upTo: 32)
        for orderly in [false, true] {
            #expect(code { _ = try pair.bob.mask(direction, at: 16, count: 16).count } == .notAuthenticated)
            #expect(code { _ = try pair.bob.mask(direction, at: 0, count: 16).count } == .notAuthenticated)
            _ = try pair.bob.mask(direction, at: 32, count: 16).count
            try pair.reopen(.responder, orderly: orderly)
        }
        let books = try pair.bob.status().enrolledIncoming
        #expect(books.used == 16 && books.burnt == 16 && pair.bob.remaining(direction) == 976)
    }

    @Test func `the pads authenticate messages of an exchange, over restarts, and refuse a replay`() throws {
        var pair = try Pair()
        for round in 0..<4 {
            let exchange = [UInt8](repeating: UInt8(round), count: 16)
            for (sender, receiver) in [(pair.alice, pair.bob), (pair.bob, pair.alice)] {
                let one = try TranscriptAuthenticator(exchange: exchange, role: sender.role, secrets: sender)
                let other = try TranscriptAuthenticator(
                    exchange: exchange, role: receiver.role, secrets: receiver)
                let seal = try one.seal(label: TranscriptAuthenticator.commitLabel, body: [1, 2])
                var forged = seal
                forged[9] ^= 1
                let label = TranscriptAuthenticator.commitLabel
                #expect(code { try other.verify(forged, label: label, body: [1, 2]) } == .notAuthenticated)
                try other.verify(seal, label: label, body: [1, 2])
                #expect(code { try other.verify(seal, label: label, body: [1, 2]) } == .notAuthenticated)
            }
            try pair.reopen(.initiator, orderly: round % 2 == 0)
            try pair.reopen(.responder, orderly: round % 2 == 1)
        }
    }

    @Test func `exhausted masks, foreign directions and offsets out of range are refused`() throws {
        var policy = PadPolicy()
        policy.maskReserve = 0
        policy.backoffAfter = .max
        let pair = try Pair(policy: policy)
        let direction = Direction.initiatorToResponder
        for _ in 0..<63 { _ = try pair.alice.reserveMask(direction, count: 16) }
        do {
            _ = try pair.alice.reserveMask(direction, count: 16)
            Issue.record("a mask beyond the last")
        } catch {
            #expect(error.code == .notAuthenticated && error.message.contains("enroll again"))
        }
        #expect(pair.alice.remaining(direction) == 0)
        #expect(code { _ = try pair.alice.reserveMask(.responderToInitiator, count: 16) } == .usage)
        #expect(code { try pair.alice.accept(direction, upTo: 16) } == .usage)
        #expect(code { try pair.bob.accept(direction, upTo: 1009) } == .notAuthenticated)
        for (offset, count) in [(1008, 16), (1000, 16), (UInt64.max, 16), (UInt64.max - 8, 16)]
            as [(UInt64, Int)]
        {
            #expect(
                code { _ = try pair.bob.mask(direction, at: offset, count: count).count } == .notAuthenticated
            )
        }
    }

    @Test func `the last eight masks are kept for a recovery, which a policy without reserve opens`() throws {
        var pair = try Pair()
        let direction = Direction.initiatorToResponder
        for _ in 0..<55 { _ = try pair.alice.reserveMask(direction, count: 16) }
        #expect(pair.alice.remaining(direction) == 0)
        #expect(code { _ = try pair.alice.reserveMask(direction, count: 16) } == .notAuthenticated)
        var policy = PadPolicy()
        policy.maskReserve = 0
        policy.backoffAfter = .max
        try pair.reopen(.initiator, policy: policy)
        // Two to settle what is uncertain, three for an exchange, three to spare.
        #expect(pair.alice.remaining(direction) == 128)
        #expect(try pair.alice.reserveMask(direction, count: 16) == 880)
    }

    @Test func `masks that make no block wait longer and longer, and a block ends that`() throws {
        var policy = PadPolicy()
        policy.backoffAfter = 64
        policy.longestBackoff = .seconds(3)
        let expected: [(UInt64, Duration)] = [
            (64, .zero), (65, .milliseconds(100)), (64 + 255, .milliseconds(100)),
            (64 + 256, .milliseconds(200)), (64 + 1024, .milliseconds(1600)), (1 << 40, .seconds(3)),
            (.max, .seconds(3)),
        ]
        for (spent, wait) in expected { #expect(policy.backoff(afterSpending: spent) == wait, "\(spent)") }
        policy.backoffAfter = .max
        var pair = try Pair(policy: policy)
        func spent(_ store: PadStore) throws -> UInt64 {
            try store.withState { (state: inout PadState) in state.journal.record.masksSinceBlock }
        }
        for _ in 0..<3 { _ = try pair.alice.reserveMask(.initiatorToResponder, count: 16) }
        try pair.reopen(.initiator, policy: policy)
        #expect(try spent(pair.alice) == 48)
        try pair.add(0, bytes: 64)
        #expect(try spent(pair.alice) == 0)
    }
}
