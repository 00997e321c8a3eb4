// SPDX-License-Identifier: GPL-3.0-or-later
import Fields
import QWaveCore
import TestSupport
import Testing

func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension SecretBuffer {
    var revealed: [UInt8] { withBytes { span in span.indices.map { span[$0] } } }
}

@Suite struct HashTests {
    struct Vector: Sendable {
        var key: String
        var header: String
        var body: String
        var hash: String
    }

    /// GHASH values of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, cases 1 to 4.
    static let vectors = [
        Vector(
            key: "66e94bd4ef8a2c3b884cfa59ca342b2e", header: "", body: "",
            hash: "00000000000000000000000000000000"),
        Vector(
            key: "66e94bd4ef8a2c3b884cfa59ca342b2e", header: "", body: "0388dace60b6a392f328c2b971b2fe78",
            hash: "f38cbb1ad69223dcc3457ae5b6b0f885"),
        Vector(
            key: "b83b533708bf535d0aa6e52980d53b78", header: "",
            body: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
            hash: "7f1b32b81b820d02614f8895ac1d4eac"),
        Vector(
            key: "b83b533708bf535d0aa6e52980d53b78", header: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            body: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
            hash: "698e57f70e6ecc7fd9463b7260a9ae5f"),
    ]

    @Test(arguments: vectors, ClmulKernel.available)
    func `the polynomial hash gives the published values of GHASH`(vector: Vector, kernel: ClmulKernel) {
        let (header, body) = (bytes(vector.header), bytes(vector.body))
        var mac = PolynomialMAC(key: SecretBuffer(copying: bytes(vector.key)), kernel: kernel)
        mac.update(header)
        mac.pad()
        mac.update(body)
        let hash = mac.finish(headerBits: UInt64(8 * header.count), bodyBits: UInt64(8 * body.count))
        #expect(hash.revealed == bytes(vector.hash))
    }

    /// H_r by its definition, with the naive multiplication.
    static func naive(key: [UInt8], blocks: [[UInt8]]) -> [UInt8] {
        blocks.reduce([UInt8](repeating: 0, count: 16)) { state, block in
            Naive.gf128(zip(state, block).map { $0 ^ $1 }, key)
        }
    }

    @Test(arguments: ClmulKernel.available)
    func `the hash doesn't depend on how the bytes arrive`(kernel: ClmulKernel) throws {
        let random = SeededRandomSource(seed: 5)
        var sizes = SplitMix64(seed: 6)
        let key = try random.bytes(16)
        for length in [0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 300] {
            let message = try random.bytes(length)
            var padded = message
            while padded.count % 16 != 0 { padded.append(0) }
            var blocks = stride(from: 0, to: padded.count, by: 16).map { Array(padded[$0..<$0 + 16]) }
            blocks.append(
                [UInt8](repeating: 0, count: 14) + [UInt8(length >> 5), UInt8(length << 3 & 255)])
            let expected = Self.naive(key: key, blocks: blocks)
            for _ in 0..<5 {
                var mac = PolynomialMAC(key: SecretBuffer(copying: key), kernel: kernel)
                var position = 0
                while position < length {
                    let step = min(length - position, Int.random(in: 0...70, using: &sizes))
                    mac.update(Array(message[position..<position + step]))
                    position += step
                }
                #expect(mac.finish(headerBits: 0, bodyBits: UInt64(8 * length)).revealed == expected)
            }
        }
    }

    @Test(arguments: ClmulKernel.available)
    func `a hash that is appended counts as if its blocks had come one by one`(kernel: ClmulKernel) throws {
        let random = SeededRandomSource(seed: 7)
        let key = SecretBuffer(copying: try random.bytes(16))
        for (first, second) in [(0, 0), (0, 5), (32, 0), (16, 16), (48, 100), (160, 1000)] {
            let (a, b) = (try random.bytes(first), try random.bytes(second))
            var whole = PolynomialMAC(key: key, kernel: kernel)
            whole.update(a)
            whole.pad()
            whole.update(b)
            whole.pad()
            var left = PolynomialMAC(key: key, kernel: kernel)
            left.update(a)
            left.pad()
            var right = PolynomialMAC(key: key, kernel: kernel)
            right.update(b)
            var rightCopy = right.copy()
            rightCopy.pad()
            left.append(rightCopy)
            #expect(left.blocks == whole.blocks)
            let joined = left.finish(headerBits: 1, bodyBits: 2).revealed
            #expect(whole.finish(headerBits: 1, bodyBits: 2).revealed == joined)
            right.update([1])
            #expect(right.finish(headerBits: 1, bodyBits: 2).revealed != joined)
        }
    }

    @Test(arguments: ClmulKernel.available)
    func `the verification hash is the polynomial with the length as its last coefficient`(
        kernel: ClmulKernel
    ) {
        for size in [0, 1, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000] {
            let string = BitString.seeded(count: size, seed: UInt64(size))
            let key: UInt64 = 0x0123_4567_89AB_CDEF &+ UInt64(size) << 57
            let words = string.withWords { words in words.indices.map { words[$0] } } + [UInt64(size)]
            let expected = words.reduce(0) { Naive.gf64($0 ^ $1, key) }
            #expect(VerificationHash(key: key, kernel: kernel).hash(string) == expected)
        }
    }

    @Test func `every single flipped bit and every added zero changes the verification hash`() {
        let hash = VerificationHash(key: 0x9E37_79B9_7F4A_7C15)
        let string = BitString.seeded(count: 200, seed: 8)
        let reference = hash.hash(string)
        for index in 0..<200 {
            var changed = string
            changed.flip(at: index)
            #expect(hash.hash(changed) != reference)
        }
        var longer = string
        longer.append(false)
        #expect(hash.hash(longer) != reference)
        #expect(VerificationHash(key: 2).hash(string) != reference)
    }

    @Test func `the collision bound counts the length block`() {
        #expect(VerificationHash.collisionBound(bits: 4096) == 65 * 0x1p-64)
        #expect(VerificationHash.collisionBound(bits: 4097) == 66 * 0x1p-64)
        #expect(VerificationHash.collisionBound(bits: 0) == 0x1p-64)
    }
}
