// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The bytes of Cascade's messages. Type bytes 0x20 to 0x2F belong to reconciliation.
///
/// ```
/// opening        0x20, version 1, seed (8), bits (4), plan digest (8), parities   initiator → responder
/// parities       0x21, parities                                                   initiator → responder
/// errorParities  0x22, parities                                                   responder → initiator
/// ```
///
/// Integers are big-endian. Parities are packed, parity i in bit (i mod 8) of byte i/8, unused bits zero; how
/// many there are follows from what was said before, so every message has exactly one allowed length.
enum CascadeMessage {
    static let opening: UInt8 = 0x20
    static let parities: UInt8 = 0x21
    static let errorParities: UInt8 = 0x22
    static let version: UInt8 = 1
    /// Bytes of the opening before its parities.
    static let openingHeader = 22

    static func write(_ bits: [Bool], to writer: inout ByteWriter) {
        var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
        for (index, bit) in bits.enumerated() where bit { bytes[index >> 3] |= 1 << UInt8(index & 7) }
        writer.write(bytes)
    }

    /// The message's last field: exactly `count` parities.
    static func readParities(_ count: Int, from reader: inout ByteReader) throws(QWaveError) -> [Bool] {
        let bytes = try reader.read(count: (count + 7) / 8)
        try reader.finish()
        if count & 7 != 0, let last = bytes.last, last >> UInt8(count & 7) != 0 {
            throw QWaveError(.protocolViolation, "a Cascade message has bits set after its \(count) parities")
        }
        return (0..<count).map { bytes[$0 >> 3] >> UInt8($0 & 7) & 1 != 0 }
    }

    static func expect(_ type: UInt8, _ reader: inout ByteReader) throws(QWaveError) {
        let got = try reader.read(UInt8.self)
        guard got == type else {
            throw QWaveError(
                .protocolViolation,
                "a Cascade message of type \(type) was due, but one of type \(got) came; the peer is out of step"
            )
        }
    }

    static func disclosure(_ count: Int) -> Disclosure {
        Disclosure(.parity, bits: Double(count), isReconciliation: true)
    }
}

extension CascadeSearch {
    /// What to tell when the search gave up.
    var refusal: QWaveError? {
        switch failure {
        case nil: nil
        case .tooManyParities:
            QWaveError(
                .refused,
                "Cascade gave up: correcting the block would tell more than \(limits.parities) bits of \(plan.bitCount), "
                    + "so no key would be left; the keys disagree far more than the frames' error rates say")
        case .tooManyRounds:
            QWaveError(
                .refused,
                "Cascade gave up after \(limits.rounds) messages each way; allow more rounds or check the error rates"
            )
        }
    }
}
