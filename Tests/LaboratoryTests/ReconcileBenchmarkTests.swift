// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Reconciliation
import Testing

@testable import Laboratory

/// An engine that says one message and corrects nothing: what the benchmark makes of failures.
private struct Silent: Reconciler {
    var name: String { "silent" }

    struct Machine: ReconciliationMachine {
        var bits: BitString
        var speaks: Bool
        var received: Disclosure { .nothing }

        mutating func opening() -> ReconciliationAction<CorrectedKey>? {
            speaks ? .send([7, 7, 7], Disclosure(.parity, bits: 5, isReconciliation: true)) : nil
        }
        mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<CorrectedKey> {
            let result = CorrectedKey(bits: bits, corrected: 0)
            guard !speaks else { return .finish(last: nil, .success(result)) }
            return .finish(
                last: .init([1], Disclosure(.parity, bits: 2, isReconciliation: true)), .success(result))
        }
    }

    func initiator(_ key: RawKey, seed: UInt64) throws(QWaveError) -> any ReconciliationMachine<CorrectedKey>
    {
        Machine(bits: key.bits, speaks: true)
    }
    func responder(_ key: RawKey) throws(QWaveError) -> any ReconciliationMachine<CorrectedKey> {
        Machine(bits: key.bits, speaks: false)
    }
}

@Suite struct ReconcileBenchmarkTests {
    @Test func `leak, bytes and messages are those of the messages`() async throws {
        let test = ReconcileCase(
            engine: Silent(), frameBits: 100, keys: .simulated(.binarySymmetric(errorRate: 0.5)),
            framesPerBlock: 4, frames: 40, seed: 1)
        let row = try await ReconcileBenchmark(threads: 2).run(test)
        #expect(row.frames == 40 && row.messages == 2 && row.rounds == 1)
        #expect(row.leakForward == 5.0 / 4 && row.leakBackward == 2.0 / 4 && row.publicBits == 32.0 / 4)
        // Half of the bits differ, so no frame of 100 bits ends equal, and a 64-bit hash sees it.
        #expect(row.frameErrorRate == 1 && row.undetectedFailures == 0)
    }

    @Test func `a frame counts as wrong only where its own bits differ`() async throws {
        var other = BitString.init(count: 400)
        other[150] = true
        let test = ReconcileCase(
            engine: Silent(), frameBits: 100,
            keys: .own(initiator: BitString(count: 400), responder: other, errorRate: 0.01),
            framesPerBlock: 4, frames: 4, seed: 1)
        let row = try await ReconcileBenchmark().run(test)
        #expect(row.frameErrorRate == 0.25)
        #expect(row.errorRate == 1.0 / 400)
    }

    @Test(arguments: Reconcilers.names) func `every engine corrects simulated keys`(_ name: String)
        async throws
    {
        let test = ReconcileCase(
            engine: try Reconcilers.named(name), frameBits: 4096,
            keys: .simulated(.binarySymmetric(errorRate: 0.04)), frames: 3, seed: 9)
        let row = try await ReconcileBenchmark().run(test)
        #expect(row.frameErrorRate == 0 && row.undetectedFailures == 0)
        let efficiency = try #require(row.efficiency)
        // Nobody can stay below the entropy on the mean of many bits; and twice of it would be a defect.
        #expect(efficiency > 0.9 && efficiency < 2)
        #expect(row.publicBits >= row.leakForward + row.leakBackward)
    }

    @Test func `the blocks of a case are independent of each other`() {
        let test = ReconcileCase(
            engine: Cascade(), frameBits: 6400, keys: .simulated(.binarySymmetric(errorRate: 0.1)), frames: 6,
            seed: 3)
        let pairs = (0..<6).map { test.pair($0) }
        for (index, first) in pairs.enumerated() {
            for second in pairs[..<index] {
                // At every shift by whole words: one stream that starts later looks equal at some.
                for shift in -8...8 {
                    let low = max(0, 64 * shift)..<min(6400, 6400 + 64 * shift)
                    let moved = low.lowerBound - 64 * shift..<low.upperBound - 64 * shift
                    let distance = first.initiator.bits[low].distance(to: second.initiator.bits[moved])
                    #expect(abs(2 * Double(distance) / Double(low.count) - 1) < 0.1)
                    let errors = [first, second].map { $0.initiator.bits ^ $0.responder.bits }
                    let common = (errors[0][low] ^ errors[1][moved]).distance(to: BitString(count: low.count))
                    #expect(Double(common) > 0.12 * Double(low.count))
                }
            }
        }
    }

    @Test func `the same seed gives the same leak whatever the number of threads`() async throws {
        var leaks: Set<Double> = []
        for threads in [1, 2, 3] {
            let test = ReconcileCase(
                engine: Cascade(), frameBits: 1000, keys: .simulated(.binarySymmetric(errorRate: 0.03)),
                frames: 7, seed: 4)
            leaks.insert(try await ReconcileBenchmark(threads: threads).run(test).leakForward)
        }
        #expect(leaks.count == 1)
    }

    @Test func `keys of two lengths, empty keys and impossible rates are refused`() async throws {
        let ten = BitString(count: 10)
        for (first, second, rate) in [(ten, BitString(count: 11), 0.1), (BitString(), BitString(), 0.1)] {
            let test = ReconcileCase(
                engine: Cascade(), frameBits: 5,
                keys: .own(initiator: first, responder: second, errorRate: rate), frames: 1, seed: 1)
            await #expect(throws: QWaveError.self) { try await ReconcileBenchmark().run(test) }
        }
        for rate in [-0.1, 0.6, Double.nan] {
            let test = ReconcileCase(
                engine: Cascade(), frameBits: 5, keys: .simulated(.binarySymmetric(errorRate: rate)),
                frames: 1,
                seed: 1)
            await #expect(throws: QWaveError.self) { try await ReconcileBenchmark().run(test) }
        }
    }

    @Test func `quantiles are values of the sample`() {
        #expect(ReconcileBenchmark.quantile([3, 1, 2], 0.5) == 2)
        #expect(ReconcileBenchmark.quantile([4, 3, 1, 2], 0.5) == 2)
        #expect(ReconcileBenchmark.quantile([5], 0.99) == 5)
        #expect(ReconcileBenchmark.quantile((1...100).map(Double.init), 0.99) == 99)
    }
}
