// SPDX-License-Identifier: GPL-3.0-or-later
internal import Fields
public import QWaveCore

/// Tags of 128 bits that no computing power forges: a polynomial hash over GF(2¹²⁸) under a secret key, covered
/// by a mask that is used once (Wegman and Carter 1981; key delivery, section 2.1).
///
/// The hash key may serve for many tags as long as every mask is fresh (Portmann, arXiv:1202.1229). One mask
/// under two tags gives away both secrecy and authenticity.
///
/// ```swift
/// let tag = WegmanCarter.tag(key: r, mask: mask, header: header, body: body)
/// guard WegmanCarter.verify(tag, key: r, mask: mask, header: header, body: body) else { throw WegmanCarter.refusal }
/// ```
public enum WegmanCarter {
    /// Bytes of a tag, of a hash key and of a mask.
    public static let tagBytes = 16

    /// The tag of a header and a body, each padded with zeros to 16 bytes, and of both lengths.
    ///
    /// - Precondition: `key` and `mask` hold 16 bytes.
    public static func tag(
        key: borrowing SecretBuffer, mask: borrowing SecretBuffer, header: [UInt8], body: [UInt8]
    ) -> [UInt8] {
        masked(hash(key: key, header: header, body: body), by: mask)
    }

    /// The hash under the tag's mask, which nobody may see.
    static func hash(key: borrowing SecretBuffer, header: [UInt8], body: [UInt8]) -> SecretBuffer {
        var mac = PolynomialMAC(key: key)
        mac.update(header)
        mac.pad()
        mac.update(body)
        return mac.finish(headerBits: 8 * UInt64(header.count), bodyBits: 8 * UInt64(body.count))
    }

    /// True when `tag` is the tag of this header and body; time depends on the lengths only.
    public static func verify(
        _ tag: [UInt8], key: borrowing SecretBuffer, mask: borrowing SecretBuffer, header: [UInt8],
        body: [UInt8]
    ) -> Bool {
        var expected = Self.tag(key: key, mask: mask, header: header, body: body)
        defer { expected.wipe() }
        return constantTimeEqual(tag, expected)
    }

    /// The 16-byte blocks that a tag hashes: header, body and the length block.
    public static func blocks(headerBytes: Int, bodyBytes: Int) -> Int {
        (headerBytes + 15) / 16 + (bodyBytes + 15) / 16 + 1
    }

    /// The probability that one attempt at forging a tag over `blocks` blocks succeeds, at the most: L / 2¹²⁸.
    public static func forgeryBound(blocks: Int) -> Double {
        Double(blocks) * 0x1p-128
    }

    /// The one error of every failed check, whatever was wrong: it tells a forger nothing.
    public static let refusal = QWaveError(
        .notAuthenticated,
        "the peer's message is not authentic, or the shared secret is used up; nothing of this exchange is kept. "
            + "Enroll both ends with the same fresh secret and pair again")

    static func masked(_ hash: borrowing SecretBuffer, by mask: borrowing SecretBuffer) -> [UInt8] {
        precondition(hash.count == tagBytes && mask.count == tagBytes, "a hash and its mask have 16 bytes")
        return hash.withBytes { hash in
            mask.withBytes { mask in (0..<tagBytes).map { hash[$0] ^ mask[$0] } }
        }
    }
}
