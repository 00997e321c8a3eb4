// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

@Suite struct LongCodeTests {
    @Test(arguments: LongCode.all.indices, [1, 3])
    func `No shipped code has a cycle of length 4 at its smallest lift, nor at a multiple`(
        index: Int, multiple: Int
    ) throws {
        let long = LongCode.all[index]
        let code = try long.code(lift: multiple * long.smallestLift)
        let bounds = code.boundaries(level: 0)
        // Two columns that meet in two rows close a cycle where their shifts differ by the same in both.
        var differences: [Int: Set<Int>] = [:]
        for (start, end) in zip(bounds, bounds.dropFirst()) {
            let row = code.edges[Int(start)..<Int(end)]
            for a in row {
                for b in row where a.column < b.column {
                    let difference = (Int(a.shift) - Int(b.shift) + code.lift) % code.lift
                    let pair = Int(a.column) << 16 | Int(b.column)
                    #expect(differences[pair, default: []].insert(difference).inserted)
                }
            }
        }
    }

    @Test(arguments: LongCode.all.indices)
    func `A shipped code is what its entry says, and every column has two checks or more`(index: Int) throws {
        let long = LongCode.all[index]
        let code = try long.code(lift: long.lifts[0])
        #expect(code.columns == long.columns && code.levels == long.levels)
        #expect(code.rows(level: 0) == long.rows)
        var degrees = [Int](repeating: 0, count: code.columns)
        for edge in code.edges { degrees[Int(edge.column)] += 1 }
        #expect(degrees.allSatisfy { $0 >= 2 })
        let last = code.boundaries(level: code.levels)
        // A check of two bits is none to waste on hard ones.
        let shortest = index < LongCode.hard.count ? 3 : 2
        #expect(zip(last, last.dropFirst()).allSatisfy { $1 - $0 >= shortest && $1 - $0 <= 96 })
        #expect(throws: QWaveError.self) { try long.code(lift: 96) }
        #expect(throws: QWaveError.self) { try long.code(lift: 32) }
    }

    @Test
    func
        `Every leak from 0.102 to 0.656 is covered at a million bits, by one block row at the most too much`()
        throws
    {
        for step in 102...656 {
            let leak = Double(step) / 1000
            let choice = try #require(LongCode.covering(leak: leak, bits: 1 << 20))
            let covered = choice.code.leak(level: choice.level)
            #expect(covered >= leak - 1e-12 && covered < leak + 1.0 / 256)
            #expect(choice.level >= 0 && choice.level <= choice.code.levels)
            #expect(choice.lift * choice.code.columns == 1 << 20)
        }
        #expect(LongCode.covering(leak: 0.05, bits: 1 << 20)?.level == 0)
        #expect(LongCode.covering(leak: 0.7, bits: 1 << 20) == nil)
        #expect(LongCode.covering(leak: 0.5, bits: 1_000_000) == nil)
        #expect(LongCode.covering(leak: 0.45, bits: 16384) != nil)
    }

    @Test(arguments: [
        (0.12, 1 << 17, 80), (0.16, 1 << 16, 55), (0.27, 1 << 16, 28), (0.34, 1 << 15, 20),
        (0.52, 1 << 14, 13),
    ])
    func `A shipped code corrects what it should`(leak: Double, bits: Int, oneIn: Int) throws {
        let choice = try #require(LongCode.covering(leak: leak, bits: bits))
        let code = try choice.code.code(lift: choice.lift)
        let decoder = LDPCDecoder(code, level: choice.level)
        var random = SplitMix64(seed: UInt64(bits + oneIn))
        let alice = (0..<bits / 64).map { _ in random.next() }
        var bob = alice
        for index in 0..<bits where Int.random(in: 0..<oneIn, using: &random) == 0 {
            bob[index / 64] ^= 1 << UInt64(index % 64)
        }
        decoder.load(
            bob.span, magnitude: LDPCDecoder.magnitude(errorRate: 1 / Double(oneIn), unit: code.unit))
        let outcome = decoder.decode(code.syndrome(of: alice.span, level: choice.level).span, iterations: 60)
        #expect(outcome.unsatisfied == 0)
        decoder.withDecisions { decisions in
            for word in 0..<alice.count { #expect(decisions[word] == alice[word]) }
        }
    }

    /// Leaks within 6 to 14 % of H(bit | sample).
    @Test(arguments: [(0.02, 1.14), (0.05, 1.11), (0.1, 1.085), (0.15, 1.07), (0.25, 1.06)])
    func `A soft code corrects what it should`(errorRate: Double, efficiency: Double) async throws {
        let bits = 65_536
        let leak = efficiency * SoftPair.entropy(errorRate)
        let choice = try #require(LongCode.covering(leak: leak, bits: bits, soft: true))
        let code = try choice.code.code(lift: choice.lift)
        let decoder = LDPCDecoder(code, level: choice.level)
        let pair = SoftPair(count: bits, errorRate: errorRate, seed: 11)
        let alice = (0..<bits / 64).map { word in
            (0..<64).reduce(UInt64(0)) { $0 | (pair.initiator.bits[64 * word + $1] ? 1 << UInt64($1) : 0) }
        }
        let likelihoods = pair.responder.logLikelihoods
        decoder.load(likelihoods.span)
        let outcome = decoder.decode(code.syndrome(of: alice.span, level: choice.level).span, iterations: 100)
        #expect(outcome.unsatisfied == 0)
        decoder.withDecisions { decisions in
            for word in 0..<alice.count { #expect(decisions[word] == alice[word]) }
        }
    }
}
