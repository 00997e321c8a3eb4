// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Quantization
import Secrecy
import TestSupport
import Testing

@testable import Pairing

@Suite struct ReplayTests {
    static func expectKeys(_ a: ExchangeOutcome, _ b: ExchangeOutcome) {
        #expect(a.refusals.isEmpty && b.refusals.isEmpty, "\(a.refusals) \(b.refusals)")
        guard let mine = a.key, let theirs = b.key else {
            Issue.record("no key: \(a.refusals) \(b.refusals)")
            return
        }
        #expect(mine.bits == theirs.bits)
        #expect(mine.count >= 256 && mine.count % 256 == 0)
        for outcome in [a, b] {
            #expect(outcome.certificate?.verifyArithmetic() == [])
            #expect(outcome.certificate?.length == mine.count)
        }
        let lengths = [a, b].compactMap { $0.certificate?.ownLength }
        #expect(lengths.min() == mine.count)
        #expect(a.identifier == b.identifier && a.identifier.count == 16)
        #expect(a.statistics.leakForward == b.statistics.leakForward && a.statistics.leakForward > 0)
        #expect(a.statistics.leakBackward == b.statistics.leakBackward && a.statistics.leakBackward > 0)
        #expect(a.statistics.messages == b.statistics.messages)
        #expect(a.statistics.publicBytes == b.statistics.publicBytes)
        #expect(a.certificate?.terms == b.certificate?.terms)
    }

    @Test func `a replay gives both ends one key, one account and certificates that add up`() async throws {
        let (alice, bob) = Traces.pair(20_000)
        var options = Traces.quick
        options.maximumBits = 2
        let (a, b) = try await Replay(options: options).run(alice, bob)
        Self.expectKeys(a, b)
        #expect(a.role == .initiator && b.role == .responder)
        #expect(a.statistics.commissionedPairs == 4000 && a.statistics.pairs == 20_000)
        #expect(a.certificate?.terms.symbols ?? .max <= 16_000)
        #expect(a.statistics.corrected == nil && b.statistics.corrected != nil)
        #expect(a.certificate?.laboratory == true)
        // What reconciliation corrected is what the raw keys differed in: at 25 dB little, but something.
        let share = Double(b.statistics.corrected ?? 0) / Double(max(b.statistics.rawBits, 1))
        #expect(share > 0 && share < 0.1)
    }

    @Test func `two replays of the same captures never give the same key`() async throws {
        let captures = Traces.pair()
        let first = try await Replay(options: Traces.quick).run(captures.0, captures.1)
        let second = try await Replay(options: Traces.quick).run(captures.0, captures.1)
        let one = try #require(first.initiator.key)
        let other = try #require(second.initiator.key)
        #expect(one.bits != other.bits && first.initiator.identifier != second.initiator.identifier)
    }

    @Test func `the helper data's labels without helper data give a key or a clear refusal`() async throws {
        let captures = Traces.pair(12_000)
        var options = Traces.quick
        options.labels = .equiprobable
        options.helperBits = nil
        let result = try await Bench(options: options).run(captures)
        let a = try result.initiator.get()
        let b = try result.responder.get()
        #expect((a.key == nil) == (b.key == nil))
        if a.key == nil { #expect(!a.refusals.isEmpty && !b.refusals.isEmpty) } else { Self.expectKeys(a, b) }
    }

    @Test(arguments: [(1, 21, 1), (2, 61, 2), (3, 31, 2)])
    func `a given stride, trend window and bits are the plan's`(stride: Int, window: Int, bits: Int)
        async throws
    {
        var options = Traces.quick
        (options.stride, options.trendWindow, options.maximumBits) = (stride, window, bits)
        let result = try await Bench(options: options).run(Traces.pair(12_000))
        let a = try result.initiator.get()
        let b = try result.responder.get()
        #expect(a.statistics.plan == b.statistics.plan)
        #expect(a.statistics.plan?.stride == stride && a.statistics.plan?.trend.window == window)
        #expect(a.statistics.plan?.components.allSatisfy { $0.bits <= bits && $0.helperBits == 2 } == true)
        #expect((a.key == nil) == (b.key == nil) && (a.key == nil) == !a.refusals.isEmpty)
        if a.key != nil { Self.expectKeys(a, b) }
    }

    @Test func `an Eve who recorded what Alice recorded leaves no key`() async throws {
        let captures = Traces.pair()
        var bench = Bench(eve: captures.0)
        bench.options.threatModel.eveTrace = true
        let result = try await bench.run(captures)
        #expect(try result.initiator.get().key == nil && result.responder.get().key == nil)
        #expect(!result.initiator.refusals.isEmpty && !result.responder.refusals.isEmpty)
    }

    @Test func `an Eve elsewhere is charged no more than her bound`() async throws {
        let captures = Traces.pair(12_000)
        let plain = try await Bench().run(captures)
        var bench = Bench(eve: Traces.pair(12_000, seed: 99).0)
        bench.options.threatModel.eveTrace = true
        let heard = try await bench.run(captures)
        Self.expectKeys(try heard.initiator.get(), try heard.responder.get())
        let without = try #require(plain.initiator.outcome?.certificate?.terms.components.first)
        let with = try #require(heard.initiator.outcome?.certificate?.terms.components.first)
        // Five more regressors widen the memory's bound by little; the assumed 0.126 bits fall away.
        #expect(with.eveCharge == 0)
        #expect(with.charge < without.charge)
        #expect(with.memoryCharge < without.memoryCharge + 0.02)
    }

    @Test func `an Eve without sequence numbers is aligned alike at both ends`() async throws {
        let captures = Traces.pair()
        var late = ChannelTrace(description: captures.1.description)
        for index in 0..<captures.1.count {
            late.append(
                sequence: nil, time: Double(index) / 50 + 0.009, shape: SnapshotShape(),
                gains: captures.1.gains(at: index))
        }
        var early = ChannelTrace(description: captures.0.description)
        for index in 0..<captures.0.count {
            early.append(
                sequence: nil, time: Double(index) / 50, shape: SnapshotShape(),
                gains: captures.0.gains(at: index))
        }
        // Her probes come between the two ends', nearer now to the one, now to the other.
        var eve = ChannelTrace(description: captures.0.description)
        for (index, gain) in Traces.pair(seed: 98).0.gains.enumerated() {
            eve.append(
                sequence: nil, time: Double(index) / 50 + 0.0145, shape: SnapshotShape(), gains: [gain])
        }
        var bench = Bench(eve: eve)
        bench.options.threatModel.eveTrace = true
        let result = try await bench.run((early, late))
        #expect(try result.initiator.get().statistics.plan == result.responder.get().statistics.plan)
    }

    @Test func `a capture of single complex gains makes a key too`() async throws {
        func complex(_ trace: ChannelTrace) -> ChannelTrace {
            var result = ChannelTrace(
                description: .init(format: "test", quantity: .complexGain, nominalRate: 50, simulated: true))
            for index in 0..<trace.count {
                let level = trace.gains(at: index).first?.re ?? 0
                result.append(
                    sequence: UInt64(index), time: nil, shape: SnapshotShape(),
                    gains: [IQ(0.6 * (level + 90), 0.8 * (level + 90))])
            }
            return result
        }
        let (alice, bob) = Traces.pair()
        let result = try await Bench().run((complex(alice), complex(bob)))
        Self.expectKeys(try result.initiator.get(), try result.responder.get())
    }
}
