// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@Suite struct BitStringTests {
    static let sizes = [0, 1, 63, 64, 65, 127, 128, 129, 1000]

    @Test(arguments: sizes)
    func `slices, parities and counts equal those of an array of booleans`(size: Int) {
        var random = SplitMix64(seed: UInt64(size) + 7)
        let naive = (0..<size).map { _ in Bool.random(using: &random) }
        let string = BitString(naive)
        #expect(string.count == size)
        #expect(string.bits == naive)
        #expect(string.onesCount == naive.count { $0 })
        #expect(string.parity() == (naive.count { $0 } % 2 == 1))
        for _ in 0..<50 {
            let a = Int.random(in: 0...size, using: &random)
            let b = Int.random(in: a...size, using: &random)
            #expect(string[a..<b].bits == Array(naive[a..<b]))
            #expect(string.parity(of: a..<b) == (naive[a..<b].count { $0 } % 2 == 1))
        }
    }

    @Test(arguments: sizes)
    func `appending equals joining arrays`(size: Int) {
        for other in Self.sizes {
            let a = BitString.seeded(count: size, seed: 1)
            let b = BitString.seeded(count: other, seed: 2)
            var joined = a
            joined.append(b)
            #expect(joined.bits == a.bits + b.bits)
            #expect(joined == BitString(a.bits + b.bits))
            joined.append(true)
            #expect(joined.count == size + other + 1 && joined[size + other])
        }
    }

    @Test(arguments: sizes)
    func `bytes and words round-trip with clear padding`(size: Int) {
        let string = BitString.seeded(count: size, seed: 3)
        #expect(BitString(bytes: string.bytes, count: size) == string)
        let ones = BitString(words: [UInt64](repeating: .max, count: (size + 63) / 64), count: size)
        #expect(ones.onesCount == size)
    }

    @Test func `a copy does not change with the original`() {
        let original = BitString.seeded(count: 100, seed: 4)
        var copy = original
        copy.flip(at: 42)
        #expect(copy.distance(to: original) == 1)
        #expect((copy ^ original).onesCount == 1)
    }

    @Test func `a permutation moves bit order[i] to i`() {
        let string = BitString.seeded(count: 130, seed: 5)
        var random = SplitMix64(seed: 6)
        let order = Array(0..<130).shuffled(using: &random)
        let moved = string.permuted(by: order)
        #expect((0..<130).allSatisfy { moved[$0] == string[order[$0]] })
    }

    @Test func `a description never shows bits`() {
        #expect("\(BitString([true, true]))" == "BitString(2 bits)")
        var text = ""
        dump(BitString(words: [0xDEAD_BEEF], count: 64), to: &text)
        #expect(!text.contains("\(0xDEAD_BEEF)"))
    }
}
