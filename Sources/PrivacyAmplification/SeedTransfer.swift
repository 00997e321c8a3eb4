// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The way of a seed over the link, without I/O: one message that says the choice, then the bits in order.
///
/// - Choice: type 0x50, form (1 byte), input bits (8 bytes, big-endian), output bits (8).
/// - Piece: type 0x51, a count of bits (4 bytes), the packed bytes; every piece but the last is full.
struct SeedTransfer {
    static let choiceType: UInt8 = 0x50
    static let pieceType: UInt8 = 0x51
    /// Bits of a full piece: its message has 65,533 bytes.
    static let pieceBits = 8 * 65_528

    let seedBits: Int
    private let choice: [UInt8]
    private var hasChoice = false
    private var received = BitString()

    init(form: ToeplitzHash.Form, inputBits: Int, outputBits: Int, seedBits: Int) {
        self.seedBits = seedBits
        var writer = ByteWriter()
        writer.write(Self.choiceType)
        writer.write(form.rawValue)
        writer.write(UInt64(inputBits))
        writer.write(UInt64(outputBits))
        choice = writer.bytes
    }

    /// The messages that say `bits`.
    func messages(for bits: BitString) -> [[UInt8]] {
        var result = [choice]
        for start in stride(from: 0, to: bits.count, by: Self.pieceBits) {
            var writer = ByteWriter()
            writer.write(Self.pieceType)
            writer.write(bits[start..<min(start + Self.pieceBits, bits.count)])
            result.append(writer.bytes)
        }
        return result
    }

    /// Takes the next message; the seed once it is whole.
    mutating func receive(_ message: [UInt8]) throws(QWaveError) -> BitString? {
        if !hasChoice {
            guard message == choice else {
                throw QWaveError(
                    .protocolViolation,
                    "the peer announced a seed of another form or for other lengths than were agreed")
            }
            hasChoice = true
        } else {
            let expected = min(Self.pieceBits, seedBits - received.count)
            var reader = ByteReader(message, what: "a piece of the seed")
            guard try reader.read(UInt8.self) == Self.pieceType else {
                throw QWaveError(
                    .protocolViolation, "the peer sent another message where a piece of the seed belongs")
            }
            let piece = try reader.readBits(limit: expected)
            try reader.finish()
            guard piece.count == expected else {
                throw QWaveError(
                    .protocolViolation, "a piece of the seed has \(piece.count) bits, not \(expected)")
            }
            received.append(piece)
        }
        return received.count == seedBits ? received : nil
    }
}
