// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import TestSupport
import Testing

@Suite struct TranscriptTests {
    @Test(arguments: [Party.Role.initiator, .responder])
    func `a checkpoint's tag is the plain tag over header and lanes, the sender's role among them`(
        role: Party.Role
    ) throws {
        let ends = try Ends()
        ends.absorb(Message.conversation)
        let seal = try (role == .initiator ? ends.initiator : ends.responder).seal(checkpoint: 2)

        func lane(_ direction: Direction) -> [UInt8] {
            Message.conversation.filter { $0.direction == direction }.flatMap { message in
                [
                    direction.rawValue, message.bytes.first ?? 0, 0, 0, 0, 0, 0, 0, 0,
                    UInt8(message.bytes.count),
                ]
                    + message.bytes
            }
        }
        let (forward, backward) = (lane(.initiatorToResponder), lane(.responderToInitiator))
        var body = forward
        while body.count % 16 != 0 { body.append(0) }
        body += backward
        let lengths = [0, 0, 0, 0, 0, 0, 0, UInt8(forward.count), 0, 0, 0, 0, 0, 0, 0, UInt8(backward.count)]
        let header = Array("QWtr".utf8) + [1] + Ends.exchange + [role.rawValue, 2] + lengths
        let secret = try SeededRandomSource(seed: 1).bytes(32 + 320)
        // The enrolled secret holds both hash keys, then each direction's masks, half and half.
        let (key, mask) = role == .initiator ? (0, 32) : (16, 32 + 160)
        let tag = WegmanCarter.tag(
            key: SecretBuffer(copying: Array(secret[key..<key + 16])),
            mask: SecretBuffer(copying: Array(secret[mask..<mask + 16])),
            header: header, body: body)
        #expect(seal.count == 24 && Array(seal.dropFirst(8)) == tag)
    }

    @Test func `equal transcripts are accepted, in both directions and at later checkpoints`() throws {
        let ends = try Ends()
        for checkpoint in UInt8(1)...3 {
            ends.absorb(Message.conversation)
            try ends.responder.verify(try ends.initiator.seal(checkpoint: checkpoint), checkpoint: checkpoint)
            try ends.initiator.verify(try ends.responder.seal(checkpoint: checkpoint), checkpoint: checkpoint)
        }
        #expect(ends.initiator.consumedBits == 768 && ends.responder.consumedBits == 768)
        #expect(ends.initiator.epsilon == ends.responder.epsilon)
        #expect(ends.initiator.epsilon > 6 * 4 * 0x1p-128 && ends.initiator.epsilon < 0x1p-118)
    }

    @Test func `messages that cross on the way don't matter, but the order of a direction does`() throws {
        let a = Message.forward([1])
        let b = Message.forward([2])
        let c = Message.backward([3])
        let ends = try Ends()
        ends.absorb([a, b, c], [a, c, b])
        try ends.responder.verify(try ends.initiator.seal(checkpoint: 1), checkpoint: 1)
        ends.absorb([a, b], [b, a])
        let seal = try ends.initiator.seal(checkpoint: 2)
        expectRefused { () throws(QWaveError) in try ends.responder.verify(seal, checkpoint: 2) }
    }

    @Test func `any flipped bit of any message is refused by both ends`() throws {
        for (index, message) in Message.conversation.enumerated() {
            for bit in 0..<8 * message.bytes.count {
                var changed = Message.conversation
                changed[index].bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                let ends = try Ends(secretBytes: 64)
                ends.absorb(Message.conversation, changed)
                let forward = try ends.initiator.seal(checkpoint: 1)
                let backward = try ends.responder.seal(checkpoint: 1)
                expectRefused { () throws(QWaveError) in try ends.responder.verify(forward, checkpoint: 1) }
                expectRefused { () throws(QWaveError) in try ends.initiator.verify(backward, checkpoint: 1) }
            }
        }
    }

