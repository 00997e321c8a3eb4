// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct LDPCTests {
    static let sizes = [0, 1, 2, 31, 63, 64, 65, 255, 256, 257, 1000, 5000]
    static let rates = [0, 0.01, 0.05, 0.11, 0.2, 0.3, 0.5]

    private func expectEqual(
        _ first: RawKey, _ second: RawKey, stage: LDPC = LDPC(), seed: UInt64, _ comment: Comment
    ) async throws -> Session<CorrectedKey> {
        let session = await Session<CorrectedKey>.run(stage, first, second, seed: seed)
        #expect(try session.initiator.get().bits == first.bits, comment)
        let corrected = try session.responder.get()
        #expect(corrected.bits == first.bits, comment)
        #expect(corrected.corrected == first.bits.distance(to: second.bits), comment)
        #expect(session.initiatorLedger.account == session.responderLedger.account, comment)
        let told = session.initiatorLedger.reconciliationLeak(.initiatorToResponder)
        #expect(told <= Double(first.bits.count), comment)
        return session
    }

    @Test(arguments: sizes, rates)
    func `both ends end with the initiator's key`(size: Int, rate: Double) async throws {
        for (run, stage) in [LDPC(), LDPC(frameBits: 256), LDPC(emphasis: .littleLeak)].enumerated() {
            let seed = UInt64(size) &* 1000 &+ UInt64(rate * 100) &* 7 &+ UInt64(run)
            let pair = RawPair(count: size, errorRate: rate, seed: seed)
            _ = try await expectEqual(
                pair.initiator, pair.responder, stage: stage, seed: seed, "size \(size), rate \(rate)")
        }
    }

    @Test(arguments: [0.02, 0.08, 0.15, 0.25, 0.4])
    func `soft values are corrected and leak less than their signs alone`(rate: Double) async throws {
        var leak: [Double] = []
        let pair = SoftPair(count: 8000, errorRate: rate, seed: 5)
        for keys in [(pair.initiator, pair.responder), (pair.hardInitiator, pair.hardResponder)] {
            let session = try await expectEqual(
                keys.0, keys.1, stage: LDPC(frameBits: 1000), seed: 6, "rate \(rate)")
            leak.append(session.initiatorLedger.reconciliationLeak(.initiatorToResponder))
        }
        #expect(leak[0] <= leak[1])
        if rate < 0.2 { #expect(leak[0] < 0.9 * leak[1]) }
        #expect(leak[0] > SoftPair.entropy(rate) * 8000, "less than Shannon allows: bits went uncounted")
    }

    @Test(arguments: [
        (0.02, 0.1), (0.1, 0.02), (0.0, 0.03), (0.03, 0.15), (0.25, 0.05), (0.05, 0.25), (0, 0.5), (0.1, 0.2),
        (0.1, 0.05), (0.5, 0),
    ])
    func `a wrong estimate costs bits but not the key`(estimate: Double, truth: Double) async throws {
        for seed in 0..<3 as Range<UInt64> {
            let pair = RawPair(count: 3000, errorRate: estimate, pattern: .rate(truth), seed: seed)
            _ = try await expectEqual(
                pair.initiator, pair.responder, seed: seed, "estimate \(estimate), truth \(truth)")
            let soft = SoftPair(
                count: 3000, errorRate: max(truth, 0.001), claimed: max(estimate, 0.001), seed: seed)
            _ = try await expectEqual(
                soft.initiator, soft.responder, seed: seed, "soft, estimate \(estimate), truth \(truth)")
        }
    }

    @Test(arguments: [0.4, 0.7, 1.5, 2.5])
    func `log-likelihoods of a wrong scale cost bits but not the key`(scale: Double) async throws {
        let right = SoftPair(count: 4000, errorRate: 0.12, seed: 3)
        let wrong = SoftPair(count: 4000, errorRate: 0.12, scale: scale, seed: 3)
        var leak: [Double] = []
        for pair in [right, wrong] {
            let session = try await expectEqual(
                pair.initiator, pair.responder, stage: LDPC(frameBits: 1000), seed: 1, "scale \(scale)")
            leak.append(session.initiatorLedger.reconciliationLeak(.initiatorToResponder))
        }
        #expect(leak[1] < 1.5 * leak[0])
    }

    @Test func `log-likelihoods that lie cost bits but not the key`() async throws {
        var random = SplitMix64(seed: 4)
        let pair = SoftPair(count: 2000, errorRate: 0.1, seed: 4)
        let values = (0..<2000).map { _ in Int8.random(in: -128...127, using: &random) }
        let liar = RawKey(bits: pair.responder.bits, frames: pair.responder.frames, logLikelihoods: values)
        _ = try await expectEqual(pair.initiator, liar, seed: 2, "random log-likelihoods")
    }

    @Test func `a long key takes long codes, and what they don't cover short ones`() async throws {
        for (rate, isLong) in [(0.09, true), (0.02, false), (0.25, false)] {
            let pair = RawPair(count: 32_768, errorRate: rate, seed: 8)
            let stage = LDPC(frameBits: 16_384)
            #expect(try stage.plan(pair.initiator).code.isShifted == isLong)
            let session = try await expectEqual(
                pair.initiator, pair.responder, stage: stage, seed: 4, "rate \(rate)")
            let leak = session.initiatorLedger.reconciliationLeak(.initiatorToResponder)
            #expect(leak < (isLong ? 1.14 : 1.5) * binaryEntropy(rate) * 32_768)
        }
        let soft = SoftPair(count: 32_768, errorRate: 0.15, seed: 4)
        let session = try await expectEqual(soft.initiator, soft.responder, seed: 4, "soft")
        #expect(session.forward.count <= 5)
    }

    /// What session keys are made of: label bits that are all about equally sure, in every length.
    @Test(arguments: [
        (8000, 0.2, 1.13), (11_000, 0.15, 1.16), (13_000, 0.1, 1.14), (16_400, 0.15, 1.12),
        (24_577, 0.2, 1.1),
        (33_000, 0.08, 1.16), (40_000, 0.05, 1.2), (32_000, 0.025, 1.25), (79_140, 0.15, 1.09),
        (79_140, 0.3, 1.08),
    ])
    func `a long soft key leaks within a tenth or so of what Shannon allows`(
        count: Int, rate: Double, efficiency: Double
    ) async throws {
        let pair = SoftPair(count: count, errorRate: rate, seed: 12)
        let stage = LDPC(emphasis: .littleLeak)
        #expect(try stage.plan(pair.initiator).code.isShifted)
        let session = try await expectEqual(
            pair.initiator, pair.responder, stage: stage, seed: 9, "\(count) bits at \(rate)")
        let leak = session.initiatorLedger.reconciliationLeak(.initiatorToResponder)
        #expect(leak < efficiency * SoftPair.entropy(rate) * Double(count))
        // What is charged is what was sent: a seed and lengths at the head, then bits alone.
        let sent = session.forward.reduce(0) { $0 + 8 * $1.count }
        #expect(Double(sent) >= leak && Double(sent) < leak + 8.0 * Double(22 + 2 * session.forward.count))
    }

    @Test func `a long code whose levels are spent is cut further, and ends with the bits told`() async throws
    {
        let pair = RawPair(count: 20_000, errorRate: 0.09, pattern: .rate(0.2), seed: 8)
        _ = try await expectEqual(
            pair.initiator, pair.responder, stage: LDPC(frameBits: 32_768), seed: 4, "more errors")
        let half = RawPair(count: 20_000, errorRate: 0.09, pattern: .rate(0.5), seed: 8)
        let session = try await expectEqual(
            half.initiator, half.responder, stage: LDPC(frameBits: 32_768), seed: 4, "half the bits")
        #expect(session.initiatorLedger.reconciliationLeak(.initiatorToResponder) == 20_000)
    }

    @Test func `frames of different rates share messages and leak little more than the sum of their needs`()
        async throws
    {
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
        let session = try await expectEqual(pair.initiator, pair.responder, seed: 1, "small frames")
        let limit = frames.reduce(0.0) { $0 + Double($1.range.count) * binaryEntropy($1.errorRate) }
        #expect(session.initiatorLedger.reconciliationLeak(.initiatorToResponder) < 1.25 * limit)
        #expect(session.forward.count <= 8)
    }

    @Test func `bursts cost no more than scattered errors`() async throws {
        var leak: [Double] = []
        for pattern in [ErrorPattern.bursts(0.05), .rate(0.05)] {
            let pair = RawPair(count: 16_000, errorRate: 0.05, pattern: pattern, seed: 1)
            let session = try await expectEqual(pair.initiator, pair.responder, seed: 2, "bursts")
            leak.append(session.initiatorLedger.reconciliationLeak(.initiatorToResponder))
        }
        #expect(leak[0] < 1.05 * leak[1])
    }

    @Test func `each message is charged with exactly the bits that it holds`() async throws {
        let pair = SoftPair(count: 5000, errorRate: 0.12, seed: 2)
        let stage = LDPC(frameBits: 500)
        let session = try await expectEqual(pair.initiator, pair.responder, stage: stage, seed: 2, "charges")
        let plan = try stage.plan(pair.initiator)
        #expect(plan.frameCount == 10)
        // Counted out from the messages: the verdicts tell which frames were still open.
        var open = 10
        var forward = 0
        for (round, message) in session.forward.enumerated() {
            try #require(round < plan.rounds.count, "this seed reveals nothing")
            let before = round == 0 ? -plan.hashBits : plan.rounds[round - 1]
            let bits = open * (plan.rounds[round] - before)
            #expect(message.count == (round == 0 ? 22 : 1) + (bits + 7) / 8)
            forward += bits
            let verdicts = session.backward[round]
            #expect(verdicts.count == 1 + (open + 7) / 8)
            open -= verdicts.dropFirst().reduce(0) { $0 + $1.nonzeroBitCount }
        }
        #expect(open == 0 && session.forward.count > 1)
        let ledger = session.initiatorLedger
        #expect(ledger.reconciliationLeak(.initiatorToResponder) == Double(forward))
        #expect(ledger.otherLeak == 0 && ledger.verificationLeak == 0)
        let wire = 8 * session.forward.reduce(0) { $0 + $1.count }
        #expect(Double(wire) < 1.3 * Double(forward))
        #expect(try session.initiator.get().messages == session.forward.count + session.backward.count)
        #expect(try session.responder.get().messages == session.forward.count + session.backward.count)
    }

    @Test func `keys far apart are refused by both ends with the leak counted`() async {
        let pair = RawPair(count: 4000, errorRate: 0.01, pattern: .rate(0.5), seed: 21)
        let session = await Session<CorrectedKey>.run(
            LDPC(maximumLeak: 0.8), pair.initiator, pair.responder, seed: 22)
        #expect(session.codes == [.refused, .refused])
        let leak = session.initiatorLedger.reconciliationLeak(.initiatorToResponder)
        #expect(leak > 400 && leak <= 3200)
        #expect(session.initiatorLedger.account == session.responderLedger.account)
    }

    @Test func `a block that can't be worth it is refused before anything is told`() async {
        let pair = RawPair(count: 4000, errorRate: 0.4, seed: 21)
        let session = await Session<CorrectedKey>.run(
            LDPC(maximumLeak: 0.8), pair.initiator, pair.responder, seed: 22)
        #expect(session.codes == [.refused, .refused])
        #expect(session.forward.count == 1 && session.backward.isEmpty)
        #expect(session.initiatorLedger.reconciliationLeak(.initiatorToResponder) == 0)
        #expect(session.initiatorLedger.account == session.responderLedger.account)
    }

    @Test func `the round limit refuses at both ends`() async {
        let pair = RawPair(count: 4000, errorRate: 0.01, pattern: .rate(0.2), seed: 21)
        let session = await Session<CorrectedKey>.run(
            LDPC(maximumRounds: 2), pair.initiator, pair.responder, seed: 22)
        #expect(session.codes == [.refused, .refused])
        #expect(session.forward.count == 2 && session.backward.count == 2)
        #expect(session.initiatorLedger.account == session.responderLedger.account)
    }

    @Test func `ends that disagree about frames or options stop before anything is told back`() async {
        let pair = RawPair(count: 500, errorRate: 0.05, seed: 1)
        let other = RawKey(bits: pair.responder.bits, frames: [KeyFrame(range: 0..<500, errorRate: 0.06)])
        let soft = RawKey(
            bits: pair.responder.bits,
            frames: [KeyFrame(range: 0..<500, errorRate: 0.05, softEntropy: 0.2)])
        for key in [other, soft] {
            let session = await Session<CorrectedKey>.run(LDPC(), pair.initiator, key, seed: 1)
            #expect(session.codes == [.linkClosed, .protocolViolation] && session.backward.isEmpty)
        }
        for stage in [
            LDPC(emphasis: .littleLeak), LDPC(frameBits: 100), LDPC(hashBits: 30), LDPC(maximumRounds: 3),
            LDPC(maximumLeak: 0.9),
        ] {
            let session = await Session<CorrectedKey>.run(
                LDPC(), pair.initiator, pair.responder, responderStage: stage, seed: 1)
            #expect(session.codes == [.linkClosed, .protocolViolation] && session.backward.isEmpty)
        }
    }

    @Test func `impossible frames and options are refused`() {
        let bits = BitString.seeded(count: 100, seed: 1)
        for frame in [
            KeyFrame(range: 0..<99, errorRate: 0.1), KeyFrame(range: 0..<100, errorRate: .nan),
            KeyFrame(range: 0..<100, errorRate: 0.1, softEntropy: 1.1),
            KeyFrame(range: 0..<100, errorRate: 0.1, softEntropy: -0.1),
            KeyFrame(range: 0..<100, errorRate: 0.1, softEntropy: .nan),
        ] {
            let key = RawKey(bits: bits, frames: [frame])
            #expect { try LDPCInitiator(key, seed: 1) } throws: { ($0 as? QWaveError)?.code == .badInput }
            #expect { try LDPCResponder(key) } throws: { ($0 as? QWaveError)?.code == .badInput }
        }
        let key = RawKey(bits: bits, frames: [KeyFrame(range: 0..<100, errorRate: 0.1)])
        for options in [LDPC(frameBits: 0), LDPC(hashBits: 7), LDPC(hashBits: 57)] {
            #expect { try LDPCInitiator(key, seed: 1, options: options) } throws: {
                ($0 as? QWaveError)?.code == .usage
            }
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["QWAVE_LONG_TESTS"] != nil, "a minute or two"))
    func `a million short frames are all corrected`() throws {
        let options = LDPC(frameBits: 256)
        for seed in 0..<1000 as Range<UInt64> {
            let pair = RawPair(count: 256_000, errorRate: 0.1, seed: seed)
            var initiator = try LDPCInitiator(pair.initiator, seed: seed, options: options)
            var responder = try LDPCResponder(pair.responder, options: options)
            var corrected: BitString?
            var action = initiator.opening()
            while let step = action {
                var message: [UInt8]?
                switch step {
                case .send(let bytes, _): message = bytes
                case .finish(let last, _): message = last?.bytes
                }
                guard let message else { break }
                switch try responder.receive(message) {
                case .send(let bytes, _): action = try initiator.receive(bytes)
                case .finish(let last, let result):
                    corrected = try result.get().bits
                    action = try last.flatMap { try initiator.receive($0.bytes) }
                }
            }
            #expect(corrected == pair.initiator.bits, "seed \(seed)")
        }
    }

    @Test func `a frame of code words that are wrong is not accepted`() async throws {
        // With hashes of 8 bits and a first syndrome far too small, wrong candidates are common; those with
        // wrong hashes stay open.
        var options = LDPC(frameBits: 64, hashBits: 40)
        var tuning = LDPCTuning()
        tuning.steps = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 2]
        options.tuningOverride = tuning
        let pair = SoftPair(count: 64_000, errorRate: 0.03, seed: 77)
        _ = try await expectEqual(pair.initiator, pair.responder, stage: options, seed: 3, "tiny frames")
    }
}
