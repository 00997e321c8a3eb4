// SPDX-License-Identifier: GPL-3.0-or-later
import PrivacyAmplification
import QWaveCore
import TestSupport
import Testing

@Suite struct ToeplitzHashTests {
    static let forms: [ToeplitzHash.Form] = [.modified, .plain]

    @Test(arguments: forms, Variant.all)
    func `the hash equals the bit-by-bit definition for every key up to 80 bits`(
        form: ToeplitzHash.Form, variant: Variant
    ) throws {
        let hash = variant.hash(form)
        for n in 1...80 {
            for m in 1...n {
                let x = BitString.seeded(count: n, seed: UInt64(n))
                let seed = BitString.seeded(
                    count: try hash.seedBits(inputBits: n, outputBits: m), seed: UInt64(m))
                let split = form == .modified ? n - m : n
                var expected = Naive.bitwise(Array(x.bits[..<split]), seed.bits, m)
                for i in split..<n where x[i] { expected[i - split].toggle() }
                #expect(try hash.hash(x, seed: seed, outputBits: m).bits == expected, "\(n) to \(m)")
            }
        }
    }

    /// Odd sizes, and sizes around words, leaves and powers of two.
    static let pairs: [(Int, Int)] = {
        var random = SplitMix64(seed: 11)
        var pairs = [
            (65, 64), (127, 65), (128, 64), (129, 129), (255, 128), (256, 255), (257, 1), (511, 511),
            (513, 257),
            (1023, 512), (1025, 1024), (2047, 3), (2048, 2048), (2049, 1025), (4095, 2047), (4096, 4096),
            (4097, 4095), (8191, 100), (8193, 8192), (16_385, 4097), (20_000, 10_000), (19_999, 19_999),
        ]
        for _ in 0..<12 {
            let n = Int.random(in: 1...12_000, using: &random)
            pairs.append((n, Int.random(in: 1...n, using: &random)))
        }
        return pairs
    }()

    @Test(arguments: pairs)
    func `every kernel equals the product by columns`(n: Int, m: Int) throws {
        for form in Self.forms {
            let length = try ToeplitzHash(form: form).seedBits(inputBits: n, outputBits: m)
            let x = BitString.seeded(count: n, seed: UInt64(n + m))
            let seed = BitString.seeded(count: length, seed: UInt64(n))
            let expected = Naive.hash(x, seed, m, form)
            for variant in Variant.all {
                let hash = variant.hash(form)
                #expect(try hash.hash(x, seed: seed, outputBits: m) == expected, "\(form), \(variant)")
            }
        }
    }

    /// The seed stands in the test's name, so that a failure can be repeated.
    @Test(arguments: [12, UInt64.random(in: 0...UInt64.max)])
    func `every kernel equals the product by columns at sizes nobody chose`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let n = Int.random(in: 1...4000, using: &random)
            let m = Int.random(in: 1...n, using: &random)
            let form: ToeplitzHash.Form = Bool.random(using: &random) ? .modified : .plain
            let length = try ToeplitzHash(form: form).seedBits(inputBits: n, outputBits: m)
            let x = BitString.seeded(count: n, seed: random.next())
            let s = BitString.seeded(count: length, seed: random.next())
            let expected = Naive.hash(x, s, m, form)
            for variant in Variant.all {
                let hash = variant.hash(form)
                #expect(
                    try hash.hash(x, seed: s, outputBits: m) == expected, "\(n) to \(m), \(form), \(variant)")
            }
        }
    }

    @Test(arguments: forms)
    func `the hash is linear, and an all-ones key and seed don't disturb it`(form: ToeplitzHash.Form) throws {
        let (n, m) = (3001, 1000)
        let hash = ToeplitzHash(form: form)
        let length = try hash.seedBits(inputBits: n, outputBits: m)
        let seed = BitString.seeded(count: length, seed: 1)
        let (a, b) = (BitString.seeded(count: n, seed: 2), BitString.seeded(count: n, seed: 3))
        func h(_ x: BitString, _ s: BitString) throws -> BitString {
            try hash.hash(x, seed: s, outputBits: m)
        }
        #expect(try h(a ^ b, seed) == h(a, seed) ^ h(b, seed))
        let other = BitString.seeded(count: length, seed: 4)
        #expect(try h(a, seed) ^ h(a, other) != h(a, seed))
        #expect(try h(BitString(count: n), seed).onesCount == 0)
        let ones = BitString([Bool](repeating: true, count: n))
        let seedOfOnes = BitString([Bool](repeating: true, count: length))
        #expect(try h(ones, seedOfOnes) == Naive.hash(ones, seedOfOnes, m, form))
    }

    @Test func `keys that differ only in the identity part never collide, whatever the seed`() throws {
        let (n, m) = (300, 130)
        let hash = ToeplitzHash()
        let a = BitString.seeded(count: n, seed: 5)
        for round in UInt64(0)..<50 {
            let seed = BitString.seeded(count: n - 1, seed: round)
            let reference = try hash.hash(a, seed: seed, outputBits: m)
            for index in n - m..<n {
                var b = a
                b.flip(at: index)
                var expected = reference
                expected.flip(at: index - (n - m))
                #expect(try hash.hash(b, seed: seed, outputBits: m) == expected)
            }
        }
    }

    @Test func `over all seeds, two keys collide as often as for a random function`() throws {
        // 2^9 seeds of 10-bit keys to 4 bits: exactly 2^(9 − 4) collide when the keys differ in T's part.
        let hash = ToeplitzHash()
        let x = BitString(words: [0b11_0101_1011], count: 10)
        for difference: UInt64 in [1, 0b10_0000, 0b11_1111, 0b11_0100_0001] {
            let y = x ^ BitString(words: [difference], count: 10)
            var collisions = 0
            for seed in UInt64(0)..<512 {
                let s = BitString(words: [seed], count: 9)
                if try hash.hash(x, seed: s, outputBits: 4) == hash.hash(y, seed: s, outputBits: 4) {
                    collisions += 1
                }
            }
            #expect(collisions == 32)
        }
    }

    @Test func `lengths that don't fit are refused with their numbers`() throws {
        let modified = ToeplitzHash()
        let plain = ToeplitzHash(form: .plain)
        #expect(try modified.seedBits(inputBits: 100, outputBits: 40) == 99)
        #expect(try plain.seedBits(inputBits: 100, outputBits: 40) == 139)
        let key = BitString(count: 100)
        for (hash, right) in [(modified, 99), (plain, 139)] {
            for wrong in [0, right - 1, right + 1, 1000] {
                #expect {
                    try hash.hash(key, seed: BitString(count: wrong), outputBits: 40)
                } throws: {
                    let error = $0 as? QWaveError
                    return error?.code == .badInput && error?.message.contains("exactly \(right)") == true
                }
            }
            for wrong in [-1, 0, 101] {
                #expect(throws: QWaveError.self) {
                    try hash.hash(key, seed: BitString(count: right), outputBits: wrong)
                }
            }
            #expect(throws: QWaveError.self) { try hash.seedBits(inputBits: 0, outputBits: 0) }
            #expect(throws: QWaveError.self) { try hash.seedBits(inputBits: .max, outputBits: .max) }
        }
    }
}
