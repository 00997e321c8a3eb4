// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Pairing

@Suite struct RefusalTests {
    private func expectRefused(
        _ ending: (initiator: Ending, responder: Ending, hung: Bool), _ words: String = ""
    )
        throws
    {
        #expect(!ending.hung)
        for end in [try ending.initiator.get(), try ending.responder.get()] {
            #expect(end.key == nil && !end.refusals.isEmpty)
            #expect(end.refusals.joined(separator: "; ").contains(words), "\(end.refusals)")
        }
    }

    @Test func `a constant capture is refused`() async throws {
        let flat = Traces.trace([Double](repeating: 0.25, count: 6000))
        try expectRefused(try await Bench().run((flat, flat)))
        try expectRefused(try await Bench().run((Traces.pair().0, flat)))
    }

    @Test func `captures of two channels are refused`() async throws {
        let ending = try await Bench().run((Traces.pair(seed: 1).0, Traces.pair(seed: 2).1))
        try expectRefused(ending, "health test failed")
    }

    @Test func `one capture shifted against the other is refused`() async throws {
        let (alice, bob) = Traces.pair()
        let late = Traces.trace(bob.gains.dropFirst(2).map { (Double($0.re) + 50) / 5 } + [0, 0])
        try expectRefused(try await Bench().run((alice, late)), "alignment")
    }

    @Test(arguments: [1, 63, 1024, 1100])
    func `a capture that is too short is refused`(count: Int) async throws {
        try expectRefused(try await Bench().run(Traces.pair(count)))
    }

    @Test func `captures that have no probe in common are refused`() async throws {
        let (alice, bob) = Traces.pair(2000)
        var later = ChannelTrace(description: bob.description)
        for index in 0..<bob.count {
            later.append(
                sequence: UInt64(index + 5000), time: nil, shape: SnapshotShape(), gains: bob.gains(at: index)
            )
        }
        try expectRefused(try await Bench().run((alice, later)), "no probe")
    }

    @Test func `different options are refused at both ends before a probe is told`() async throws {
        var other = Traces.quick
        other.stride = 2
        let wire = Wire()
        let ending = try await Bench(responderOptions: other).run(Traces.pair(2000), over: wire)
        try expectRefused(ending, "different settings")
        #expect(!wire.said.contains { $0.bytes.first == SessionMessage.probes })
    }

    @Test func `captures of different kinds are refused`() async throws {
        let (alice, bob) = Traces.pair(2000)
        var complex = ChannelTrace(description: bob.description)
        complex.description.quantity = .complexGain
        for index in 0..<bob.count {
            complex.append(
                sequence: UInt64(index), time: nil, shape: SnapshotShape(), gains: bob.gains(at: index))
        }
        try expectRefused(try await Bench().run((alice, complex)), "captures differ")
    }

    @Test func `a simulated end and a real one are refused`() async throws {
        let (alice, bob) = Traces.pair(2000)
        var real = bob
        real.description.simulated = false
        try expectRefused(try await Bench().run((alice, real)), "simulated")
    }

    @Test func `two enrolled secrets authenticate neither end`() async throws {
        let wire = Wire()
        let ending = try await Bench(secretSeeds: [7, 8]).run(Traces.pair(), over: wire)
        #expect(!ending.hung)
        #expect(ending.initiator.code == .notAuthenticated && ending.responder.code == .notAuthenticated)
        #expect(wire.aborts == 1)
        #expect(!wire.said.contains { $0.bytes.first == 0x40 || $0.bytes.first == 0x50 })
    }

    @Test(arguments: [0, 1])
    func `an end without randomness makes nothing`(failing: Int) async throws {
        var randoms: [any RandomSource] = [SeededRandomSource(seed: 1), SeededRandomSource(seed: 2)]
        randoms[failing] = FailingRandomSource()
        let ending = try await Bench(randoms: randoms).run(Traces.pair(2000))
        let codes = [ending.initiator.code, ending.responder.code]
        #expect(!ending.hung && codes[failing] == .noRandomness && codes[1 - failing] == .linkClosed)
    }

    @Test func `randomness that fails in the middle of an exchange leaves no key`() async throws {
        // The initiator's draws: name, Cascade's seed, the hash key, the amplification seed.
        for draws in 1...3 {
            let ending = try await Bench(
                randoms: [RunsDry(after: draws), SeededRandomSource(seed: 2)]
            ).run(Traces.pair())
            #expect(!ending.hung && ending.initiator.code == .noRandomness, "\(draws)")
            #expect(ending.responder.code == .linkClosed, "\(draws)")
        }
    }

    @Test func `two initiators violate the protocol`() async throws {
        let ending = try await Bench(roles: [.initiator, .initiator]).run(Traces.pair(2000))
        #expect(!ending.hung)
        #expect([ending.initiator.code, ending.responder.code].contains(.protocolViolation))
        #expect(ending.initiator.key == nil && ending.responder.key == nil)
    }

    @Test(arguments: [Party.Role.initiator, .responder])
    func `a foreign version of the protocol is a violation`(role: Party.Role) async throws {
        let wire = Wire(spoiling(role, 0) { [$0[0], 0, 2] + $0[3...] })
        let ending = try await Bench().run(Traces.pair(2000), over: wire)
        let codes = [ending.initiator.code, ending.responder.code]
        #expect(!ending.hung && codes.contains(.protocolViolation) && codes.contains(.linkClosed))
        #expect(wire.aborts == 1)
    }

    @Test func `an ABORT in any place ends the exchange as a closed link`() async throws {
        let wire = Wire()
        _ = try await Bench().run(FlipTests.captures, over: wire)
        for said in FlipTests.firsts(wire) where said.bytes[0] != 0x60 {
            let aborting = Wire(spoiling(said.sender, said.index) { _ in [SessionMessage.abort] })
            let ending = try await Bench().run(FlipTests.captures, over: aborting)
            let hearer = said.sender == .initiator ? ending.responder : ending.initiator
            #expect(!ending.hung && hearer.code == .linkClosed, "type \(said.bytes[0])")
            #expect(ending.initiator.key == nil && ending.responder.key == nil)
        }
    }

    @Test func `a replay says both ends' reasons, or throws the one that was found`() async throws {
        let flat = Traces.trace([Double](repeating: 0.25, count: 6000))
        let (a, b) = try await Replay(options: Traces.quick).run(flat, flat)
        #expect(a.key == nil && b.key == nil && !a.refusals.isEmpty && !b.refusals.isEmpty)
        #expect(a.certificate == nil && a.statistics.pairs == 6000)
        await #expect(throws: QWaveError.self) {
            try await Replay(options: Traces.quick, random: FailingRandomSource()).run(flat, flat)
        }
    }
}

/// A random source that delivers a number of times, then fails.
private final class RunsDry: RandomSource {
    private let source = SeededRandomSource(seed: 3)
    private let left: Counter

    init(after draws: Int) { left = Counter(draws) }

    func bytes(_ count: Int) throws(QWaveError) -> [UInt8] {
        guard left.take() else { throw QWaveError(.noRandomness, "planted failure") }
        return try source.bytes(count)
    }
}
