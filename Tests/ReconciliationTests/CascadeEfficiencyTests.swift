// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// Forward leak over the Shannon limit, as a regression (measured values: Documentation of the room).
@Suite struct CascadeEfficiencyTests {
    struct Case: Sendable {
        var bits: Int
        var errorRate: Double
        var runs: Int
        /// A bound above the measured mean by three standard errors or more.
        var limit: Double
        var rounds: Int
    }

    @Test(arguments: [
        Case(bits: 2000, errorRate: 0.02, runs: 100, limit: 1.17, rounds: 120),
        Case(bits: 2000, errorRate: 0.05, runs: 100, limit: 1.13, rounds: 150),
        Case(bits: 2000, errorRate: 0.15, runs: 100, limit: 1.12, rounds: 260),
        Case(bits: 10_000, errorRate: 0.02, runs: 30, limit: 1.10, rounds: 150),
        Case(bits: 10_000, errorRate: 0.11, runs: 30, limit: 1.08, rounds: 220),
        Case(bits: 10_000, errorRate: 0.25, runs: 30, limit: 1.06, rounds: 150),
        Case(bits: 100_000, errorRate: 0.02, runs: 4, limit: 1.07, rounds: 180),
    ])
    func `the forward leak stays near the Shannon limit`(_ test: Case) throws {
        var leak = 0
        for run in 0..<test.runs {
            let frames = [KeyFrame(range: 0..<test.bits, errorRate: test.errorRate)]
            let errors = ErrorPattern.independent.errors(frames, count: test.bits, seed: UInt64(run))
            // The search sees the error pattern only, so a zero reference key serves.
            let key = RawKey(bits: errors, frames: frames)
            let search = try Cascade(.fewMessages).search(key, seed: UInt64(run) &+ 77, corrects: true)
            while search.questionCount > 0 { try search.take(search.say(header: []), at: 0) }
            #expect(search.refusal == nil && search.corrected == errors.onesCount)
            #expect(search.rounds <= test.rounds)
            leak += search.asked
        }
        let efficiency =
            Double(leak) / Double(test.runs * test.bits) / binaryEntropy(test.errorRate)
        #expect(efficiency < test.limit)
        #expect(efficiency > 0.97, "less than Shannon allows: parities went uncounted")
    }
}
