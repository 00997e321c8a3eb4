// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The header of a burst: 88 bits, each sent four times on tones far apart, one bit a tone.
///
/// Big-endian: sequence number (32), sender (8: 0 initiator, 1 responder), tag (32), CRC-16 of those nine bytes
/// (polynomial 0x1021, start 0xFFFF). Code bit p of 364 is bit p mod 88, scrambled by x⁷+x⁴+1 from all ones
/// (IEEE 802.11-2020, 17.3.5.5), on tone p mod 52 of symbol p/52; 1 is sent as −1.
struct SoundingHeader: Equatable {
    var sequence: UInt32
    var sender: Party.Role
    var tag: UInt32

    static let bits = 88
    static let symbols = 7

    init(sequence: UInt32, sender: Party.Role, tag: UInt32) {
        self.sequence = sequence
        self.sender = sender
        self.tag = tag
    }

    private var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(sequence)
        writer.write(sender == .initiator ? 0 : 1 as UInt8)
        writer.write(tag)
        let crc = Self.crc(writer.bytes)
        writer.write(crc)
        return writer.bytes
    }

    /// Tone values of the header's symbols.
    var symbols: [[IQ]] {
        let bytes = bytes
        let tones = SoundingBurst.tones.count
        return (0..<Self.symbols).map { symbol in
            (0..<tones).map { tone in
                let place = symbol * tones + tone
                let bit = place % Self.bits
                let sent = bytes[bit / 8] >> (7 - bit % 8) & 1 ^ Self.scrambler[place]
                return IQ(sent == 0 ? 1 : -1, 0)
            }
        }
    }

    /// The header whose code bits have these likelihoods, positive for +1, in the order of sending; nil when the
    /// check fails.
    init?(soft: [Float]) {
        var sums = [Float](repeating: 0, count: Self.bits)
        for (place, value) in soft.enumerated() {
            sums[place % Self.bits] += Self.scrambler[place] == 0 ? value : -value
        }
        var bytes = [UInt8](repeating: 0, count: Self.bits / 8)
        for (bit, sum) in sums.enumerated() where sum < 0 { bytes[bit / 8] |= 1 << (7 - bit % 8) }
        var reader = ByteReader(bytes)
        guard let sequence = try? reader.read(UInt32.self), let sender = try? reader.read(UInt8.self),
            let tag = try? reader.read(UInt32.self), let crc = try? reader.read(UInt16.self),
            sender < 2, crc == Self.crc(Array(bytes.prefix(9)))
        else { return nil }
        self.init(sequence: sequence, sender: sender == 0 ? .initiator : .responder, tag: tag)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt16 {
        var crc: UInt16 = 0xFFFF
        for byte in bytes {
            crc ^= UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
        }
        return crc
    }

    private static let scrambler: [UInt8] = {
        var state: UInt8 = 0x7F
        return (0..<symbols * SoundingBurst.tones.count).map { _ in
            let bit = (state >> 6 ^ state >> 3) & 1
            state = (state << 1 | bit) & 0x7F
            return bit
        }
    }()
}
