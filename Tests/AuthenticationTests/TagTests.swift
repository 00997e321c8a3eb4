// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import TestSupport
import Testing

func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

@Suite struct TagTests {
    /// GCM test case 4 of McGrew and Viega: hash key, GHASH, the encrypted first counter block, the tag.
    @Test func `a tag is the published GHASH under its mask`() {
        let key = SecretBuffer(copying: bytes("b83b533708bf535d0aa6e52980d53b78"))
        let header = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let body = bytes(
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091")
        let mask = SecretBuffer(copying: bytes("3247184b3c4f69a44dbcd22887bbb418"))
        let tag = WegmanCarter.tag(key: key, mask: mask, header: header, body: body)
        #expect(tag == bytes("5bc94fbc3221a5db94fae95ae7121a47"))
        let isRight = WegmanCarter.verify(tag, key: key, mask: mask, header: header, body: body)
        #expect(isRight)
    }

    @Test func `a tag is refused after any single bit changes, in header, body, tag, key or mask`() throws {
        let random = SeededRandomSource(seed: 1)
        let parts = try [16, 16, 21, 37].map { try random.bytes($0) }
        func tag(_ parts: [[UInt8]]) -> [UInt8] {
            WegmanCarter.tag(
                key: SecretBuffer(copying: parts[0]), mask: SecretBuffer(copying: parts[1]), header: parts[2],
                body: parts[3])
        }
        func verify(_ tag: [UInt8], _ parts: [[UInt8]]) -> Bool {
            WegmanCarter.verify(
                tag, key: SecretBuffer(copying: parts[0]), mask: SecretBuffer(copying: parts[1]),
                header: parts[2], body: parts[3])
        }
        let right = tag(parts)
        #expect(verify(right, parts))
        for part in parts.indices {
            for bit in 0..<8 * parts[part].count {
                var changed = parts
                changed[part][bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(!verify(right, changed))
            }
        }
        for bit in 0..<128 {
            var changed = right
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!verify(changed, parts))
        }
        #expect(!verify(Array(right.dropLast()), parts) && !verify([], parts))
    }

    @Test func `bytes moved between header and body and added zeros change the tag`() {
        let key = SecretBuffer(copying: [UInt8](repeating: 7, count: 16))
        let mask = SecretBuffer(count: 16)
        let message = [UInt8](repeating: 0, count: 48)
        var seen: Set<[UInt8]> = []
        for header in 0...16 {
            for body in 0...16 {
                seen.insert(
                    WegmanCarter.tag(
                        key: key, mask: mask, header: Array(message[..<header]), body: Array(message[..<body])
                    ))
            }
        }
        #expect(seen.count == 17 * 17)
    }

    @Test func `the forgery bound counts header, body and length block`() {
        #expect(WegmanCarter.blocks(headerBytes: 48, bodyBytes: 0) == 4)
        #expect(WegmanCarter.blocks(headerBytes: 48, bodyBytes: 1024) == 68)
        #expect(WegmanCarter.blocks(headerBytes: 39, bodyBytes: 1023) == 68)
        #expect(WegmanCarter.forgeryBound(blocks: 4) == 0x1p-126)
    }
}
