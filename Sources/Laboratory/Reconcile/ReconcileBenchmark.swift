// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Reconciliation

/// Runs cases of reconciliation and measures them: throughput, leak, rounds, failures.
///
/// Time is processor time of the thread that does both ends' work; drawing the keys, verification and comparison
/// stand outside it. One block before the first is run and not counted, so that tables and caches are there.
public struct ReconcileBenchmark: Sendable {
    public var threads: Int

    public init(threads: Int = 1) { self.threads = threads }

    /// One measured block.
    private struct Sample {
        var seconds: Double
        var leakForward: Double
        var leakBackward: Double
        var messages: Int
        var bytes: Int
        var wrongFrames: Int
        var isUndetected: Bool
    }

    /// Runs one case.
    ///
    /// - Parameter progress: told the share that is done, from any thread.
    public func run(
        _ test: ReconcileCase, progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async throws -> ReconcileRow {
        try test.validate()
        guard threads >= 1 else { throw QWaveError(.usage, "threads are at least 1, not \(threads)") }
        _ = try Self.sample(test, block: 0)
        let count = test.blocks
        let workers = min(threads, count)
        let begin = ContinuousClock.now
        let samples = try await withThrowingTaskGroup(of: [Sample].self) { group in
            for worker in 0..<workers {
                group.addTask { @concurrent in
                    var samples: [Sample] = []
                    for block in stride(from: worker, to: count, by: workers) {
                        try Task.checkCancellation()
                        samples.append(try Self.sample(test, block: block))
                        if worker == 0 { progress(Double(block + 1) / Double(count)) }
                    }
                    return samples
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return row(test, samples, wall: (ContinuousClock.now - begin) / .seconds(1))
    }

    private static func sample(_ test: ReconcileCase, block: Int) throws -> Sample {
        let pair = test.pair(block)
        let seed = test.seed ^ (UInt64(block) &+ 1) &* 0xD134_2543_DE82_EF95
        let session = try ReconcileSession(test.engine, pair, seed: seed)
        var wrong = test.framesPerBlock
        var isEqual = false
        if let first = session.initiator?.bits, let second = session.responder?.bits {
            isEqual = first == second
            wrong = 0
            for frame in 0..<test.framesPerBlock where !isEqual {
                let range = frame * test.frameBits..<(frame + 1) * test.frameBits
                if first[range] != second[range] { wrong += 1 }
            }
        }
        return Sample(
            seconds: session.seconds, leakForward: session.leakForward, leakBackward: session.leakBackward,
            messages: session.messages, bytes: session.bytes, wrongFrames: wrong,
            isUndetected: try !isEqual && session.verifies(hashKey: seed &* 0x2545_F491_4F6C_DD1D))
    }

    private func row(_ test: ReconcileCase, _ samples: [Sample], wall: Double) -> ReconcileRow {
        let frames = Double(samples.count * test.framesPerBlock)
        let mean = { (value: (Sample) -> Double) in samples.reduce(0) { $0 + value($1) } / frames }
        let seconds = Self.quantile(samples.map(\.seconds), 0.5)
        let messages = samples.map { Double($0.messages) }
        let forward = mean(\.leakForward)
        let limit = Double(test.frameBits) * test.channel.conditionalEntropy
        return ReconcileRow(
            protocol: test.name, frameBits: test.frameBits, errorRate: test.channel.errorRate,
            soft: test.channel.isSoft, frames: Int(frames), framesPerBlock: test.framesPerBlock,
            threads: threads, megabitsPerSecond: Double(test.blockBits) / seconds / 1e6,
            wallMegabitsPerSecond: frames * Double(test.frameBits) / wall / 1e6,
            microsecondsPerFrame: seconds / Double(test.framesPerBlock) * 1e6,
            efficiency: limit > 0 ? forward / limit : nil,
            finiteLengthEfficiency: FiniteLengthLimit.efficiency(
                bits: test.frameBits, channel: test.channel, failure: 1e-3),
            leakForward: forward, leakBackward: mean(\.leakBackward),
            frameErrorRate: mean { Double($0.wrongFrames) },
            undetectedFailures: samples.count { $0.isUndetected },
            messages: Int(Self.quantile(messages, 0.5)),
            rounds: Int((Self.quantile(messages, 0.5) / 2).rounded(.up)),
            rounds99: Int((Self.quantile(messages, 0.99) / 2).rounded(.up)),
            publicBits: mean { Double(8 * $0.bytes) })
    }

    /// The smallest value with at least `share` of the values at or below it.
    static func quantile(_ values: [Double], _ share: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let rank = Int((share * Double(values.count)).rounded(.up)) - 1
        return values.sorted()[min(max(rank, 0), values.count - 1)]
    }
}
