// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Fields
import PrivacyAmplification
import QWaveCore
import TestSupport
import Testing

@Suite struct KernelTests {
    @Test(arguments: Variant.all)
    func `the kernel equals the bit-by-bit product for all sizes up to 80`(variant: Variant) {
        for n in 1...80 {
            for m in 1...80 {
                let x = BitString.seeded(count: n, seed: UInt64(n))
                let s = BitString.seeded(count: n + m - 1, seed: UInt64(m + 100))
                var y = [UInt64](repeating: 0, count: (m + 63) / 64)
                #expect(variant.add(to: &y, x, n: n, s, m: m) == 0)
                let expected = BitString(Naive.bitwise(x.bits, s.bits, m))
                #expect(expected.withWords { e in y.indices.allSatisfy { y[$0] == e[$0] } }, "\(n) x \(m)")
            }
        }
    }

    @Test(arguments: Variant.all)
    func `the kernel adds at any offset and leaves the bits beyond alone`(variant: Variant) {
        var random = SplitMix64(seed: 21)
        for _ in 0..<60 {
            let n = Int.random(in: 1...300, using: &random)
            let m = Int.random(in: 1...300, using: &random)
            let (a, b) = (Int.random(in: 0...130, using: &random), Int.random(in: 0...130, using: &random))
            let x = BitString.seeded(count: a + n, seed: random.next())
            let s = BitString.seeded(count: b + n + m - 1, seed: random.next())
            let before = (0..<(m + 63) / 64).map { _ in random.next() }
            var y = before
            #expect(variant.add(to: &y, x, from: a, n: n, s, from: b, m: m) == 0)
            let product = Naive.columns(x[a..<a + n], s[b..<b + n + m - 1], m)
            for index in y.indices { y[index] ^= before[index] }
            #expect(BitString(words: y, count: m) == product, "\(n) x \(m), offsets \(a) and \(b)")
            #expect(m % 64 == 0 || y[y.count - 1] >> UInt64(m % 64) == 0)
        }
    }

    /// 200 pairs of columns and rows: odd sizes, around powers of two, around the crossovers, and long thin ones.
    static let pairs: [(Int, Int)] = {
        var random = SplitMix64(seed: 22)
        var pairs = [
            (32_000, 33_000), (1, 40_000), (40_000, 1), (65_537, 3), (200_001, 65), (3, 65_535),
            (130, 131_073),
        ]
        for power in [7, 9, 10, 11, 12, 13, 14, 15, 16] {
            for shift in [-65, -1, 0, 1, 63] {
                let n = 1 << power + shift
                pairs.append((n, max(1, n / 2 - shift)))
                pairs.append((max(1, n / 3), n))
            }
        }
        while pairs.count < 200 {
            let limit = 1 << Int.random(in: 6...16, using: &random)
            pairs.append(
                (Int.random(in: 1...limit, using: &random), Int.random(in: 1...limit, using: &random)))
        }
        return pairs
    }()

    @Test(arguments: Variant.all)
    func `every kernel and method equals the product by columns at 200 larger sizes`(variant: Variant) {
        for (n, m) in Self.pairs {
            // The integer recursion is slow; it has seen all its cases by then.
            if variant.kernel == .generic, variant.method == .recursion, n * m > 40_000_000 { continue }
            let x = BitString.seeded(count: n, seed: UInt64(n))
            let s = BitString.seeded(count: n + m - 1, seed: UInt64(m))
            var y = [UInt64](repeating: 0, count: (m + 63) / 64)
            #expect(variant.add(to: &y, x, n: n, s, m: m) == 0)
            #expect(BitString(words: y, count: m) == Self.expected(n, m), "\(n) x \(m)")
        }
    }

    private static let products: [Int: BitString] = Dictionary(
        uniqueKeysWithValues: pairs.enumerated().map { index, pair in
            let (n, m) = pair
            let x = BitString.seeded(count: n, seed: UInt64(n))
            let s = BitString.seeded(count: n + m - 1, seed: UInt64(m))
            return (index, Naive.columns(x, s, m))
        })
    private static func expected(_ n: Int, _ m: Int) -> BitString? {
        pairs.firstIndex { $0 == (n, m) }.flatMap { products[$0] }
    }

    @Test func `kernels agree with each other where the naive product would take too long`() throws {
        for (n, m) in [(600_001, 300_007), (2_000_003, 123_457), (300_000, 299_999)] {
            let x = BitString.seeded(count: n, seed: UInt64(n))
            for form in ToeplitzHashTests.forms {
                let length = try ToeplitzHash(form: form).seedBits(inputBits: n, outputBits: m)
                let s = BitString.seeded(count: length, seed: UInt64(m))
                let reference = try Variant(kernel: .generic, method: .transform).hash(form)
                    .hash(x, seed: s, outputBits: m)
                for kernel in ClmulKernel.available where kernel != .generic {
                    for method in ToeplitzHash.Method.allCases {
                        for threads in 1...2 {
                            let hash = Variant(kernel: kernel, method: method).hash(form, threads: threads)
                            #expect(
                                try hash.hash(x, seed: s, outputBits: m) == reference,
                                "\(n) to \(m), \(form), \(kernel), \(method), \(threads) threads")
                        }
                    }
                }
            }
        }
    }

    @Test func `transforms that stay in place agree with the recursion`() throws {
        let (n, m) = (20_001, 34_000_001)
        let x = BitString.seeded(count: n, seed: 1)
        let s = BitString.seeded(count: n + m - 1, seed: 2)
        let zeros = [UInt64](repeating: 0, count: (m + 63) / 64)
        var reference = zeros
        #expect(Variant(kernel: .automatic, method: .recursion).add(to: &reference, x, n: n, s, m: m) == 0)
        for kernel in ClmulKernel.available {
            for threads in 1...2 {
                var y = zeros
                let variant = Variant(kernel: kernel, method: .transform)
                #expect(variant.add(to: &y, x, n: n, s, m: m, threads: Int32(threads)) == 0)
                #expect(y == reference, "\(kernel), \(threads) threads")
            }
        }
    }

    @Test func `more rows than a transform can take are refused, not hashed wrongly`() {
        var y: [UInt64] = [0]
        let bit = BitString(count: 1)
        let variant = Variant(kernel: .automatic, method: .automatic)
        #expect(variant.add(to: &y, bit, n: 1, bit, m: 1 << 31 + 1) == -1)
        #expect(y == [0])
    }
}
