// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct CascadeTests {
    static let sizes = [0, 1, 2, 3, 63, 64, 65, 127, 128, 129, 256, 1000]
    static let rates = [0, 0.01, 0.05, 0.11, 0.2, 0.3, 0.5]

    private func expectEqual(
        _ pair: RawPair, stage: Cascade = Cascade(), seed: UInt64, _ comment: Comment
    ) async throws {
        let session = await Session<CorrectedKey>.run(stage, pair.initiator, pair.responder, seed: seed)
        let first = try session.initiator.get()
        let second = try session.responder.get()
        #expect(first.bits == pair.initiator.bits, comment)
        #expect(second.bits == pair.initiator.bits, comment)
        #expect(first.corrected == 0 && second.corrected == pair.errors.onesCount, comment)
        #expect(session.initiatorLedger.account == session.responderLedger.account, comment)
    }

    @Test(arguments: sizes, rates)
    func `both ends end with the initiator's key`(size: Int, rate: Double) async throws {
        for run in 0..<3 as Range<UInt64> {
            let seed = UInt64(size) &* 1000 &+ UInt64(rate * 100) &* 7 &+ run
            let pair = RawPair(count: size, errorRate: rate, seed: seed)
            try await expectEqual(pair, seed: seed, "size \(size), rate \(rate), seed \(seed)")
        }
    }

    @Test(arguments: [0.005, 0.02, 0.08, 0.15, 0.25])
    func `a long key is corrected`(rate: Double) async throws {
        let pair = RawPair(count: 100_000, errorRate: rate, seed: 11)
        try await expectEqual(pair, seed: 12, "rate \(rate)")
        try await expectEqual(
            pair, stage: Cascade(.littleLeak), seed: 12, "rate \(rate), little leak")
    }

    @Test func `keys without errors stay as they are`() async throws {
        for size in Self.sizes {
            let pair = RawPair(count: size, errorRate: 0.03, pattern: .rate(0), seed: 5)
            try await expectEqual(pair, seed: 6, "size \(size)")
        }
    }

    @Test func `short keys whose every bit is wrong are corrected`() async throws {
        for size in [1, 2, 3, 5, 16, 33, 64] {
            let pair = RawPair(count: size, errorRate: 0.5, pattern: .all, seed: 7)
            try await expectEqual(pair, seed: 8, "size \(size)")
        }
    }

    @Test(arguments: [(0.02, 0.1), (0.1, 0.02), (0.0, 0.03), (0.03, 0.15), (0.25, 0.05), (0.05, 0.25)])
    func `a wrong estimate costs bits but not the key`(estimate: Double, truth: Double) async throws {
        for seed in 0..<5 as Range<UInt64> {
            let pair = RawPair(count: 5000, errorRate: estimate, pattern: .rate(truth), seed: seed)
            try await expectEqual(
                pair, seed: seed &+ 40, "estimate \(estimate), truth \(truth), seed \(seed)")
        }
    }

    @Test func `bursts cost no more than scattered errors`() async throws {
        var leak: [Double] = []
        for pattern in [ErrorPattern.bursts(0.03), .rate(0.03)] {
            var sum = 0.0
            for seed in 0..<5 as Range<UInt64> {
                let pair = RawPair(count: 10_000, errorRate: 0.03, pattern: pattern, seed: seed)
                try await expectEqual(pair, seed: seed, "burst seed \(seed)")
                let session = await Session<CorrectedKey>.run(
                    Cascade(), pair.initiator, pair.responder, seed: seed)
                // A burst test has fewer errors where runs meet: compare per error.
                sum +=
                    session.initiatorLedger.reconciliationLeak(.initiatorToResponder)
                    / Double(pair.errors.onesCount)
            }
            leak.append(sum)
        }
        #expect(leak[0] < 1.1 * leak[1])
    }

    @Test func `many small frames of different rates share few messages`() async throws {
        var frames: [KeyFrame] = []
        var random = SplitMix64(seed: 3)
        var start = 0
        while frames.count < 200 {
            let count = Int.random(in: 0...60, using: &random)
            let rates: [Double] = [0, 0.001, 0.01, 0.04, 0.1, 0.2, 0.3, 0.45]
            let rate = rates.randomElement(using: &random) ?? 0
            frames.append(KeyFrame(range: start..<start + count, errorRate: rate))
            start += count
        }
        frames.shuffle(using: &random)
        let errors = ErrorPattern.independent.errors(frames, count: start, seed: 9)
        let pair = RawPair(frames: frames, errors: errors, seed: 10)
        try await expectEqual(pair, seed: 1, "small frames")
        let session = await Session<CorrectedKey>.run(Cascade(), pair.initiator, pair.responder, seed: 1)
        let limit = frames.reduce(0.0) { $0 + Double($1.range.count) * binaryEntropy($1.errorRate) }
        #expect(session.initiatorLedger.reconciliationLeak(.initiatorToResponder) < 1.25 * limit)
        #expect(session.forward.count < 150)
    }

    @Test func `each message is charged with exactly the parities that it holds`() async throws {
        let pair = RawPair(count: 3000, errorRate: 0.05, seed: 2)
        let session = await Session<CorrectedKey>.run(Cascade(), pair.initiator, pair.responder, seed: 2)
        let forward = session.initiatorLedger.reconciliationLeak(.initiatorToResponder)
        let backward = session.initiatorLedger.reconciliationLeak(.responderToInitiator)
        #expect(forward == backward)
        let packed = session.forward.enumerated().reduce(0) {
            $0 + $1.element.count - ($1.offset == 0 ? 22 : 1)
        }
        #expect(
            Double(packed * 8) >= forward && Double(packed * 8) < forward + Double(8 * session.forward.count))
        #expect(session.initiatorLedger.otherLeak == 0)
        let messages = try session.initiator.get().messages
        #expect(messages == session.forward.count + session.backward.count)
    }

    @Test func `keys far apart are refused by both ends with the leak counted`() async {
        let pair = RawPair(count: 4000, errorRate: 0.01, pattern: .rate(0.5), seed: 21)
        let session = await Session<CorrectedKey>.run(Cascade(), pair.initiator, pair.responder, seed: 22)
        #expect(session.codes == [.refused, .refused])
        let leak = session.initiatorLedger.reconciliationLeak(.initiatorToResponder)
        #expect(leak > 2000 && leak <= 4064)
        #expect(session.initiatorLedger.account == session.responderLedger.account)
    }

    @Test func `the round limit refuses at both ends`() async {
        let pair = RawPair(count: 4000, errorRate: 0.05, seed: 21)
        let stage = Cascade(maximumRounds: 5)
        let session = await Session<CorrectedKey>.run(stage, pair.initiator, pair.responder, seed: 22)
        #expect(session.codes == [.refused, .refused])
        #expect(session.forward.count == 5 && session.backward.count == 5)
        #expect(session.initiatorLedger.account == session.responderLedger.account)
    }

    @Test func `ends that disagree about frames or options stop before anything is told back`() async {
        let pair = RawPair(count: 500, errorRate: 0.05, seed: 1)
        let other = RawKey(bits: pair.responder.bits, frames: [KeyFrame(range: 0..<500, errorRate: 0.06)])
        let frames = await Session<CorrectedKey>.run(Cascade(), pair.initiator, other, seed: 1)
        #expect(frames.codes == [.linkClosed, .protocolViolation] && frames.backward.isEmpty)
        let options = await Session<CorrectedKey>.run(
            Cascade(), pair.initiator, pair.responder, responderStage: Cascade(.littleLeak), seed: 1
        )
        #expect(options.codes == [.linkClosed, .protocolViolation] && options.backward.isEmpty)
        let shorter = RawPair(count: 499, errorRate: 0.05, seed: 1)
        let length = await Session<CorrectedKey>.run(Cascade(), pair.initiator, shorter.responder, seed: 1)
        #expect(length.codes == [.linkClosed, .protocolViolation])
    }

    @Test func `frames that don't cover every bit once are bad input`() {
        let bits = BitString.seeded(count: 100, seed: 1)
        let lists: [[KeyFrame]] = [
            [], [KeyFrame(range: 0..<99, errorRate: 0.1)], [KeyFrame(range: 0..<101, errorRate: 0.1)],
            [KeyFrame(range: 0..<60, errorRate: 0.1), KeyFrame(range: 50..<100, errorRate: 0.1)],
            [KeyFrame(range: 0..<100, errorRate: 0.6)], [KeyFrame(range: 0..<100, errorRate: .nan)],
            [KeyFrame(range: 0..<100, errorRate: -0.1)],
        ]
        for frames in lists {
            let key = RawKey(bits: bits, frames: frames)
            #expect { try CascadeInitiator(key, seed: 1) } throws: { ($0 as? QWaveError)?.code == .badInput }
            #expect { try CascadeResponder(key) } throws: { ($0 as? QWaveError)?.code == .badInput }
        }
    }

    @Test func `a failing random generator closes the link`() async {
        let (left, right) = Loopback.pair()
        let pair = RawPair(count: 100, errorRate: 0.05, seed: 1)
        let party = Party(
            role: .initiator, link: left, ledger: SecrecyLedger(), random: FailingRandomSource())
        await #expect { try await Cascade().run(pair.initiator, as: party) } throws: {
            ($0 as? QWaveError)?.code == .noRandomness
        }
        await #expect { try await right.receive() } throws: { ($0 as? QWaveError)?.code == .linkClosed }
    }
}

