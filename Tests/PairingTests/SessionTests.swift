// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import Secrecy
import TestSupport
import Testing

@testable import Pairing

/// Two hosts with a book and an enrolled secret each, that connect as often as a test wants.
private struct Hosts {
    let stores = [MemoryStore(), MemoryStore()]
    let secrets: [EphemeralSecretSource]

    init(maskBytes: Int = 2 * 640) throws {
        let bytes = try SeededRandomSource(seed: 7).bytes(32 + maskBytes)
        secrets = try [Party.Role.initiator, .responder].map {
            try EphemeralSecretSource(enrolled: SecretBuffer(copying: bytes), role: $0)
        }
    }

    /// One connection; the errors of both ends.
    func connect(
        over wire: Wire = Wire(), exchanges: Int = 1, seed: UInt64 = 1, sameChannel: Bool = false,
        pairs: Int = 8000, carry: CommissioningCarry? = nil,
        traces: (@Sendable (UInt64) -> (ChannelTrace, ChannelTrace))? = nil,
        alarm: (@Sendable (ExchangeOutcome) async throws(QWaveError) -> Void)? = nil
    )
        async -> (
            errors: [QWaveError?], hung: Bool, keys: Int
        )
    {
        let (left, right) = Loopback.pair()
        let links = [wire.tap(left, .initiator), wire.tap(right, .responder)]
        let hung = Tally()
        let keys = Tally()
        let clock = Task {
            try await Task.sleep(for: .seconds(300))
            hung.add()
            await left.close()
        }
        let tasks = (0..<2).map { end -> Task<QWaveError?, Never> in
            let link = links[end]
            let session = PairingSession(
                options: Traces.quick, store: stores[end], secrets: secrets[end],
                random: SeededRandomSource(seed: seed &* 16 &+ UInt64(end)), carry: carry,
                abortPadding: .zero)
            return Task {
                do throws(QWaveError) {
                    try await session.run(
                        over: link, as: end == 0 ? .initiator : .responder, count: exchanges,
                        trace: { number throws(QWaveError) in
                            let captures =
                                traces?(number) ?? Traces.pair(pairs, seed: sameChannel ? 1 : 1 + number)
                            return end == 0 ? captures.0 : captures.1
                        }, alarm: alarm,
                        finished: { outcome throws(QWaveError) in if outcome.key != nil { keys.add() } })
                    return nil
                } catch { return error }
            }
        }
        let errors = [await tasks[0].value, await tasks[1].value]
        clock.cancel()
        return (errors, hung.count > 0, keys.count)
    }
}

@Suite struct SessionTests {
    @Test func `a session of two exchanges leaves the same two usable blocks at both ends`() async throws {
        let hosts = try Hosts()
        let wire = Wire()
        let end = await hosts.connect(over: wire, exchanges: 2)
        #expect(end.errors[0] == nil && end.errors[1] == nil && !end.hung && end.keys == 4)
        #expect(hosts.stores[0].usable.count == 2 && hosts.stores[0].usable == hosts.stores[1].usable)
        #expect(try hosts.stores[0].nextSequence() == 2)
        #expect(wire.aborts == 0)
        // Six tags an exchange, three from each end: what the certificate says.
        #expect(hosts.secrets[0].remaining(.initiatorToResponder) == 640 - 2 * 3 * 16)
        #expect(Exchange.authenticationBits(commits: true) == 2 * 3 * 128)
    }

