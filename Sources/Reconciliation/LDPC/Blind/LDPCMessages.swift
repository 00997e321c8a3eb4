// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The bytes of the LDPC engine's messages. Type bytes 0x20 to 0x2F belong to reconciliation.
///
/// ```
/// opening    0x24, version 2, seed (8), bits (4), plan digest (8), per frame: hash, syndrome   initiator → responder
/// syndrome   0x25, per open frame: further syndrome bits                                       initiator → responder
/// verdicts   0x26, per open frame: 1 decoded, 0 more, please                                   responder → initiator
/// reveal     0x27, per open frame: all its bits                                                initiator → responder
/// ```
///
/// Integers are big-endian. Bit fields follow each other without gaps, bit i of them in bit (i mod 8) of byte i/8,
/// unused bits zero; how many there are follows from what was said before, so every message has exactly one
/// allowed length. When the plan tells every bit at once, the opening ends with the bits instead.
enum LDPCMessage {
    static let opening: UInt8 = 0x24
    static let syndrome: UInt8 = 0x25
    static let verdicts: UInt8 = 0x26
    static let reveal: UInt8 = 0x27
    static let version: UInt8 = 2

    static func expect(_ type: UInt8, _ reader: inout ByteReader) throws(QWaveError) {
        let got = try reader.read(UInt8.self)
        guard got == type else {
            throw QWaveError(
                .protocolViolation,
                "an LDPC message of type \(type) was due, but one of type \(got) came; the peer is out of step"
            )
        }
    }

    /// The message's last field: exactly `count` bits.
    static func readBits(_ count: Int, from reader: inout ByteReader) throws(QWaveError) -> BitReader {
        let bytes = try reader.read(count: (count + 7) / 8)
        try reader.finish()
        if count & 7 != 0, let last = bytes.last, last >> UInt8(count & 7) != 0 {
            throw QWaveError(.protocolViolation, "an LDPC message has bits set after its \(count) bits")
        }
        return BitReader(bytes)
    }

    static func said(_ bits: Int) -> Disclosure {
        Disclosure(.syndrome, bits: Double(bits), isReconciliation: true)
    }
}

/// Packs bit fields one behind the other.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var count = 0

    /// Appends the low `width` bits of `value`, 0 to 56 of them.
    mutating func write(_ value: UInt64, width: Int) {
        pending |= (value & (1 &<< UInt64(width) &- 1)) << UInt64(count)
        count += width
        while count >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            count -= 8
        }
    }

    /// Appends bits `range` of packed words that start at `words[base]`.
    mutating func write(_ words: [UInt64], base: Int, range: Range<Int>) {
        var position = range.lowerBound
        while position < range.upperBound {
            let shift = position & 63
            let width = min(min(64 - shift, 56), range.upperBound - position)
            write(words[base + position >> 6] >> UInt64(shift), width: width)
            position += width
        }
    }

    /// All bytes, the last one filled up with zeros.
    var packed: [UInt8] { count == 0 ? bytes : bytes + [UInt8(truncatingIfNeeded: pending)] }
}

/// Takes bit fields apart; the caller has checked how many there are.
struct BitReader {
    private let bytes: [UInt8]
    private var next = 0
    private var pending: UInt64 = 0
    private var count = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next `width` bits, 0 to 56 of them.
    mutating func read(_ width: Int) -> UInt64 {
        while count < width {
            pending |= UInt64(bytes[next]) << UInt64(count)
            next += 1
            count += 8
        }
        let value = pending & (1 &<< UInt64(width) &- 1)
        pending >>= UInt64(width)
        count -= width
        return value
    }

    /// Puts the next bits into bits `range` of packed words that start at `words[base]`, which are zero there.
    mutating func read(into words: inout [UInt64], base: Int, range: Range<Int>) {
        var position = range.lowerBound
        while position < range.upperBound {
            let shift = position & 63
            let width = min(min(64 - shift, 56), range.upperBound - position)
            words[base + position >> 6] |= read(width) << UInt64(shift)
            position += width
        }
    }
}
