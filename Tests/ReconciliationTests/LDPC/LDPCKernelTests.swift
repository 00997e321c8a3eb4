// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct LDPCKernelTests {
    /// All posteriors of a decoder.
    private func posteriors(_ decoder: LDPCDecoder) -> [Int8] {
        (0..<decoder.code.columns).flatMap { column in
            (0..<decoder.code.lift).map { decoder[column: column, place: $0] }
        }
    }

    /// Runs two kernels side by side over random input, a few iterations at a time, and compares what they hold.
    private func compare(_ code: LDPCCode, _ kernel: LDPCKernel, largest: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alice = (0..<code.bitCount / 64).map { _ in random.next() }
        // Mostly right, some wildly wrong, up to the ends of the range.
        let values = (0..<code.bitCount).map { bit -> Int8 in
            if Int.random(in: 0..<9, using: &random) == 0 {
                return Int8.random(in: -128...127, using: &random)
            }
            let size = Int8(Int.random(in: -2...largest, using: &random))
            return alice[bit / 64] >> UInt64(bit % 64) & 1 == 1 ? -size : size
        }
        let pair = [LDPCDecoder(code, kernel: .generic), LDPCDecoder(code, kernel: kernel)]
        for decoder in pair { decoder.load(values.span) }
        for (level, iterations) in [(0, 1), (0, 2), (code.levels, 1), (code.levels, 5)] {
            let syndrome = code.syndrome(of: alice.span, level: level)
            let outcomes = pair.map { decoder in
                decoder.level = level
                return decoder.decode(syndrome.span, iterations: iterations)
            }
            #expect(outcomes[0] == outcomes[1])
            #expect(posteriors(pair[0]) == posteriors(pair[1]))
            let decisions = pair.map { $0.withDecisions { words in alice.indices.map { words[$0] } } }
            #expect(decisions[0] == decisions[1])
        }
    }

    @Test(arguments: LDPCKernel.available, [64, 128, 192, 320])
    func `Every kernel gives the generic one's posteriors, messages, iterations and decisions`(
        kernel: LDPCKernel, lift: Int
    ) throws {
        for degree in [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 24, 40, 97, 128] {
            let shifted = degree % 4 != 3
            let code = try randomCode(
                lift: lift, columns: degree, turns: 4, degree: degree, cuts: 3, shifted: shifted,
                unit: 3 + degree % 2, seed: UInt64(degree))
            compare(code, kernel, largest: degree % 3 == 0 ? 127 : 20, seed: UInt64(lift + degree))
        }
    }

    @Test(arguments: LDPCKernel.available)
    func `Rows of one edge are served too`(kernel: LDPCKernel) throws {
        let edges = [0, 1, 2, 0, 1, 2].map { LDPCCode.Edge(column: $0, shift: 17 * $0) }
        for lift in [64, 128] {
            let code = try LDPCCode(
                lift: lift, columns: 3, edges: edges, boundaries: [0, 1, 3, 6], cuts: [2])
            compare(code, kernel, largest: 9, seed: 3)
        }
    }

    @Test(arguments: LDPCKernel.available)
    func `Bits become values of the given size`(kernel: LDPCKernel) throws {
        for lift in [64, 192] {
            let code = try randomCode(lift: lift, columns: 6, degree: 3, seed: 4)
            var random = SplitMix64(seed: 5)
            let bits = (0..<code.bitCount / 64).map { _ in random.next() }
            let decoder = LDPCDecoder(code, kernel: kernel)
            decoder.load(bits.span, magnitude: 23)
            let expected = (0..<code.bitCount).map {
                bits[$0 / 64] >> UInt64($0 % 64) & 1 == 1 ? Int8(-23) : 23
            }
            #expect(posteriors(decoder) == expected)
        }
    }

    @Test func `The automatic kernel is one that this machine has`() {
        #expect(LDPCKernel.available.contains(.generic))
        #expect(LDPCKernel.available.contains(LDPCKernel.chosen))
    }

    @Test func `A transpose swaps rows and columns`() {
        var random = SplitMix64(seed: 6)
        let words = (0..<64).map { _ in random.next() }
        var turned = words
        transpose64(&turned)
        for i in 0..<64 {
            for j in 0..<64 { #expect(turned[i] >> UInt64(j) & 1 == words[j] >> UInt64(i) & 1) }
        }
    }
}
