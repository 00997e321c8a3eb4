// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Quantization
import TestSupport
import Testing

@Suite struct PairListTests {
    @Test func `pairs follow sequence numbers through losses, reordering and duplicates`() throws {
        let alice: [UInt64] = [3, 1, 2, 2, 7, 5, 9, 3]
        let bob: [UInt64] = [2, 1, 5, 4, 9, 1, 8]
        let pairs = try PairList(initiator: .sequences(alice), responder: .sequences(bob))
        #expect(pairs.basis == .sequence)
        #expect(pairs.initiator.map { alice[$0] } == [1, 2, 5, 9])
        #expect(pairs.responder.map { bob[$0] } == [1, 2, 5, 9])
        // A number that was seen twice counts the first time.
        #expect(pairs.initiator == [1, 2, 5, 6])
        #expect(pairs.responder == [1, 0, 2, 4])
    }

    @Test func `random losses and shuffles leave exactly the common numbers`() throws {
        var random = SplitMix64(seed: 4)
        for _ in 0..<50 {
            let all = (0..<UInt64(200)).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
            let alice = all.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
            let bob = all.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
            let common = Set(alice).intersection(bob).sorted()
            let pairs = try PairList(initiator: .sequences(alice), responder: .sequences(bob))
            #expect(pairs.initiator.map { alice[$0] } == common)
            #expect(pairs.responder.map { bob[$0] } == common)
        }
    }

    @Test func `times pair with the nearest within half the median interval`() throws {
        var random = SplitMix64(seed: 5)
        let alice = (0..<500).map { Double($0) * 0.02 }
        // Bob misses every seventh, his clock is off by 3 ms and jitters by 2 ms.
        let kept = (0..<500).filter { $0 % 7 != 3 }
        let bob = kept.map { Double($0) * 0.02 + 0.003 + Double.random(in: -0.002...0.002, using: &random) }
        let pairs = try PairList(initiator: .times(alice), responder: .times(bob))
        #expect(pairs.basis == .time)
        #expect(pairs.initiator == kept)
        #expect(pairs.responder == Array(kept.indices))
    }

    @Test func `time pairing gives no probe twice and never pairs beyond its tolerance`() throws {
        var random = SplitMix64(seed: 6)
        for _ in 0..<50 {
            let alice = (0..<60).map { _ in Double.random(in: 0..<1, using: &random) }
            let bob = (0..<80).map { _ in Double.random(in: 0..<1, using: &random) }
            let sorted = alice.sorted()
            let gaps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }.sorted()
            let pairs = try PairList(initiator: .times(alice), responder: .times(bob))
            #expect(Set(pairs.initiator).count == pairs.count)
            #expect(Set(pairs.responder).count == pairs.count)
            for (a, b) in zip(pairs.initiator, pairs.responder) {
                #expect(abs(alice[a] - bob[b]) <= gaps[gaps.count / 2] / 2 + 1e-9)
            }
            // Both lists run forward in time.
            let times = zip(pairs.initiator, pairs.responder).map { (alice[$0], bob[$1]) }
            #expect(zip(times, times.dropFirst()).allSatisfy { $0.0 <= $1.0 && $0.1 <= $1.1 })
        }
    }

    @Test func `times that aren't finite are left out and trap nowhere`() throws {
        let alice: [Double] = [0, 1, .nan, 2, .infinity, 3, -.infinity, 4]
        let bob: [Double] = [.nan, 0.1, 1.1, 2.1, .nan, 3.1, .infinity, 4.1]
        let pairs = try PairList(initiator: .times(alice), responder: .times(bob))
        #expect(pairs.initiator.map { alice[$0] } == [0, 1, 2, 3, 4])
        #expect(pairs.responder.map { bob[$0] } == [0.1, 1.1, 2.1, 3.1, 4.1])
        let nothing = [Double](repeating: .nan, count: 20)
        #expect(
            thrownCode { _ = try PairList(initiator: .times(nothing), responder: .times(nothing)) }
                == .refused)
    }

    /// A quadratic search would compare 10¹⁰ times here.
    @Test func `crowded times pair in linear time`() throws {
        let crowd = [Double](repeating: 0.5, count: 100_000)
        let wide = (0..<100_001).map { $0 < 50_000 ? Double($0) * 1e-6 : Double($0) * 1e6 }
        #expect(try PairList(initiator: .times(wide), responder: .times(crowd)).count > 0)
        #expect(try PairList(initiator: .times(crowd), responder: .times(crowd)).count > 0)
    }

    @Test func `rows pair only captures of equal length`() throws {
        let pairs = try PairList(initiator: .rows(5), responder: .rows(5))
        #expect(
            pairs.basis == .row && pairs.initiator == [0, 1, 2, 3, 4] && pairs.responder == pairs.initiator)
        #expect(thrownCode { _ = try PairList(initiator: .rows(5), responder: .rows(6)) } == .refused)
        #expect(thrownCode { _ = try PairList(initiator: .rows(5), responder: .times([1, 2])) } == .refused)
    }

    @Test(arguments: [
        (ProbeList.sequences([]), ProbeList.sequences([])), (.sequences([1]), .sequences([2])),
        (.times([]), .times([])), (.times([0, 1]), .times([100])), (.rows(0), .rows(0)),
    ])
    func `nothing in common is refused`(a: ProbeList, b: ProbeList) {
        #expect(thrownCode { _ = try PairList(initiator: a, responder: b) } == .refused)
    }

    @Test func `a trace offers numbers, else times, else rows`() {
        func trace(_ sequence: (Int) -> UInt64?, _ time: (Int) -> Double?) -> ChannelTrace {
            var trace = ChannelTrace(description: .init(format: "test", quantity: .complexGain))
            for n in 0..<10 {
                trace.append(
                    sequence: sequence(n), time: time(n),
                    shape: SnapshotShape(receiveAntennas: 1, transmitAntennas: 1, subcarriers: 1),
                    gains: [.zero])
            }
            return trace
        }
        let numbered = ProbeList(trace({ UInt64($0) }, { Double($0) }))
        #expect(numbered == .sequences((0..<10).map { UInt64($0) }))
        // One number for all is no number.
        #expect(ProbeList(trace({ _ in 7 }, { Double($0) })) == .times((0..<10).map { Double($0) }))
        #expect(ProbeList(trace({ $0 == 3 ? nil : UInt64($0) }, { _ in nil })) == .rows(10))
        #expect(ProbeList(trace({ _ in nil }, { _ in nil })).count == 10)
    }
}