    @Test func `later exchanges of a session publish a refresh only`() async throws {
        let hosts = try Hosts()
        let wire = Wire()
        let end = await hosts.connect(
            over: wire, exchanges: 3, pairs: 12_000, carry: CommissioningCarry())
        #expect(
            end.errors[0] == nil && end.errors[1] == nil && !end.hung && end.keys == 6, "\(end.errors)")
        for role in Party.Role.allRoles {
            let samples = wire.said(by: role).filter { $0.bytes[0] == SessionMessage.features }
            #expect(samples.map { ($0.bytes.count - 9) / 4 } == [2400, 640, 640])
        }
    }

    /// Where a session's messages may be lost: all of its beginning and end, some of Cascade's middle.
    private func places(_ wire: Wire) -> [Said] {
        Party.Role.allRoles.flatMap { role -> [Said] in
            let said = wire.said(by: role)
            return said.filter { $0.index < 8 || $0.index >= said.count - 10 }
        }
    }

    @Test func `after a link cut at any message a second connection settles every block alike`() async throws
    {
        let plain = Wire()
        let first = try Hosts()
        #expect(await first.connect(over: plain).keys == 2)
        var settled: Set<Int> = []
        for place in places(plain) {
            let name: Comment = "\(place.sender) \(place.index), type \(place.bytes[0])"
            let hosts = try Hosts()
            let wire = Wire { said in
                said.sender == place.sender && said.index == place.index ? .cut : .pass(said.bytes)
            }
            let broken = await hosts.connect(over: wire)
            #expect(!broken.hung, name)
            let isFarewell = place.sender == .initiator && place.index == plain.said(by: .initiator).count - 1
            // The sender of the last word can't know that it was lost.
            #expect(broken.errors[0] != nil || isFarewell, name)
            #expect(broken.errors[1] != nil, name)
            let isCommitted = place.bytes[0] == SessionMessage.commit && place.sender == .responder
            #expect(hosts.stores[0].usable.isEmpty || isFarewell, name)
            #expect(hosts.stores[1].usable.isEmpty || isFarewell || isCommitted, name)
            let again = await hosts.connect(exchanges: 0, seed: 2)
            #expect(
                !again.hung && again.errors[0] == nil && again.errors[1] == nil, "\(name) \(again.errors)")
            #expect(hosts.stores[0].usable == hosts.stores[1].usable, name)
            #expect(hosts.stores[0].pending == 0 && hosts.stores[1].pending == 0, name)
            settled.insert(hosts.stores[0].usable.count)
        }
        // Some blocks were burnt, some came through.
        #expect(settled == [0, 1])
    }

    @Test func `a flipped bit in a COMMIT makes nothing usable before the next connection decides`()
        async throws
    {
        let plain = Wire()
        let first = try Hosts()
        _ = await first.connect(over: plain)
        for commit in plain.said where commit.bytes[0] == SessionMessage.commit {
            for byte in [0, 8, 9, 24] {
                let hosts = try Hosts()
                let end = await hosts.connect(
                    over: Wire(spoiling(commit.sender, commit.index, FlipTests.flip(8 * byte))))
                #expect(!end.hung && end.errors[0] != nil && end.errors[1] != nil)
                #expect(hosts.stores[0].usable.isEmpty && hosts.stores[0].pending == 1)
                // The responder's COMMIT is the last word: the responder had seen the initiator's.
                #expect(hosts.stores[1].usable.count == (commit.sender == .responder ? 1 : 0))
                let again = await hosts.connect(exchanges: 0, seed: 2)
                #expect(again.errors[0] == nil && again.errors[1] == nil)
                #expect(hosts.stores[0].usable.count == 1)
                #expect(hosts.stores[0].usable == hosts.stores[1].usable)
            }
        }
    }

    @Test func `a flipped bit in a RESUME decides nothing wrongly`() async throws {
        let ids = (0..<3).map { [UInt8](repeating: UInt8($0), count: 16) }
        func hosts() throws -> Hosts {
            let hosts = try Hosts()
            hosts.stores[0].plant([ids[0], ids[1]], .pending)
            hosts.stores[1].plant([ids[0]], .usable)
            hosts.stores[1].plant([ids[2]], .pending)
            return hosts
        }
        let plain = Wire()
        let whole = try hosts()
        _ = await whole.connect(over: plain, exchanges: 0)
        #expect(Set(whole.stores[0].usable.keys) == [ids[0]])
        #expect(whole.stores[0].usable == whole.stores[1].usable)
        let sealed = plain.said.filter { $0.bytes[0] == SessionMessage.resume && $0.bytes.count > 2 }
        #expect(sealed.count == 3)
        for said in sealed {
            for byte in said.bytes.indices {
                let spoiled = try hosts()
                let end = await spoiled.connect(
                    over: Wire(spoiling(said.sender, said.index, FlipTests.flip(8 * byte + byte % 8))),
                    exchanges: 0)
                #expect(!end.hung && (end.errors[0] != nil || end.errors[1] != nil), "byte \(byte)")
                let again = await spoiled.connect(exchanges: 0, seed: 2)
                #expect(again.errors[0] == nil && again.errors[1] == nil)
                #expect(Set(spoiled.stores[0].usable.keys) == [ids[0]], "byte \(byte)")
                #expect(spoiled.stores[0].usable == spoiled.stores[1].usable)
            }
        }
    }

    @Test func `more uncertain blocks than a message holds are settled over several connections`()
        async throws
    {
        let hosts = try Hosts()
        let ids = (0..<BlockResume.limit + 5).map { number in
            (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 2))) }
        }
        hosts.stores[0].plant(ids, .pending)
        hosts.stores[1].plant(ids, .usable)
        #expect(await hosts.connect(exchanges: 0).errors[0] == nil)
        #expect(hosts.stores[0].pending == 5)
        #expect(await hosts.connect(exchanges: 0, seed: 2).errors[0] == nil)
        #expect(hosts.stores[0].pending == 0 && hosts.stores[0].usable.count == ids.count)
    }

    @Test func `an announced number that isn't the exchange's commits nothing`() async throws {
        let hosts = try Hosts()
        let next = 1
        let wire = Wire(
            spoiling(.initiator, next) { message in
                message[0] == SessionMessage.next ? Array(message.dropLast()) + [3] : message
            })
        let end = await hosts.connect(over: wire, sameChannel: true)
        #expect(!end.hung && end.errors[0] != nil && end.errors[1]?.code == .protocolViolation)
        #expect(hosts.stores[0].usable.isEmpty && hosts.stores[1].usable.isEmpty)
        #expect(hosts.stores[1].pending == 0)
    }

    @Test(arguments: [UInt8(0x40), 0x41])
    func `a failure on keyed samples is told before its length is, so that no cut link loses it`(
        type: UInt8
    ) async throws {
        let hosts = try Hosts()
        let before = Tally()
        let told = [Tally(), Tally()]
        let wire = Wire { said in
            guard said.bytes.first == type else { return .pass(said.bytes) }
            if told[Int(said.sender.rawValue)].count == 1 { before.add() }
            return .cut
        }
        let end = await hosts.connect(
            over: wire, traces: { Traces.loud(6000, seed: 1 + $0, behind: 2000) },
            alarm: { outcome throws(QWaveError) in
                let failed = outcome.blockHealth.filter { !$0.passed }.map(\.name)
                if outcome.key == nil, failed.contains("jumps") { told[Int(outcome.role.rawValue)].add() }
            })
        #expect(!end.hung && end.errors.contains { $0 != nil } && end.keys == 0)
        #expect(before.count == 1 && told.map(\.count) == [1, 1])
    }

    @Test func `an end that can't note a failure on keyed samples says nothing more`() async throws {
        let hosts = try Hosts()
        let wire = Wire()
        let end = await hosts.connect(
            over: wire, traces: { Traces.loud(6000, seed: 1 + $0, behind: 2000) },
            alarm: { outcome throws(QWaveError) in throw QWaveError(.storage, "planted") })
        #expect(!end.hung && end.errors.contains { $0?.code == .storage } && end.keys == 0)
        #expect(!wire.said.contains { [0x40, 0x41].contains($0.bytes.first) })
    }

    @Test func `a healthy exchange raises no alarm`() async throws {
        let hosts = try Hosts()
        let told = Tally()
        let end = await hosts.connect(alarm: { _ throws(QWaveError) in told.add() })
        #expect(end.keys == 2 && told.count == 0)
    }

    @Test func `an exhausted secret ends a session as not authenticated`() async throws {
        // Three tags an end: enough for one exchange.
        let hosts = try Hosts(maskBytes: 2 * 48)
        let end = await hosts.connect(exchanges: 2)
        #expect(!end.hung && end.errors[0]?.code == .notAuthenticated && end.keys == 2)
        #expect(hosts.stores[0].usable.count == 1 && hosts.stores[0].usable == hosts.stores[1].usable)
    }
}

extension Party.Role {
    static var allRoles: [Party.Role] { [.initiator, .responder] }
}
