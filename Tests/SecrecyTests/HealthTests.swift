// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import TestSupport
import Testing

@Suite struct HealthTests {
    /// H; RCT cutoffs, APT cutoffs for W = 1024 and W = 512, at 2⁻²⁰, 2⁻³⁰, 2⁻⁴⁰.
    static let table: [(Double, [Int], [Int], [Int])] = [
        (0.1, [201, 301, 401], [991, 999, 1005], [502, 507, 510]),
        (0.2, [101, 151, 201], [941, 952, 961], [480, 487, 493]),
        (0.3, [68, 101, 135], [890, 904, 915], [456, 466, 473]),
        (0.5, [41, 61, 81], [793, 810, 824], [410, 422, 432]),
        (0.75, [28, 41, 55], [684, 703, 719], [357, 371, 382]),
        (1, [21, 31, 41], [589, 609, 625], [311, 325, 336]),
        (2, [11, 16, 21], [325, 343, 358], [177, 190, 201]),
        (3, [8, 11, 15], [182, 197, 209], [103, 114, 123]),
        (4, [6, 9, 11], [105, 116, 126], [62, 71, 78]),
        (8, [4, 5, 6], [18, 22, 26], [13, 16, 19]),
    ]

    @Test func `the cutoffs are the published ones`() {
        for (entropy, repetition, wide, narrow) in Self.table {
            for (index, alpha) in [0x1p-20, 0x1p-30, 0x1p-40].enumerated() {
                #expect(RepetitionCountTest(entropy: entropy, falseAlarm: alpha).cutoff == repetition[index])
                let proportion = {
                    AdaptiveProportionTest(entropy: entropy, falseAlarm: alpha, window: $0).cutoff
                }
                #expect(proportion(1024) == wide[index])
                #expect(proportion(512) == narrow[index])
            }
        }
    }

    @Test func `the repetition count alarms at its cutoff and not one before`() {
        let test = RepetitionCountTest(entropy: 2, falseAlarm: 0x1p-20)
        #expect(test.run([0, 1] + [Int](repeating: 3, count: 10) + [2]).passed)
        #expect(!test.run([0, 1] + [Int](repeating: 3, count: 11) + [2]).passed)
        #expect(!test.run([Int](repeating: 3, count: 11)).passed)
        #expect(!test.run([]).passed)
        #expect(!RepetitionCountTest(entropy: 0).run([1, 2, 3]).passed)
        #expect(!RepetitionCountTest(entropy: .nan).run([1, 2, 3]).passed)
    }

    @Test func `a run in the outermost cell is as likely as a process with that memory makes it`() {
        // Without memory a symbol is worth its bits.
        for bits in 1...4 {
            #expect(abs(RepetitionCountTest.runEntropy(bits: bits, memory: 0) - Double(bits)) < 1e-9)
        }
        // With it, less and less: counted on a first-order process, outermost cell after outermost cell.
        var generator = SplitMix64(seed: 3)
        func gaussian() -> Double {
            let u = Double.random(in: 1e-12..<1, using: &generator)
            return (-2 * log(u)).squareRoot()
                * cos(2 * Double.pi * Double.random(in: 0..<1, using: &generator))
        }
        for (memory, edge, bits) in [
            (0.5, 0.0, 1), (0.6, 0.6744897501960817, 2), (0.7, 1.1503493803760079, 3),
        ] {
            var state = gaussian()
            var inside = 0
            var stayed = 0
            for _ in 0..<400_000 {
                let next = memory * state + (1 - memory * memory).squareRoot() * gaussian()
                if state > edge {
                    inside += 1
                    if next > edge { stayed += 1 }
                }
                state = next
            }
            let counted = -log2(Double(stayed) / Double(inside))
            let formula = RepetitionCountTest.runEntropy(bits: bits, memory: memory)
            #expect(abs(formula - counted) < 0.1, "\(bits): \(formula) and \(counted)")
        }
    }

    @Test func `the adaptive proportion alarms at its cutoff, in any window`() {
        let test = AdaptiveProportionTest(entropy: 3, falseAlarm: 0x1p-20, bits: 3)
        func window(_ hits: Int) -> [Int] {
            (0..<512).map { $0 < hits * 4 && $0 % 4 == 0 ? 5 : $0 % 4 }
        }
        #expect(test.window == 512)
        #expect(test.run(window(102)).passed)
        #expect(!test.run(window(103)).passed)
        #expect(!test.run(window(100) + window(103)).passed)
        #expect(!test.run(window(100) + window(103).prefix(420)).passed, "a short last window counts")
        #expect(!test.run([]).passed)
        #expect(AdaptiveProportionTest(entropy: 1, bits: 1).window == 1024)
    }

    @Test func `good symbols pass the start-up, stuck or few ones don't`() {
        var generator = SplitMix64(seed: 3)
        let good = (0..<2000).map { _ in Int(generator.next() % 8) }
        let test = StartUpTest(entropy: 2.5, bits: 3)
        #expect(test.run(good).map(\.passed) == [true, true, true])
        #expect(test.run(Array(good.prefix(1023))).map(\.passed) == [false, true, true])
        #expect(test.run([Int](repeating: 1, count: 2000)).filter { !$0.passed }.count == 2)
        #expect(StartUpTest.symbols == 1024)
    }

