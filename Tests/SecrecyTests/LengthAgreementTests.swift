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

    /// Of an end whose pool holds enough symbols for an assessment, where the other's doesn't: an honest difference.
    private static var assessed: KeyLengthInputs {
        var inputs = Example.inputs()
        inputs.components[0].assessment = .init(assessed: 2, control: 2.6, symbols: 1_000_000)
        return inputs
    }

    @Test func `the smaller length wins at both ends`() async throws {
        for (a, b) in [(Self.assessed, Example.inputs()), (Example.inputs(), Self.assessed)] {
            let (alice, bob, _, _) = try await Self.agree(a, b)
            let expected = min(alice.ownLength, bob.ownLength)
            #expect(alice.length == expected && bob.length == expected)
            #expect(expected > 0 && expected < 146_432)
        }
    }

    @Test func `another number of possible values than both ends compute is a protocol violation`() throws {
        // 573 values: 0, 256, …, 146,432.
        let values = LengthAgreement(role: .responder, inputs: Example.inputs()).possibleValues
        #expect(values == 573)
        for role in [Party.Role.initiator, .responder] {
            for (stated, isRight) in [(572, false), (573, true), (574, false), (1 << 31, false)] {
                var agreement = LengthAgreement(role: role, inputs: Example.inputs())
                _ = agreement.next()
                var writer = ByteWriter()
                writer.write(
                    role == .initiator ? LengthAgreement.responderType : LengthAgreement.initiatorType)
                writer.write(UInt32(1))
                writer.write(UInt32(stated))
                if isRight {
                    #expect(try agreement.receive(writer.bytes).bits == log2(573))
                } else {
                    let error = #expect(throws: QWaveError.self) { try agreement.receive(writer.bytes) }
                    #expect(error?.code == .protocolViolation)
                }
            }
        }
    }

    @Test func `ends whose accounts differ don't agree on a length`() async throws {
        var other = Example.inputs()
        other.otherItems = [.init(name: "more", bits: 5_000)]
        for (a, b) in [(other, Example.inputs()), (Example.inputs(), other)] {
            await #expect(throws: QWaveError.self) { try await Self.agree(a, b) }
        }
    }

    @Test func `foreign, short, long and impossible messages are protocol violations`() {
        let good: [UInt8] = [0x40, 0, 0, 0, 1, 0, 0, 2, 0x3D]
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
        var agreement = LengthAgreement(role: .initiator, inputs: Self.assessed)
        _ = agreement.next()
        let error = #expect(throws: QWaveError.self) {
            try agreement.receive([0x41, 0, 0, 2, 0x3C, 0, 0, 2, 0x3D])
        }
        #expect(error?.message.contains("more than") == true)
    }

    @Test func `random bytes never trap`() {
        var generator = SplitMix64(seed: 77)
        for role in [Party.Role.initiator, .responder] {
            let fresh = LengthAgreement(role: role, inputs: Example.inputs(symbols: 4096))
            for _ in 0..<2000 {
                var agreement = fresh
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
