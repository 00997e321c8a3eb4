// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// The structured order of the passes: a permutation, and as good as a uniform one.
@Suite struct CascadeOrderTests {
    @Test(arguments: [1, 63, 64, 65, 1000, 4095, 4096, 4097, 4160, 6100, 8192, 10_000, 33_000])
    func `every tree holds each of its bits once, and the two directions agree`(count: Int) throws {
        for rate in [0.02, 0.15, 0.3] {
            let pair = RawPair(count: count, errorRate: rate, seed: UInt64(count))
            let errors = RawKey(bits: pair.errors, frames: pair.initiator.frames)
            let search = try Cascade(.littleLeak).search(errors, seed: 3, corrects: true)
            while search.questionCount > 0 { try search.take(search.say(header: []), at: 0) }
            for tree in 0..<search.treeCount {
                var seen = Set<Int>()
                for position in 0..<search.positions(of: tree) {
                    guard let bit = search.bit(at: position, in: tree) else { continue }
                    #expect(seen.insert(bit).inserted)
                    #expect(search.position(ofKeyPosition: bit, in: tree) == position)
                }
                if tree == 0 { #expect(seen.count == count) }
            }
        }
    }

    struct Tally {
        var asked = 0
        var rounds = 0
        var errors = 0
        var failures = 0
    }

    private func tally(
        _ count: Int, _ rate: Double, _ pattern: ErrorPattern, runs: Int, isUniform: Bool
    ) throws -> Tally {
        var tally = Tally()
        for run in 0..<runs {
            let frames = [KeyFrame(range: 0..<count, errorRate: rate)]
            let errors = pattern.errors(frames, count: count, seed: UInt64(run))
            let search = try Cascade().search(
                RawKey(bits: errors, frames: frames), seed: UInt64(run) &+ 900, corrects: true,
                isUniform: isUniform)
            while search.questionCount > 0 { try search.take(search.say(header: []), at: 0) }
            tally.asked += search.asked
            tally.rounds += search.rounds
            tally.errors += errors.onesCount
            if search.corrected != errors.onesCount { tally.failures += 1 }
        }
        return tally
    }

    @Test(arguments: [
        (10_000, 0.02, false), (10_000, 0.11, false), (6100, 0.05, false), (60_000, 0.03, false),
        (10_000, 0.03, true), (60_000, 0.03, true),
    ])
    func `leak, messages and failures are those of a uniform order`(count: Int, rate: Double, inBursts: Bool)
        throws
    {
        let pattern = inBursts ? ErrorPattern.bursts(rate) : .rate(rate)
        let runs = 800_000 / count
        let ours = try tally(count, rate, pattern, runs: runs, isUniform: false)
        let uniform = try tally(count, rate, pattern, runs: runs, isUniform: true)
        #expect(ours.errors == uniform.errors && ours.failures == 0 && uniform.failures == 0)
        // Bounds above three standard errors of the difference.
        #expect(abs(Double(ours.asked) / Double(uniform.asked) - 1) < 0.02, "\(ours.asked), \(uniform.asked)")
        #expect(
            abs(Double(ours.rounds) / Double(uniform.rounds) - 1) < 0.2, "\(ours.rounds), \(uniform.rounds)")
    }
}
