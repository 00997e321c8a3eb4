// SPDX-License-Identifier: GPL-3.0-or-later
import PrivacyAmplification
import QWaveCore
import Synchronization
import TestSupport
import Testing

/// A link that hands out prepared messages and keeps what is sent.
final class ScriptedLink: Link {
    private let incoming: Mutex<[[UInt8]]>
    private let outgoing = Mutex<[[UInt8]]>([])

    init(_ messages: [[UInt8]] = []) { incoming = Mutex(messages) }

    var sent: [[UInt8]] { outgoing.withLock { $0 } }
    func send(_ message: [UInt8]) async throws(QWaveError) { outgoing.withLock { $0.append(message) } }
    func receive() async throws(QWaveError) -> [UInt8] {
        let next = incoming.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let next else { throw QWaveError(.linkClosed, "the script is over") }
        return next
    }
    func close() async {}
}

@Suite struct StageTests {
    func party(
        _ role: Party.Role, _ link: any Link, random: any RandomSource = FailingRandomSource()
    ) -> Party {
        Party(role: role, link: link, ledger: SecrecyLedger(), random: random)
    }

    func key(_ count: Int, seed: UInt64 = 1) -> ReconciledKey {
        ReconciledKey(bits: .seeded(count: count, seed: seed), corrected: 0, verificationEpsilon: 0)
    }

    @Test(arguments: [(1, 1), (2, 1), (1000, 256), (1_200_001, 256)], [ToeplitzHash.Form.modified, .plain])
    func `both ends make the same key, and the seed is free of charge`(
        size: (Int, Int), form: ToeplitzHash.Form
    ) async throws {
        let (n, m) = size
        let links = Loopback.pair(capacity: 2)
        let initiator = party(.initiator, links.initiator, random: SeededRandomSource(seed: 7))
        let responder = party(.responder, links.responder)
        let stage = PrivacyAmplificationStage(hash: ToeplitzHash(form: form))
        let input = CertifiedInput(key: key(n), outputBits: m)
        async let first = stage.run(input, as: initiator)
        async let second = stage.run(input, as: responder)
        let keys = try await (first, second)
        #expect(keys.0.count == m && keys.0.bits == keys.1.bits)
        for ledger in [initiator.ledger, responder.ledger] {
            #expect(ledger.account.allSatisfy { $0.bits == 0 && $0.direction == .initiatorToResponder })
        }
        #expect(initiator.ledger.account == responder.ledger.account)
        let seedBits = form == .modified ? n - 1 : n + m - 1
        let pieces = (seedBits + 524_223) / 524_224
        #expect(initiator.ledger.account[0].messages == 1 + pieces)
        #expect(initiator.ledger.account[0].bytes == 18 + 5 * pieces + (seedBits + 7) / 8)
    }

    @Test func `every block gets a fresh seed from the initiator's source`() async throws {
        let random = SeededRandomSource(seed: 8)
        let stage = PrivacyAmplificationStage()
        let link = ScriptedLink()
        let first = try await stage.exchangeSeed(
            as: party(.initiator, link, random: random), inputBits: 500, outputBits: 256)
        let second = try await stage.exchangeSeed(
            as: party(.initiator, link, random: random), inputBits: 500, outputBits: 256)
        #expect(first.bits.distance(to: second.bits) > 150)
        #expect(link.sent.allSatisfy { $0.count <= 65_536 })
        await #expect(throws: QWaveError.self) {
            try await stage.exchangeSeed(as: party(.initiator, link), inputBits: 500, outputBits: 256)
        }
    }

    @Test func `the responder refuses any other form, length, type or order of messages`() async throws {
        let stage = PrivacyAmplificationStage()
        let link = ScriptedLink()
        let seed = try await stage.exchangeSeed(
            as: party(.initiator, link, random: SeededRandomSource(seed: 9)), inputBits: 500, outputBits: 256)
        let honest = link.sent
        #expect(honest.count == 2)
        let heard = try await stage.exchangeSeed(
            as: party(.responder, ScriptedLink(honest)), inputBits: 500, outputBits: 256)
        #expect(heard.bits == seed.bits)

        var scripts: [[[UInt8]]] = [
            [honest[1], honest[0]], [honest[0], honest[0]], [[], honest[1]], [honest[0], []],
            [honest[0], honest[1] + [0]], [honest[0], Array(honest[1].dropLast())], [honest[0], [0x51]],
            [honest[0], [0x51, 255, 255, 255, 255]], [honest[0], [0x51, 0, 0, 0, 0]],
        ]
        for index in 0..<18 {
            var changed = honest[0]
            changed[index] ^= 1
            scripts.append([changed, honest[1]])
        }
        for index in 0..<5 {
            var changed = honest[1]
            changed[index] ^= 1
            scripts.append([honest[0], changed])
        }
        for script in scripts {
            await #expect("\(script.map { $0.prefix(20) })") {
                try await stage.exchangeSeed(
                    as: party(.responder, ScriptedLink(script)), inputBits: 500, outputBits: 256)
            } throws: {
                ($0 as? QWaveError)?.code == .protocolViolation
            }
        }
    }

    @Test(arguments: [13, UInt64.random(in: 0...UInt64.max)])
    func `random bytes are a protocol violation, never a trap`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let link = ScriptedLink()
        let stage = PrivacyAmplificationStage()
        _ = try await stage.exchangeSeed(
            as: party(.initiator, link, random: SeededRandomSource(seed: seed)), inputBits: 70, outputBits: 64
        )
        let choice = link.sent[0]
        for _ in 0..<300 {
            let count = Int.random(in: 0...20, using: &random)
            var noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Half of them begin like a piece.
            if count > 3, Bool.random(using: &random) { noise.replaceSubrange(0..<4, with: [0x51, 0, 0, 0]) }
            if noise.starts(with: [0x51, 0, 0, 0, 69]), count == 14 { continue }
            for script in [[noise], [choice, noise]] {
                await #expect("\(noise)") {
                    try await stage.exchangeSeed(
                        as: party(.responder, ScriptedLink(script)), inputBits: 70, outputBits: 64)
                } throws: {
                    ($0 as? QWaveError)?.code == .protocolViolation
                }
            }
        }
    }

    @Test func `a seed for another length or form isn't applied`() async throws {
        let stage = PrivacyAmplificationStage()
        let seed = try await stage.exchangeSeed(
            as: party(.initiator, ScriptedLink(), random: SeededRandomSource(seed: 10)), inputBits: 500,
            outputBits: 256)
        #expect(try stage.apply(seed, to: key(500)).count == 256)
        #expect(throws: QWaveError.self) { try stage.apply(seed, to: key(501)) }
        #expect(throws: QWaveError.self) {
            try PrivacyAmplificationStage(hash: ToeplitzHash(form: .plain)).apply(seed, to: key(500))
        }
    }

    @Test func `a length of zero or beyond the key is refused before anything is said`() async {
        let link = ScriptedLink()
        for length in [0, -256, 501] {
            await #expect(throws: QWaveError.self) {
                try await PrivacyAmplificationStage().run(
                    CertifiedInput(key: key(500), outputBits: length),
                    as: party(.initiator, link, random: SeededRandomSource(seed: 1)))
            }
        }
        #expect(link.sent.isEmpty)
    }
}
