// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import QWaveCore
import Quantization
import Secrecy
import TestSupport
import Testing

@testable import Pairing

/// Exchanges that follow one another over a window of published samples.
@Suite struct CarryTests {
    /// Each end with a window of its own; what they hold is compared at the end only.
    private static func run(
        _ captures: (ChannelTrace, ChannelTrace), _ carries: [CommissioningCarry?],
        options: ExchangeOptions = Traces.quick, over wire: Wire = Wire()
    ) async throws -> (initiator: ExchangeOutcome, responder: ExchangeOutcome) {
        var bench = Bench(options: options)
        bench.carries = carries
        let ending = try await bench.run(captures, over: wire)
        #expect(!ending.hung)
        return (try ending.initiator.get(), try ending.responder.get())
    }

    private static func renewed(_ outcomes: (initiator: ExchangeOutcome, responder: ExchangeOutcome)) throws
        -> [CommissioningCarry?]
    {
        let initiator: CommissioningState = try #require(outcomes.initiator.commissioningState)
        let responder: CommissioningState = try #require(outcomes.responder.commissioningState)
        return [CommissioningCarry(state: initiator), CommissioningCarry(state: responder)]
    }

    private static let fresh: [CommissioningCarry?] = [CommissioningCarry(), CommissioningCarry()]

    /// What an end published, from the wire.
    private static func published(_ wire: Wire, by role: Party.Role, columns: Int = 1) throws -> FeatureMatrix
    {
        let bytes = wire.said(by: role).filter { $0.bytes.first == SessionMessage.features }
            .flatMap { $0.bytes.dropFirst(9) }
        return try FeatureMatrix(encoded: bytes, rows: bytes.count / 4 / columns, columns: columns)
    }

    @Test
    func `a second exchange publishes the refresh and nothing else, and keys nothing that was published`()
        async throws
    {
        let first = try await Self.run(Traces.pair(12_000), Self.fresh)
        ReplayTests.expectKeys(first.initiator, first.responder)
        #expect(first.initiator.statistics.commissionedPairs == 2400)
        #expect(first.initiator.statistics.carriedPairs == 0)
        let carries = try Self.renewed(first)
        let state = try #require(carries[0]?.state)
        #expect(state.digest == carries[1]?.state?.digest && state.pairs == 2304)

        let captures = Traces.pair(12_000, seed: 2)
        let wire = Wire()
        let second = try await Self.run(captures, carries, over: wire)
        ReplayTests.expectKeys(second.initiator, second.responder)
        #expect(second.initiator.certificate?.context.commissioning == state.digest)
        for (outcome, trace) in [(second.initiator, captures.0), (second.responder, captures.1)] {
            #expect(outcome.statistics.commissionedPairs == 640 && outcome.statistics.carriedPairs == 2304)
            #expect(outcome.statistics.findings?.rows == 2944)
            // On the wire stand the first pairs of this capture, each once.
            let said = try Self.published(wire, by: outcome.role)
            #expect(said.values == (0..<640).map { trace.gains(at: $0).first?.re ?? .nan })
            // The window has them, and those that it had.
            let window = try #require(outcome.commissioningState)
            let own = outcome.role == .initiator ? window.initiator : window.responder
            let before = outcome.role == .initiator ? state.initiator : state.responder
            #expect(own.values == before.values + said.values && window.exchanges == 2)
            // The pool counts them alone.
            let symbols = outcome.commissioningSymbols?.series.values.reduce(0) { $0 + $1.count } ?? 0
            #expect(symbols > 0 && symbols <= 640)
        }
        #expect(second.initiator.commissioningState?.digest == second.responder.commissioningState?.digest)
        try Self.expectNothingPublishedIsKeyed(wire, pairs: 12_000)
    }

