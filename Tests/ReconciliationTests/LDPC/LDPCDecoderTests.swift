// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct LDPCDecoderTests {
    @Test(arguments: [64, 256], [true, false])
    func `A frame with easy noise is corrected`(lift: Int, shifted: Bool) throws {
        // Without shifts each lane has a small graph of its own, so that takes more columns.
        let columns = shifted ? 40 : 1000
        let code = try randomCode(
            lift: lift, columns: columns, turns: 4, degree: 5, shifted: shifted, seed: 11)
        var random = SplitMix64(seed: 12)
        let alice = (0..<columns * lift / 64).map { _ in random.next() }
        // One bit in 64 is wrong.
        let bob = alice.map { word in (0..<6).reduce(~0) { noise, _ in noise & random.next() } ^ word }
        let decoder = LDPCDecoder(code)
        decoder.load(bob.span, magnitude: 12)
        let outcome = decoder.decode(code.syndrome(of: alice.span, level: 0).span, iterations: 50)
        #expect(outcome.unsatisfied == 0)
        #expect(outcome.iterations > 0)
        decoder.withDecisions { decisions in
            for word in 0..<alice.count { #expect(decisions[word] == alice[word]) }
        }
    }
}
