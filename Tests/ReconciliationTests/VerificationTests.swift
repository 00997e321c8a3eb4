// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct VerificationTests {
    static let sizes = [0, 1, 63, 64, 65, 127, 128, 129, 5000]

    @Test(arguments: sizes)
    func `equal keys pass with the bound of their length`(size: Int) async throws {
        let bits = BitString.seeded(count: size, seed: 1)
        let session = await Session<ReconciledKey>.run(
            Verification(), CorrectedKey(bits: bits, corrected: 0), CorrectedKey(bits: bits, corrected: 3),
            seed: 2)
        let first = try session.initiator.get()
        let second = try session.responder.get()
        #expect(first.bits == bits && second.bits == bits)
        #expect(first.corrected == 0 && second.corrected == 3)
        let blocks = Double((size + 63) / 64)
        #expect(first.verificationEpsilon == (blocks + 1) / 18_446_744_073_709_551_616)
        #expect(second.verificationEpsilon == first.verificationEpsilon)
    }

    @Test(arguments: sizes.dropFirst())
    func `one wrong bit is refused at both ends and stays counted`(size: Int) async {
        let bits = BitString.seeded(count: size, seed: 1)
        for bit in Set([0, size / 2, size - 1]) {
            var other = bits
            other.flip(at: bit)
            let session = await Session<ReconciledKey>.run(
                Verification(), CorrectedKey(bits: bits, corrected: 0),
                CorrectedKey(bits: other, corrected: 0),
                seed: UInt64(bit))
            #expect(session.codes == [.refused, .refused])
            #expect(session.initiatorLedger.account == session.responderLedger.account)
            #expect(session.initiatorLedger.verificationLeak == 64)
            #expect(session.initiatorLedger.otherLeak == 1)
            #expect(session.initiatorLedger.reconciliationLeak(.initiatorToResponder) == 0)
        }
    }

    @Test func `the hash key is fresh for each block`() async {
        let key = CorrectedKey(bits: BitString.seeded(count: 100, seed: 1), corrected: 0)
        var keys: Set<[UInt8]> = []
        for seed in 0..<20 as Range<UInt64> {
            let session = await Session<ReconciledKey>.run(Verification(), key, key, seed: seed)
            keys.insert(Array(session.forward[0][5..<13]))
        }
        #expect(keys.count == 20)
    }

    @Test func `keys of different lengths end the session`() async {
        let session = await Session<ReconciledKey>.run(
            Verification(), CorrectedKey(bits: BitString(count: 100), corrected: 0),
            CorrectedKey(bits: BitString(count: 101), corrected: 0), seed: 1)
        #expect(session.codes == [.linkClosed, .protocolViolation])
    }

    @Test func `the whole chain turns raw keys into reconciled ones`() async throws {
        let pair = RawPair(count: 10_000, errorRate: 0.04, seed: 5)
        let session = await Session<ReconciledKey>.run(
            Cascade().then(Verification()), pair.initiator, pair.responder, seed: 6)
        #expect(try session.initiator.get().bits == pair.initiator.bits)
        #expect(try session.responder.get().bits == pair.initiator.bits)
        #expect(try session.responder.get().corrected == pair.errors.onesCount)
        #expect(session.initiatorLedger.account == session.responderLedger.account)
    }

    @Test func `what reconciliation left wrong is refused, not delivered`() async {
        // A wrong reference stands for a residual error: the two ends reconcile against different keys.
        let pair = RawPair(count: 1000, errorRate: 0.02, seed: 9)
        var wrong = pair.initiator.bits
        wrong.flip(at: 500)
        let session = await Session<ReconciledKey>.run(
            Verification(), CorrectedKey(bits: pair.initiator.bits, corrected: 0),
            CorrectedKey(bits: wrong, corrected: 20), seed: 1)
        #expect(session.codes == [.refused, .refused])
    }
}