    /// From the wire alone: the plan, the classes of segments and the count of helper values say which rows are keyed.
    private static func expectNothingPublishedIsKeyed(_ wire: Wire, pairs: Int) throws {
        let rows = try published(wire, by: .initiator).rows
        #expect(try published(wire, by: .responder).rows == rows)
        let spoken = wire.said(by: .initiator).map(\.bytes)
        let body = spoken.filter { $0.first == SessionMessage.plan }.flatMap { $0.dropFirst(9) }
        let plan = try SessionJSON.decode(QuantizationPlan.self, body, what: "plan")
        #expect(plan.commissionedPairs == rows && plan.stride == 1)
        let classes = try #require(spoken.first { $0.first == 0x10 }).dropFirst(5).map(Int.init)
        let helpers = spoken.filter { $0.first == 0x11 }.map {
            $0[1..<5].reduce(0) { $0 << 8 | Int($1) }
        }.reduce(0, +)
        let behind = SymbolLayout(
            plan: plan, keyed: rows..<pairs, pairsPerRow: 1, segmentClasses: classes)
        #expect(helpers == behind.symbolCount && helpers > 0)
        #expect(behind.rows.allSatisfy { $0.allSatisfy { $0 >= rows } })
    }

    @Test
    func `where windows differ, or one is missing, both commission in full and begin the same one anew`()
        async throws
    {
        let mine = try await Self.run(Traces.pair(12_000, seed: 3), Self.fresh)
        let other = try await Self.run(Traces.pair(12_000, seed: 4), Self.fresh)
        let own = try Self.renewed(mine)[0]
        let foreign = try Self.renewed(other)[1]
        var wider = own
        wider?.window = 2000
        for theirs in [foreign, CommissioningCarry(), nil, wider] {
            let ends = try await Self.run(Traces.pair(12_000, seed: 5), [own, theirs])
            ReplayTests.expectKeys(ends.initiator, ends.responder)
            #expect(ends.initiator.statistics.commissionedPairs == 2400)
            #expect(ends.initiator.statistics.carriedPairs == 0)
            let state = try #require(ends.initiator.commissioningState)
            #expect(state.exchanges == 1)
            let his = ends.responder.commissioningState
            #expect((his == nil) == (theirs == nil))
            // Ends that keep different windows never hold the same.
            if let theirs, let his { #expect((his.digest == state.digest) == (theirs.window != 2000)) }
        }
        // Without anything to carry nothing is said of it.
        let wire = Wire()
        let plain = try await Self.run(Traces.pair(12_000, seed: 5), [nil, nil], over: wire)
        #expect(plain.initiator.commissioningState == nil)
        #expect(
            wire.said.filter { $0.bytes.first == SessionMessage.parameters }.allSatisfy {
                !String(decoding: $0.bytes, as: UTF8.self).contains("\"commissioning\"")
            })
    }

    @Test func `a window of other captures or another rate serves nobody, and the reason is told`()
        async throws
    {
        let first = try await Self.run(Traces.pair(), Self.fresh)
        let carry = try #require(try Self.renewed(first)[0])
        let state = try #require(carry.state)
        let amplitude = CommissioningState.Kind(feature: .amplitude, columns: 8, tones: [], simulated: true)
        #expect(carry.misfit(state.kind) == nil && carry.misfit(amplitude)?.contains("8 of kind") == true)
        #expect(carry.claim(amplitude).digest == nil)
        let claim = carry.claim(state.kind)
        func common(_ theirs: CommissioningCarry.Claim?, rate: Double?) -> (CarriedWindow?, String?) {
            CarriedWindow.common(carry, own: claim, theirs: theirs, kind: state.kind, rate: rate)
        }
        #expect(common(claim, rate: 50.4).0 != nil && common(claim, rate: 50).1 == nil)
        for rate in [40, 50.6, nil] as [Double?] {
            let (window, reason) = common(claim, rate: rate)
            #expect(window == nil && reason?.contains("probe rate") == true)
        }
        let (window, reason) = common(nil, rate: 50)
        #expect(window == nil && reason?.contains("peer") == true)
    }

