// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Secrecy
import TestSupport
import Testing

@Suite struct LengthAgreementTests {
    static func agree(
        _ alice: KeyLengthInputs, _ bob: KeyLengthInputs
    ) async throws -> (KeyLengthResult, KeyLengthResult, SecrecyLedger, SecrecyLedger) {
        let links = Loopback.pair()
        let ledgers = (SecrecyLedger(), SecrecyLedger())
        let random = FailingRandomSource()
        let initiator = Party(role: .initiator, link: links.initiator, ledger: ledgers.0, random: random)
        let responder = Party(role: .responder, link: links.responder, ledger: ledgers.1, random: random)
        async let first = KeyLengthAgreement().run(alice, as: initiator)
        let second = try await KeyLengthAgreement().run(bob, as: responder)
        return (try await first, second, ledgers.0, ledgers.1)
    }

    @Test func `the worked example keeps 146,432 bits after both length messages`() async throws {
        let (alice, bob, first, second) = try await Self.agree(Example.inputs(), Example.inputs())
        #expect(alice.length == 146_432 && bob.length == 146_432)
        #expect(abs(alice.terms.leakOther - 2 * log2(573)) < 1e-12)
        #expect(abs(first.otherLeak - 18.3) < 0.05)
        #expect(first.account == second.account)
        #expect(first.account.map(\.kind) == [.length, .length])
        #expect(abs(first.otherLeak - alice.terms.leakOther) < 1e-12, "what was said is what was charged")
    }

    @Test func `either end can refuse, and both then have 0 bits and a reason`() async throws {
        var sick = Example.inputs()
        sick.refusals = ["local reason"]
        for (a, b) in [(sick, Example.inputs()), (Example.inputs(), sick), (sick, sick)] {
            let (alice, bob, _, _) = try await Self.agree(a, b)
            #expect(alice.length == 0 && bob.length == 0)
            #expect(!alice.refusals.isEmpty && !bob.refusals.isEmpty)
        }
    }

    @Test func `the smaller length wins at both ends`() async throws {
        var poorer = Example.inputs()
        poorer.otherItems = [.init(name: "more", bits: 5_000)]
        for (a, b) in [(poorer, Example.inputs()), (Example.inputs(), poorer)] {
            let (alice, bob, _, _) = try await Self.agree(a, b)
            let expected = (146_583 - 5_000 - 19) / 256 * 256
            #expect(alice.length == expected && bob.length == expected)
        }
    }

    @Test func `foreign, short, long and impossible messages are protocol violations`() {
        let good: [UInt8] = [0x40, 0, 0, 0, 1, 0, 0, 2, 0]
        let bad: [[UInt8]] = [
            [], [0x40], Array(good.dropLast()), good + [0], [0x41] + good.dropFirst(),
            [0x40, 0, 0, 0, 1, 0, 0, 0, 1], [0x40, 0, 0, 0, 0, 0, 0, 0, 0],
        ]
        for message in bad {
            var agreement = LengthAgreement(role: .responder, inputs: Example.inputs())
            _ = agreement.next()
            #expect(throws: QWaveError.self) { try agreement.receive(message) }
        }
        var agreement = LengthAgreement(role: .responder, inputs: Example.inputs())
        #expect(throws: QWaveError.self, "not asked yet") { try agreement.receive(good) }
        _ = agreement.next()
        #expect(throws: Never.self) { try agreement.receive(good) }
        #expect(throws: QWaveError.self, "twice") { try agreement.receive(good) }
    }

    @Test func `a responder that answers with more than was offered is caught`() {
        var agreement = LengthAgreement(role: .initiator, inputs: Example.inputs())
        _ = agreement.next()
        #expect(throws: QWaveError.self) { try agreement.receive([0x41, 0, 0, 2, 0x3D, 0, 0, 9, 0]) }
    }

    @Test func `random bytes never trap`() {
        var generator = SplitMix64(seed: 77)
        for role in [Party.Role.initiator, .responder] {
            for _ in 0..<2000 {
                var agreement = LengthAgreement(role: role, inputs: Example.inputs(symbols: 4096))
                _ = agreement.next()
                let count = Int(generator.next() % 12)
                var message = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                if count > 0, generator.next() % 2 == 0 { message[0] = role == .initiator ? 0x41 : 0x40 }
                _ = try? agreement.receive(message)
                #expect(agreement.result.length >= 0)
            }
        }
    }
}