    @Test func `dropped, added, joined, split, cut and redirected messages are refused`() throws {
        let honest = Message.conversation
        var variants: [[Message]] = []
        for index in honest.indices {
            var changed = honest
            changed.remove(at: index)
            variants.append(changed)
            changed = honest
            changed.insert(.forward([]), at: index)
            variants.append(changed)
            changed = honest
            changed[index].direction = changed[index].direction.reversed
            variants.append(changed)
            changed = honest
            changed[index].bytes.append(0)
            variants.append(changed)
        }
        variants.append([.forward([0x10, 1]), .forward([2, 3])] + honest.dropFirst())
        variants.append(honest + [.backward([])])
        for changed in variants {
            let ends = try Ends(secretBytes: 64)
            ends.absorb(honest, changed)
            let seal = try ends.initiator.seal(checkpoint: 1)
            expectRefused("\(changed)") { () throws(QWaveError) in
                try ends.responder.verify(seal, checkpoint: 1)
            }
        }
    }

    @Test func `a message that imitates the record of another is refused`() throws {
        // One message whose bytes look like the end of one record and the start of the next.
        let ends = try Ends()
        let imitation = [UInt8]([5]) + [0, 6, 0, 0, 0, 0, 0, 0, 0, 1] + [6]
        ends.absorb([.forward([5]), .forward([6])], [.forward(imitation)])
        let seal = try ends.initiator.seal(checkpoint: 1)
        expectRefused { () throws(QWaveError) in try ends.responder.verify(seal, checkpoint: 1) }
    }

    @Test
    func `a bit changed anywhere in a seal, or a wrong length, is refused, and the right one still holds`()
        throws
    {
        let ends = try Ends()
        ends.absorb(Message.conversation)
        let seal = try ends.initiator.seal(checkpoint: 1)
        for bit in 0..<8 * seal.count {
            var changed = seal
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            expectRefused { () throws(QWaveError) in try ends.responder.verify(changed, checkpoint: 1) }
        }
        for changed in [[], Array(seal.dropLast()), seal + [0], Array(seal.dropFirst())] {
            expectRefused { () throws(QWaveError) in try ends.responder.verify(changed, checkpoint: 1) }
        }
        let last = [UInt8](repeating: 255, count: 8) + seal[8...]
        expectRefused { () throws(QWaveError) in try ends.responder.verify(last, checkpoint: 1) }
        #expect(ends.responder.consumedBits == 0)
        try ends.responder.verify(seal, checkpoint: 1)
        #expect(ends.responder.consumedBits == 128)
    }

    @Test func `a replayed, reflected or foreign seal is refused`() throws {
        let ends = try Ends()
        ends.absorb(Message.conversation)
        let seal = try ends.initiator.seal(checkpoint: 1)
        expectRefused("reflected") { () throws(QWaveError) in try ends.initiator.verify(seal, checkpoint: 1) }
        expectRefused("other checkpoint") { () throws(QWaveError) in
            try ends.responder.verify(seal, checkpoint: 2)
        }
        try ends.responder.verify(seal, checkpoint: 1)
        expectRefused("replayed") { () throws(QWaveError) in try ends.responder.verify(seal, checkpoint: 1) }

        // The same secret, the same messages, another exchange.
        var name = Ends.exchange
        name[15] ^= 1
        let other = try Ends(exchange: name)
        other.absorb(Message.conversation)
        expectRefused("spliced") { () throws(QWaveError) in try other.responder.verify(seal, checkpoint: 1) }

        // The same exchange under another secret.
        let stranger = try Ends(seed: 2)
        stranger.absorb(Message.conversation)
        expectRefused("stranger") { () throws(QWaveError) in
            try stranger.responder.verify(seal, checkpoint: 1)
        }
    }

    @Test(arguments: [14, UInt64.random(in: 0...UInt64.max)])
    func `random bytes are never a seal`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let ends = try Ends()
        ends.absorb(Message.conversation)
        for _ in 0..<300 {
            let count = Bool.random(using: &random) ? 24 : Int.random(in: 0...40, using: &random)
            var noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Half of them name a mask that exists.
            if count > 7, Bool.random(using: &random) {
                noise.replaceSubrange(0..<8, with: [0, 0, 0, 0, 0, 0, 0, noise[7] & 127])
            }
            expectRefused("\(noise)") { () throws(QWaveError) in
                try ends.responder.verify(noise, checkpoint: 1)
            }
        }
        try ends.responder.verify(try ends.initiator.seal(checkpoint: 1), checkpoint: 1)
    }

    @Test func `a name that isn't 16 bytes is refused`() throws {
        #expect(throws: QWaveError.self) { try Ends(exchange: [1, 2, 3]) }
    }
}