    @Test func `another channel than the commissioned one is refused, and its window serves no more`()
        async throws
    {
        let first = try await Self.run(Traces.pair(), Self.fresh)
        let noisy = try await Self.run(Traces.pair(snr: 9, seed: 2), try Self.renewed(first))
        for outcome in [noisy.initiator, noisy.responder] {
            #expect(outcome.key == nil && outcome.certificate == nil)
            #expect(outcome.refusals.first?.contains("isn't the one that was commissioned") == true)
            #expect(outcome.refusals.contains { $0.contains("refreshed") })
            let state = try #require(outcome.commissioningState)
            #expect(!state.dropped.isEmpty && state.exchanges == 1)
            #expect(state.pairs == first.initiator.commissioningState?.pairs)
        }
        // It sticks, also on the channel as it was, and nothing is said before.
        let wire = Wire()
        var bench = Bench()
        bench.carries = try Self.renewed(noisy)
        let again = try await bench.run(Traces.pair(seed: 3), over: wire)
        #expect(again.initiator.refusals.contains { $0.contains("commission anew") })
        #expect(wire.said.allSatisfy { $0.bytes == [SessionMessage.abort] })
        // Removed, the channel is commissioned as it is now.
        let anew = try await Self.run(Traces.pair(snr: 20, seed: 6), Self.fresh)
        #expect(anew.initiator.key != nil)
    }

    @Test func `a failure on keyed samples drops the window as it was before them, and it sticks`()
        async throws
    {
        let first = try await Self.run(Traces.pair(12_000), Self.fresh)
        let carries = try Self.renewed(first)
        let before = try #require(carries[0]?.state)
        let failed = try await Self.run(Traces.loud(12_000, seed: 2, behind: 2400), carries)
        for outcome in [failed.initiator, failed.responder] {
            #expect(outcome.key == nil && outcome.certificate != nil)
            #expect(outcome.statistics.commissionedPairs == 640)
            let state = try #require(outcome.commissioningState)
            // What the failed exchange published isn't in it.
            #expect(state.dropped.contains("jumps") && state.digest == before.digest)
        }
        let wire = Wire()
        var bench = Bench()
        bench.carries = try Self.renewed(failed)
        let again = try await bench.run(Traces.pair(12_000, seed: 3), over: wire)
        #expect(again.initiator.refusals.contains { $0.contains("commission anew") && $0.contains("jumps") })
        #expect(wire.said.allSatisfy { $0.bytes == [SessionMessage.abort] })
    }

