// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import Synchronization
import TestSupport
import Testing

/// A link whose n-th received message has a bit flipped.
final class FlippingLink: Link {
    let base: any Link
    let target: Int
    private let seen = Mutex(0)

    init(_ base: any Link, flipping target: Int) {
        self.base = base
        self.target = target
    }

    func send(_ message: [UInt8]) async throws(QWaveError) { try await base.send(message) }
    func receive() async throws(QWaveError) -> [UInt8] {
        var message = try await base.receive()
        let number = seen.withLock { seen in
            defer { seen += 1 }
            return seen
        }
        if number == target, let last = message.indices.last { message[last] ^= 0x10 }
        return message
    }
    func close() async { await base.close() }
}

@Suite struct CheckpointTests {
    func party(_ authenticator: TranscriptAuthenticator, _ link: any Link) -> Party {
        Party(
            role: authenticator.role, link: authenticator.recording(link), ledger: SecrecyLedger(),
            random: SystemRandomSource())
    }

    /// Three messages each way with a checkpoint after the second and the third pair.
    func converse(_ authenticator: TranscriptAuthenticator, _ party: Party) async throws(QWaveError) {
        do throws(QWaveError) {
            for round in UInt8(0)..<3 {
                if party.role == .initiator {
                    try await party.send([0x20, round], charging: .nothing)
                    _ = try await party.receive()
                } else {
                    _ = try await party.receive()
                    try await party.send([0x21, round], charging: .nothing)
                }
                if round > 0 { try await authenticator.checkpoint(round, as: party) }
            }
        } catch {
            await party.close()
            throw error
        }
    }

    /// Runs both ends; `wrap` stands between the responder and its link.
    func outcome(
        _ wrapInitiator: @Sendable (any Link) -> any Link = { $0 },
        _ wrapResponder: @Sendable (any Link) -> any Link = { $0 }
    ) async throws -> (initiator: QWaveError?, responder: QWaveError?, ends: Ends, ledger: SecrecyLedger) {
        let ends = try Ends()
        let links = Loopback.pair()
        let initiator = party(ends.initiator, wrapInitiator(links.initiator))
        let responder = party(ends.responder, wrapResponder(links.responder))
        async let first: QWaveError? = {
            do throws(QWaveError) { try await converse(ends.initiator, initiator) } catch { return error }
            return nil
        }()
        async let second: QWaveError? = {
            do throws(QWaveError) { try await converse(ends.responder, responder) } catch { return error }
            return nil
        }()
        return (await first, await second, ends, initiator.ledger)
    }

    @Test func `two honest ends pass both checkpoints for 512 bits, and tell nothing about the key`()
        async throws
    {
        let result = try await outcome()
        #expect(result.initiator == nil && result.responder == nil)
        #expect(result.ends.initiator.consumedBits == 512 && result.ends.responder.consumedBits == 512)
        #expect(result.ledger.account.allSatisfy { $0.bits == 0 })
        // Three messages and two seals of its own, and the peer's two seals.
        #expect(result.ledger.account.reduce(0) { $0 + $1.messages } == 7)
        #expect(result.ends.initiator.transcript.messages == 10)
    }

    @Test(arguments: 0..<5)
    func `a bit flipped in any message on the way to either end is noticed there or by the peer`(
        number: Int
    ) async throws {
        let toResponder = try await outcome({ $0 }, { FlippingLink($0, flipping: number) })
        #expect(toResponder.responder?.code == .notAuthenticated)
        #expect(toResponder.initiator != nil)
        let toInitiator = try await outcome({ FlippingLink($0, flipping: number) }, { $0 })
        #expect(toInitiator.initiator != nil)
        // The responder's last seal has nobody after it to notice but the initiator.
        #expect((toInitiator.responder != nil) == (number < 4))
    }

    @Test func `a link that doesn't record is refused`() async throws {
        let ends = try Ends()
        let links = Loopback.pair()
        let bare = Party(
            role: .initiator, link: links.initiator, ledger: SecrecyLedger(), random: SystemRandomSource())
        await #expect { try await ends.initiator.checkpoint(1, as: bare) } throws: {
            ($0 as? QWaveError)?.code == .internalFault
        }
    }

    @Test func `a small message is bound to its label, body, sender and exchange`() throws {
        let ends = try Ends()
        let body: [UInt8] = [1, 2, 3]
        let label = TranscriptAuthenticator.commitLabel
        let seal = try ends.initiator.seal(label: label, body: body)
        #expect(seal.count == TranscriptAuthenticator.sealBytes)
        expectRefused { () throws(QWaveError) in
            try ends.responder.verify(seal, label: TranscriptAuthenticator.resumeLabel, body: body)
        }
        expectRefused { () throws(QWaveError) in
            try ends.responder.verify(seal, label: label, body: [1, 2, 4])
        }
        expectRefused { () throws(QWaveError) in
            try ends.responder.verify(seal, label: label + "\u{1}", body: [2, 3])
        }
        expectRefused { () throws(QWaveError) in try ends.initiator.verify(seal, label: label, body: body) }
        var name = Ends.exchange
        name[0] ^= 0x80
        let other = try Ends(exchange: name)
        expectRefused { () throws(QWaveError) in try other.responder.verify(seal, label: label, body: body) }
        try ends.responder.verify(seal, label: label, body: body)
        expectRefused { () throws(QWaveError) in try ends.responder.verify(seal, label: label, body: body) }
        #expect(ends.initiator.consumedBits == 128 && ends.responder.consumedBits == 128)
    }

    @Test func `a seal that overtakes an earlier one makes the earlier one void`() throws {
        let ends = try Ends()
        let first = try ends.initiator.seal(label: "a", body: [])
        let second = try ends.initiator.seal(label: "b", body: [])
        try ends.responder.verify(second, label: "b", body: [])
        expectRefused { () throws(QWaveError) in try ends.responder.verify(first, label: "a", body: []) }
    }
}
