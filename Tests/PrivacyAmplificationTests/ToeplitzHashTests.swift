// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Fields
import PrivacyAmplification
import QWaveCore
import TestSupport
import Testing

/// The product by its definition.
enum Naive {
    /// Bit by bit: y_i = Σ_j s[i − j + n − 1] x_j.
    static func bitwise(_ x: [Bool], _ s: [Bool], _ m: Int) -> [Bool] {
        let n = x.count
        return (0..<m).map { i in
            var sum = false
            for j in 0..<n where x[j] && s[i - j + n - 1] { sum.toggle() }
            return sum
        }
    }

    /// A column at a time, for larger sizes: column j of T is the seed's bits n − 1 − j and on.
    static func columns(_ x: BitString, _ s: BitString, _ m: Int) -> BitString {
        var y = BitString(count: m)
        for j in 0..<x.count where x[j] {
            let start = x.count - 1 - j
            y ^= s[start..<start + m]
        }
        return y
    }

    static func hash(_ x: BitString, _ s: BitString, _ m: Int, _ form: ToeplitzHash.Form) -> BitString {
        switch form {
        case .plain: return columns(x, s, m)
        case .modified:
            let split = x.count - m
            return columns(x[0..<split], s, m) ^ x[split..<x.count]
        }
    }
}

@Suite struct ToeplitzHashTests {
    static let forms: [ToeplitzHash.Form] = [.modified, .plain]

    @Test(arguments: ClmulKernel.available)
    func `the kernel equals the bit-by-bit product for all sizes up to 64`(kernel: ClmulKernel) {
        for n in 1...64 {
            for m in 1...64 {
                let x = BitString.seeded(count: n, seed: UInt64(n))
                let s = BitString.seeded(count: n + m - 1, seed: UInt64(m + 100))
                var y: [UInt64] = [.max]
                let status = x.withWords { x in
                    s.withWords { s in
                        unsafe x.withUnsafeBufferPointer { x in
                            unsafe s.withUnsafeBufferPointer { s in
                                unsafe qw_toeplitz(kernel.rawValue, &y, m, x.baseAddress, n, s.baseAddress)
                            }
                        }
                    }
                }
                #expect(status == 0)
                let expected = BitString(Naive.bitwise(x.bits, s.bits, m))
                // The whole word: unused bits are written zero.
                #expect(y[0] == expected.withWords { $0[0] }, "\(n) x \(m)")
            }
        }
    }

    @Test(arguments: forms, ClmulKernel.available)
    func `the hash equals the bit-by-bit definition for every key up to 64 bits`(
        form: ToeplitzHash.Form, kernel: ClmulKernel
    ) throws {
        let hash = ToeplitzHash(form: form, kernel: kernel)
        for n in 1...64 {
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
            for kernel in ClmulKernel.available {
                let hash = ToeplitzHash(form: form, kernel: kernel)
                #expect(try hash.hash(x, seed: seed, outputBits: m) == expected, "\(form), \(kernel)")
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
            for kernel in ClmulKernel.available {
                let hash = ToeplitzHash(form: form, kernel: kernel)
                #expect(
                    try hash.hash(x, seed: s, outputBits: m) == expected, "\(n) to \(m), \(form), \(kernel)")
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