    @Test func `a failure on keyed samples drops a window that has only begun, and replays key nothing more`()
        async throws
    {
        var replay = Replay(options: Traces.quick, carry: CommissioningCarry())
        let (alice, bob) = Traces.loud(12_000, seed: 2, behind: 2400)
        let outcomes = try await replay.run(alice, bob)
        for outcome in [outcomes.initiator, outcomes.responder] {
            #expect(outcome.commissioningState?.dropped.contains("jumps") == true)
            #expect(outcome.commissioningState?.exchanges == 1)
        }
        // Without the window too: each replay commissions by itself, and nobody has looked at the channel.
        replay.carry = nil
        replay.health.absorb(outcomes.initiator.blockHealth + outcomes.responder.blockHealth)
        let error = await #expect(throws: QWaveError.self) {
            let (alice, bob) = Traces.pair(12_000, seed: 3)
            _ = try await replay.run(alice, bob)
        }
        #expect(error?.code == .refused && error?.message.contains("jumps") == true)
    }

    @Test
    func `what one end alone finds on keyed samples drops the window of a replay, and of that end only`()
        async throws
    {
        // Loud at the responder's end, below what reconciliation minds.
        let options = Traces.quick
        let quiet = Traces.pair(12_000, seed: 2).0
        let loud = Traces.loud(12_000, seed: 2, behind: 2400).1
        let outcomes = try await Replay(options: options, carry: CommissioningCarry()).run(quiet, loud)
        #expect(!outcomes.initiator.blockHealth.contains { !$0.passed })
        for outcome in [outcomes.initiator, outcomes.responder] {
            #expect(outcome.key == nil && outcome.commissioningState?.dropped.contains("jumps") == true)
        }
        let ends = try await Self.run((quiet, loud), Self.fresh)
        #expect(ends.responder.commissioningState?.dropped.contains("jumps") == true)
        // The peer's reasons aren't told: what there is stays as it is.
        #expect(ends.initiator.key == nil && ends.initiator.commissioningState == nil)
    }

    @Test func `a capture that was published in part is never keyed`() async throws {
        let first = try await Self.run(Traces.pair(), Self.fresh)
        var bench = Bench()
        bench.carries = try Self.renewed(first)
        let again = try await bench.run(Traces.pair())
        #expect(!again.hung && again.initiator.key == nil && again.responder.key == nil)
        #expect((again.initiator.refusals + again.responder.refusals).contains { $0.contains("published") })
        #expect(again.initiator.outcome?.commissioningState == nil)
        #expect(again.responder.outcome?.commissioningState == nil)
    }

    @Test func `what a window can't serve is refused before anything is said`() async throws {
        var synchronized = Traces.quick
        synchronized.feature = .synchronized
        var dct = Traces.quick
        dct.decorrelation = .dct
        for (options, eve) in [(synchronized, nil), (dct, nil), (Traces.quick, Traces.pair(seed: 9).0)] {
            let wire = Wire()
            var bench = Bench(options: options)
            bench.carries = Self.fresh
            bench.eve = eve
            let ending = try await bench.run(Traces.pair(), over: wire)
            #expect(ending.initiator.code == .usage && !ending.hung)
            #expect(wire.said.allSatisfy { $0.bytes == [SessionMessage.abort] })
        }
    }

    /// Snapshots of eight tones on a walk, every gain times `gain`.
    private static func walk(seed: UInt64, gain: Float = 1) throws -> (ChannelTrace, ChannelTrace) {
        var parameters = SimulationParameters(
            model: TGn.d.model, snr: 25, speed: 1, probeRate: 50, duration: 240, seed: seed)
        parameters.toneIndices = [-28, -20, -12, -4, 4, 12, 20, 28]
        let simulator = try TwoSidedSimulator(parameters)
        func louder(_ trace: ChannelTrace) -> ChannelTrace {
            var result = ChannelTrace(description: trace.description)
            for index in 0..<trace.count {
                result.append(
                    sequence: trace.sequence(at: index), time: trace.time(at: index),
                    shape: trace.shape(at: index),
                    gains: trace.gains(at: index).map { IQ($0.re * gain, $0.im * gain) })
            }
            return result
        }
        return (louder(try simulator.trace(.alice)), louder(try simulator.trace(.bob)))
    }

    @Test func `snapshots of many gains need fewer bytes, follow their channel, and notice a louder one`()
        async throws
    {
        var options = ExchangeOptions()
        options.feature = .amplitude
        options.stride = 3
        options.maximumBits = 3
        let first = try await Self.run(try Self.walk(seed: 1), Self.fresh, options: options)
        let wire = Wire()
        let second = try await Self.run(
            try Self.walk(seed: 2), try Self.renewed(first), options: options, over: wire)
        let (before, after) = (first.initiator.statistics, second.initiator.statistics)
        #expect(before.commissionedPairs == 2400 && after.commissionedPairs == 640)
        #expect(try Self.published(wire, by: .initiator, columns: 16).rows == 640)
        // 1,760 rows fewer of sixteen floats from each end; a few more symbols are reconciled.
        #expect(before.publicBytes - after.publicBytes > 1760 * 16 * 4 * 2 * 3 / 4)
        ReplayTests.expectKeys(second.initiator, second.responder)
        #expect(second.initiator.key?.count ?? 0 > first.initiator.key?.count ?? 0)

        let louder = try await Self.run(
            try Self.walk(seed: 3, gain: 1.5), try Self.renewed(second), options: options)
        for outcome in [louder.initiator, louder.responder] {
            #expect(outcome.key == nil)
            #expect(outcome.commissioningState?.dropped.contains { $0.contains("variance") } == true)
        }
    }
}
