// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Reconciliation

/// Words with each bit set with probability 2^-halvings.
func noise(words: Int, halvings: Int, _ random: inout SplitMix64) -> [UInt64] {
    (0..<words).map { _ in (0..<halvings).reduce(~0) { word, _ in word & random.next() } }
}

@Suite struct LDPCDecoderTests {
    @Test(arguments: [64, 256], [true, false])
    func `A frame with easy noise is corrected`(lift: Int, shifted: Bool) throws {
        // Without shifts each lane has a small graph of its own, so that takes more columns.
        let columns = shifted ? 40 : 1000
        let code = try randomCode(
            lift: lift, columns: columns, turns: 4, degree: 5, shifted: shifted, seed: 11)
        var random = SplitMix64(seed: 12)
        let alice = (0..<columns * lift / 64).map { _ in random.next() }
        let bob = zip(alice, noise(words: alice.count, halvings: 6, &random)).map { $0 ^ $1 }
        let decoder = LDPCDecoder(code)
        decoder.load(bob.span, magnitude: 12)
        let outcome = decoder.decode(code.syndrome(of: alice.span, level: 0).span, iterations: 50)
        #expect(outcome.unsatisfied == 0)
        #expect(outcome.iterations > 0)
        decoder.withDecisions { decisions in
            for word in 0..<alice.count { #expect(decisions[word] == alice[word]) }
        }
    }

    @Test func `The decoder decides as a floating-point sum-product does where noise is easy`() throws {
        let code = try randomCode(lift: 64, columns: 30, turns: 3, degree: 5, seed: 21)
        var random = SplitMix64(seed: 22)
        let alice = (0..<30).map { _ in random.next() }
        let bob = zip(alice, noise(words: 30, halvings: 6, &random)).map { $0 ^ $1 }
        let syndrome = code.syndrome(of: alice.span, level: 0)
        let decoder = LDPCDecoder(code, kernel: .generic)
        decoder.load(bob.span, magnitude: 12)
        _ = decoder.decode(syndrome.span, iterations: 30)
        // Flooding, in nats, from the parity checks alone.
        let channel = (0..<1920).map { bob[$0 / 64] >> UInt64($0 % 64) & 1 == 1 ? -4.0 : 4.0 }
        let bounds = code.boundaries(level: 0)
        var messages = [[Double]](repeating: [Double](repeating: 0, count: 64), count: code.edges.count)
        var sums = channel
        for _ in 0..<40 {
            var next = channel
            for row in 0..<bounds.count - 1 {
                let edges = Int(bounds[row])..<Int(bounds[row + 1])
                for place in 0..<64 {
                    let bits = edges.map { edge in
                        Int(code.edges[edge].column) * 64 + (place + Int(code.edges[edge].shift)) % 64
                    }
                    let halves = zip(edges, bits).map { tanh((sums[$1] - messages[$0][place]) / 2) }
                    let sign: Double = syndrome[row] >> UInt64(place) & 1 == 1 ? -1 : 1
                    for (index, edge) in edges.enumerated() {
                        var product = sign
                        for (other, half) in halves.enumerated() where other != index { product *= half }
                        messages[edge][place] = 2 * atanh(max(-0.999999999, min(0.999999999, product)))
                        next[bits[index]] += messages[edge][place]
                    }
                }
            }
            sums = next
        }
        decoder.withDecisions { decisions in
            for bit in 0..<1920 {
                #expect((decisions[bit / 64] >> UInt64(bit % 64) & 1 == 1) == (sums[bit] < 0))
            }
        }
    }

    @Test(arguments: [64, 256])
    func `A lifted frame counts as done only when every check is satisfied`(lift: Int) throws {
        // Noise that is sometimes too much, so that decodings end in every way.
        let code = try randomCode(lift: lift, columns: 24, turns: 3, degree: 6, cuts: 4, seed: 31)
        let decoder = LDPCDecoder(code)
        var random = SplitMix64(seed: 32)
        var done = 0
        for trial in 0..<60 {
            let alice = (0..<24 * lift / 64).map { _ in random.next() }
            let bob = zip(alice, noise(words: alice.count, halvings: 4, &random)).map { $0 ^ $1 }
            let syndrome = code.syndrome(of: alice.span, level: 0)
            decoder.load(bob.span, magnitude: 8)
            decoder.forget()
            let outcome = decoder.decode(syndrome.span, iterations: 3 + trial % 20)
            let isSatisfied = decoder.withDecisions { code.syndrome(of: $0, level: 0) } == syndrome
            #expect(isSatisfied == (outcome.unsatisfied == 0))
            #expect(outcome.iterations <= 3 + trial % 20)
            done += isSatisfied ? 1 : 0
        }
        #expect(done > 0 && done < 60)
    }

    @Test func `Each of 64 frames keeps the decisions that first satisfied its checks`() throws {
        let code = try randomCode(lift: 64, columns: 300, turns: 3, degree: 6, shifted: false, seed: 41)
        var random = SplitMix64(seed: 42)
        let alice = (0..<300).map { _ in random.next() }
        let bob = zip(alice, noise(words: 300, halvings: 4, &random)).map { $0 ^ $1 }
        let syndrome = code.syndrome(of: alice.span, level: 0)
        let decoder = LDPCDecoder(code)
        decoder.load(bob.span, magnitude: 8)
        let lanes: UInt64 = ~0 << 5
        let outcome = decoder.decode(syndrome.span, iterations: 15, lanes: lanes)
        #expect(outcome.unsatisfied & ~lanes == 0)
        #expect(outcome.unsatisfied != 0 && outcome.unsatisfied != lanes)
        let found = decoder.withDecisions { code.syndrome(of: $0, level: 0) }
        let differing = zip(found, syndrome).reduce(0) { $0 | ($1.0 ^ $1.1) }
        #expect(differing & lanes == outcome.unsatisfied)
    }

    @Test func `Frames side by side come out as each would alone`() throws {
        let code = try randomCode(lift: 64, columns: 200, turns: 3, degree: 5, shifted: false, seed: 51)
        var random = SplitMix64(seed: 52)
        let alice = (0..<200).map { _ in random.next() }
        let bob = zip(alice, noise(words: 200, halvings: 4, &random)).map { $0 ^ $1 }
        let syndrome = code.syndrome(of: alice.span, level: 0)
        let decoder = LDPCDecoder(code)
        decoder.load(bob.span, magnitude: 8)
        _ = decoder.decode(syndrome.span, iterations: 20)
        let together = decoder.withDecisions { words in (0..<200).map { words[$0] } }
        for lane in [0, 31, 63] {
            let alone = LDPCDecoder(code)
            let values = bob.map { $0 >> UInt64(lane) & 1 == 1 ? Int8(-8) : 8 }
            alone.load(values.span, lane: lane)
            _ = alone.decode(syndrome.span, iterations: 20, lanes: 1 << UInt64(lane))
            alone.withDecisions { words in
                for column in 0..<200 { #expect((words[column] ^ together[column]) >> UInt64(lane) & 1 == 0) }
            }
        }
    }

    @Test func `What the checks of one level taught serves the next`() throws {
        let longest = try #require(LongCode.covering(leak: 0.46, bits: 16384))
        let code = try longest.code.code(lift: longest.lift)
        var random = SplitMix64(seed: 62)
        let alice = (0..<256).map { _ in random.next() }
        // One bit in twelve: too much for the first level, not for the last.
        var bob = alice
        for index in 0..<16384 where Int.random(in: 0..<12, using: &random) == 0 {
            bob[index / 64] ^= 1 << UInt64(index % 64)
        }
        let decoder = LDPCDecoder(code)
        decoder.load(bob.span, magnitude: 7)
        var syndrome = code.syndrome(of: alice.span, level: 0)
        var outcome = decoder.decode(syndrome.span, iterations: 10)
        #expect(outcome.unsatisfied != 0)
        while outcome.unsatisfied != 0, decoder.level < code.levels {
            let level = decoder.level
            code.refine(&syndrome, from: level, with: code.addedSyndrome(of: alice.span, after: level))
            decoder.level = level + 1
            outcome = decoder.decode(syndrome.span, iterations: 10)
        }
        #expect(outcome.unsatisfied == 0)
        decoder.withDecisions { decisions in
            for word in 0..<256 { #expect(decisions[word] == alice[word]) }
        }
    }

    @Test func `A bit that was told outweighs what the channel said`() throws {
        let code = try randomCode(lift: 64, columns: 10, turns: 2, degree: 5, seed: 71)
        let decoder = LDPCDecoder(code)
        let zeros = [UInt64](repeating: 0, count: 10)
        decoder.load(zeros.span, magnitude: 9)
        decoder[column: 3, place: 5] = -100
        #expect(decoder[column: 3, place: 5] == -100)
        _ = decoder.decode(code.syndrome(of: zeros.span, level: 0).span, iterations: 0)
        decoder.withDecisions { #expect($0[3] == 1 << 5) }
    }
}
