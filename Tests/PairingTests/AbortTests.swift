// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import TestSupport
import Testing

@testable import Pairing

/// What an end says, and when, once something went wrong.
@Suite struct AbortTests {
    @Test func `ABORT is said at the next whole padding after the last message, however long the fault took`()
    {
        let heard = ContinuousClock.now
        let padding = Duration.milliseconds(250)
        for (passed, expected) in [(0, 250), (1, 250), (249, 250), (250, 250), (251, 500), (3001, 3250)] {
            let moment = SessionLink.moment(
                after: heard, now: heard + .milliseconds(passed), padding: padding)
            #expect(moment == heard + .milliseconds(expected), "\(passed) ms")
        }
        let now = heard + .milliseconds(70)
        #expect(SessionLink.moment(after: heard, now: now, padding: .zero) == now)
    }

    @Test func `a failed link says ABORT once, and not before its time`() async throws {
        let (left, right) = Loopback.pair()
        let link = SessionLink.over(left, padding: .milliseconds(30))
        try await right.send([1])
        let heard = ContinuousClock.now
        _ = try await link.receive()
        await link.close()
        // Never earlier: that much a clock may be asked for on any machine.
        #expect(ContinuousClock.now - heard >= .milliseconds(30))
        await link.close()
        #expect(try await right.receive() == [SessionMessage.abort])
        await #expect(throws: QWaveError.self) { try await right.receive() }
    }

    @Test func `whatever is wrong with a message, the peer hears the same byte`() async throws {
        let plain = Wire()
        _ = try await Bench().run(Traces.pair(), over: plain)
        let seal = try #require(plain.said(by: .initiator).first { $0.bytes.first == 0x60 })
        let changes: [@Sendable ([UInt8]) -> [UInt8]] = [
            { [0x61] + $0.dropFirst() }, { Array($0.dropLast()) }, { $0 + [0] }, { _ in [] },
            { Array($0.dropLast()) + [$0[$0.count - 1] ^ 1] },
            { [$0[0]] + [UInt8](repeating: 0xFF, count: 8) + $0.dropFirst(9) },
        ]
        for change in changes {
            let wire = Wire(spoiling(.initiator, seal.index, change))
            let ending = try await Bench().run(Traces.pair(), over: wire)
            #expect(!ending.hung && ending.initiator.key == nil && ending.responder.key == nil)
            let last = try #require(wire.said(by: .responder).last)
            #expect(last.bytes == [SessionMessage.abort])
        }
    }

    @Test func `a session whose masks don't last for an exchange spends none`() async throws {
        let bytes = try SeededRandomSource(seed: 7).bytes(32 + 2 * 32)
        let secrets = try EphemeralSecretSource(
            enrolled: SecretBuffer(copying: bytes), role: .initiator)
        let session = PairingSession(
            options: Traces.quick, store: MemoryStore(), secrets: secrets, abortPadding: .zero)
        // The peer answers the flag, and then nothing more is asked of it.
        let (near, far) = Loopback.pair()
        let peer = Task { () -> [UInt8] in
            let flag = try await far.receive()
            try await far.send([SessionMessage.resume, 0])
            return flag
        }
        let error = await #expect(throws: QWaveError.self) {
            try await session.run(
                over: near, as: .initiator, trace: { (_) throws(QWaveError) in Traces.pair().0 },
                finished: { (_) throws(QWaveError) in })
        }
        #expect(error?.code == .notAuthenticated && secrets.remaining(.initiatorToResponder) == 32)
        #expect(try await peer.value == [SessionMessage.resume, 0])
    }
}