/// h(e) in bits.
func binaryEntropy(_ e: Double) -> Double {
    e <= 0 || e >= 1 ? 0 : -e * log2(e) - (1 - e) * log2(1 - e)
}

@Suite struct CascadeVariantTests {
    @Test func `every variant is found by its name, and names are distinct`() {
        #expect(Cascade.named.count == Cascade.Variant.allCases.count)
        for (name, engine) in Cascade.named { #expect(engine.name == name) }
        #expect(Cascade.named["cascade"]?.variant == .balanced && Cascade().name == "cascade")
        for name in [
            "low-leak", "few-rounds", "original", "biconf", "yan", "option3", "option4", "option7", "option8",
        ] {
            #expect(Cascade.named["cascade-\(name)"] != nil)
        }
    }

    @Test(arguments: Cascade.Variant.allCases)
    func `every variant corrects keys of every size`(variant: Cascade.Variant) async throws {
        var failures = 0
        for (index, size) in [0, 1, 2, 63, 64, 65, 500, 5000, 30_000].enumerated() {
            for rate in [0, 0.01, 0.06, 0.2, 0.3, 0.5] {
                let pair = RawPair(count: size, errorRate: rate, seed: UInt64(index))
                let session = await Session<CorrectedKey>.run(
                    Cascade(variant), pair.initiator, pair.responder, seed: UInt64(index))
                let same = try session.responder.get().bits == pair.initiator.bits
                #expect(session.initiatorLedger.account == session.responderLedger.account)
                if !same { failures += 1 }
            }
        }
        // BICONF and passes of a few large blocks leave an error now and then: verification is there for that.
        #expect(failures <= (variant == .biconf ? 3 : variant == .original ? 3 : 0))
    }

    @Test func `block sizes are the published ones, to the nearest power of two`() {
        func levels(_ variant: Cascade.Variant, _ e: Double, _ bits: Int) -> [Int] {
            let schedule = CascadeSchedule(variant: variant, bits: bits)
            return schedule.levels(firstLevel: schedule.firstLevel(errorRate: e), errorRate: e)
        }
        // 0.73/0.02 = 36.5, then twice that.
        #expect(levels(.original, 0.02, 10_000) == [5, 6, 7, 8])
        // 0.92/0.02 = 46, three times that is 138.
        #expect(levels(.biconf, 0.02, 10_000) == [6, 7])
        // 40, 200, then 5000.
        #expect(levels(.yan, 0.02, 10_000) == [5, 8] + [Int](repeating: 12, count: 8))
        // 50, 100, then 5000.
        #expect(levels(.option3, 0.02, 10_000) == [6, 7] + [Int](repeating: 12, count: 14))
        // 2^6, 2^8.
        #expect(levels(.option7, 0.02, 10_000) == [6, 8] + [Int](repeating: 12, count: 12))
        #expect(levels(.option7, 0.03, 10_000) == [6, 8] + [Int](repeating: 12, count: 12))
        // α = 5.14: 2^6, 2^⌈8.57⌉, 4096.
        #expect(levels(.option8, 0.02, 10_000) == [6, 9, 12] + [Int](repeating: 12, count: 11))
        // α = 6.14: 2^7, 2^⌈9.07⌉.
        #expect(levels(.option8, 0.01, 100_000) == [7, 10, 12] + [Int](repeating: 16, count: 11))
    }
}
