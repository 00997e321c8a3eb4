// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Fields
import TestSupport
import Testing

/// Products by the definition, one bit at a time.
enum Naive {
    static func product(_ a: UInt64, _ b: UInt64) -> (high: UInt64, low: UInt64) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for i in 0..<64 where a >> UInt64(i) & 1 == 1 {
            low ^= b << UInt64(i)
            if i > 0 { high ^= b >> UInt64(64 - i) }
        }
        return (high, low)
    }

    static func gf64(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var result: UInt64 = 0
        var power = b
        for i in 0..<64 {
            if a >> UInt64(i) & 1 == 1 { result ^= power }
            power = power << 1 ^ (power >> 63 == 1 ? 0b11011 : 0)
        }
        return result
    }

    /// The algorithm of NIST SP 800-38D, 6.3, on arrays of coefficients.
    static func gf128(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        func coefficients(_ bytes: [UInt8]) -> [Bool] {
            bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 == 1 } }
        }
        let x = coefficients(a)
        var v = coefficients(b)
        var z = [Bool](repeating: false, count: 128)
        for i in 0..<128 {
            if x[i] { for j in 0..<128 { z[j] = z[j] != v[j] } }
            let carry = v.removeLast()
            v.insert(false, at: 0)
            if carry { for j in [0, 1, 2, 7] { v[j].toggle() } }
        }
        return (0..<16).map { byte in (0..<8).reduce(0) { $0 << 1 | (z[8 * byte + $1] ? 1 : 0) } }
    }
}

@Suite struct FieldTests {
    static let edges: [UInt64] = [
        0, 1, 2, 3, 1 << 59, 1 << 60, 0xF << 60, 1 << 63, .max, 0x1111_1111_1111_1111, 0x8888_8888_8888_8888,
    ]

    static func samples(_ count: Int, seed: UInt64) -> [UInt64] {
        var random = SplitMix64(seed: seed)
        return edges + (0..<count).map { _ in random.next() }
    }

    @Test(arguments: ClmulKernel.available)
    func `products without carry equal shifting and adding`(kernel: ClmulKernel) {
        let values = Self.samples(40, seed: 1)
        for b in values {
            let factor = [UInt64](repeating: b, count: values.count)
            var low = [UInt64](repeating: 0, count: values.count)
            var high = low
            unsafe qw_clmul64(kernel.rawValue, values, factor, &low, &high, values.count)
            for (index, a) in values.enumerated() {
                let expected = Naive.product(a, b)
                #expect(low[index] == expected.low && high[index] == expected.high)
            }
        }
    }

    @Test(arguments: ClmulKernel.available)
    func `products in GF(2^64) equal shifting and reducing`(kernel: ClmulKernel) {
        let values = Self.samples(30, seed: 2)
        for a in values {
            for b in values {
                #expect(GF64(a).multiplied(by: GF64(b), kernel: kernel).value == Naive.gf64(a, b))
            }
        }
    }

    @Test(arguments: ClmulKernel.available)
    func `products in GF(2^128) equal the algorithm of the standard`(kernel: ClmulKernel) {
        let values = Self.samples(11, seed: 3)
        for (high, low) in zip(values, values.reversed()) {
            for (otherHigh, otherLow) in zip(values.shuffled(), values.shuffled()) {
                let a = GF128(high: high, low: low)
                let b = GF128(high: otherHigh, low: otherLow)
                #expect(a.multiplied(by: b, kernel: kernel).bytes == Naive.gf128(a.bytes, b.bytes))
            }
        }
    }

    @Test func `both are fields`() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<30 {
            let (a, b, c) = (GF64(random.next()), GF64(random.next()), GF64(random.next()))
            #expect(a * b == b * a && (a * b) * c == a * (b * c) && a * (b + c) == a * b + a * c)
            #expect(a * .one == a && a * .zero == .zero && a + a == .zero)
            #expect(a * a.inverse == .one)
            let x = GF128(high: random.next(), low: random.next())
            let y = GF128(high: random.next(), low: random.next())
            let z = GF128(high: random.next(), low: random.next())
            #expect(x * y == y * x && (x * y) * z == x * (y * z) && x * (y + z) == x * y + x * z)
            #expect(x * .one == x && x * .zero == .zero && x + x == .zero)
            #expect(x * x.inverse == .one)
            #expect(GF128(bytes: x.bytes) == x)
        }
        #expect(GF64.zero.inverse == .zero && GF128.zero.inverse == .zero)
    }

    @Test func `the generic kernel is always there and the choice is available`() {
        #expect(ClmulKernel.generic.isAvailable && ClmulKernel.automatic.isAvailable)
        #expect(ClmulKernel.chosen.isAvailable && ClmulKernel.chosen != .automatic)
        #if arch(x86_64)
            #expect(!ClmulKernel.pmull.isAvailable)
        #endif
    }
}