    @Test func `alignment accepts a lag of one and refuses two, noise and constants`() {
        var generator = SplitMix64(seed: 9)
        let channel = (0..<500).map { _ in Double.random(in: -1...1, using: &generator) }
        let test = AlignmentTest(commissioned: CommissionedCorrelation(value: 0.9, samples: 2000))
        #expect(test.run(channel, channel).passed)
        #expect(test.run(channel, [0] + channel.dropLast()).passed)
        #expect(!test.run(channel, [0, 0] + channel.dropLast(2)).passed)
        #expect(
            !test.run(channel, (0..<500).map { _ in Double.random(in: -1...1, using: &generator) }).passed)
        let still = [Double](repeating: 0.1, count: 500)
        #expect(!test.run(still, still).passed)
        #expect(!test.run([], []).passed)
        #expect(!test.run(channel, [.nan] + channel.dropFirst()).passed)
        #expect(!AlignmentTest.commissioning(correlation: 0.29).passed)
        #expect(AlignmentTest.commissioning(correlation: 0.3).passed)
        #expect(!AlignmentTest.commissioning(correlation: .nan).passed)
    }

    @Test func `the coherence floor leaves room for chance and no more`() {
        let test = CoherenceFloorTest(commissioned: CommissionedCorrelation(value: 0.99, samples: 1003))
        let floor = tanh(atanh(0.99) - 4.763001034267814 * (0.002).squareRoot())
        #expect(test.run(correlation: floor + 1e-6, samples: 1003, component: "a").passed)
        #expect(!test.run(correlation: floor - 1e-6, samples: 1003, component: "a").passed)
        #expect(!test.run(correlation: 0.99, samples: 3, component: "a").passed)
        #expect(!test.run(correlation: .nan, samples: 1000, component: "a").passed)
    }

    @Test func `the mismatch ceiling stands at the binomial's 2^-20 point`() {
        let test = MismatchCeilingTest(commissionedRate: 0.5)
        // critbinom(1024, ½, 1 − 2⁻²⁰) = 588: one below the adaptive proportion cutoff.
        #expect(test.run(errors: 588, of: 1024).passed)
        #expect(!test.run(errors: 589, of: 1024).passed)
        #expect(test.run(errors: 589, of: 1024, correlated: 3).passed, "bits of one symbol fail together")
        #expect(!MismatchCeilingTest(commissionedRate: 0).run(errors: 1, of: 100).passed)
        #expect(MismatchCeilingTest(commissionedRate: 0, trials: 1000).run(errors: 1, of: 100).passed)
        #expect(!MismatchCeilingTest(commissionedRate: .nan).run(errors: 0, of: 100).passed)
        #expect(!test.run(errors: 0, of: 0).passed)
    }

    @Test func `a static channel is caught by power or by predictability`() {
        func passed(_ power: Double, _ noise: Double, _ r2: Double) -> [Bool] {
            StaticChannelTest.run(diffusePower: power, noiseVariance: noise, predictability: r2).map(\.passed)
        }
        #expect(passed(2, 1, 0.95) == [true, true])
        #expect(passed(1.99, 1, 0.5) == [false, true])
        #expect(passed(100, 1, 0.951) == [true, false])
        #expect(passed(0, 0, 0) == [false, true])
        #expect(passed(.nan, 1, .nan) == [false, false])
        #expect(passed(1, -1, 0) == [false, true])
        #expect(!VarianceFloorTest.run(variance: 0, noiseVariance: 0, component: "a").passed)
        #expect(!VarianceFloorTest.run(variance: 1.9, noiseVariance: 1, component: "a").passed)
        #expect(VarianceFloorTest.run(variance: 2, noiseVariance: 1, component: "a").passed)
    }

    @Test func `a measured value has no coded form and no description`() throws {
        let result = HealthResult(name: "alignment", passed: true, threshold: 0.5, localValue: 0.8125)
        let data = try JSONEncoder().encode(result)
        let text = String(decoding: data, as: UTF8.self)
        #expect(!text.contains("0.8125"))
        #expect(!"\(result)".contains("0.8125"))
        #expect(!String(reflecting: result).contains("0.8125"))
        var dumped = ""
        dump(result, to: &dumped)
        #expect(!dumped.contains("0.8125"))
        let back = try JSONDecoder().decode(HealthResult.self, from: data)
        #expect(back.passed && back.threshold == 0.5 && back.localValue == nil)
        #expect(!HealthResult(name: "x", passed: true, threshold: 1, localValue: .nan).passed)
    }

    @Test func `a failure sticks until somebody resets it`() {
        var state = HealthState()
        let bad = HealthResult(name: "a", passed: false, threshold: 1, localValue: 2)
        let good = HealthResult(name: "a", passed: true, threshold: 1, localValue: 0)
        state.absorb([good])
        #expect(state.isHealthy)
        state.absorb([bad])
        state.absorb([good])
        #expect(!state.isHealthy && state.refusals.count == 1)
        state.reset()
        #expect(state.isHealthy)
    }
}
