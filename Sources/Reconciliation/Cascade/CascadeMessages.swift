// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The bytes of Cascade's messages. Type bytes 0x20 to 0x2F belong to reconciliation.
///
/// ```
/// opening        0x20, version 2, seed (8), bits (4), plan digest (8), parities   initiator → responder
/// parities       0x21, parities                                                   initiator → responder
/// errorParities  0x22, parities                                                   responder → initiator
/// ```
///
/// Integers are big-endian. Parities are packed, parity i in bit (i mod 8) of byte i/8, unused bits zero; how
/// many there are follows from what was said before, so every message has exactly one allowed length. Error
/// parities are those of the errors that are left when they are said.
enum CascadeMessage {
    static let opening: UInt8 = 0x20
    static let parities: UInt8 = 0x21
    static let errorParities: UInt8 = 0x22
    static let version: UInt8 = 2
    /// Bytes of the opening before its parities.
    static let openingHeader = 22

    /// Checks that a message holds exactly `count` parities from byte `offset` on.
    static func checkParities(_ count: Int, _ message: [UInt8], at offset: Int) throws(QWaveError) {
        guard message.count == offset + (count + 7) / 8 else {
            throw QWaveError(
                .protocolViolation,
                "a Cascade message has \(message.count) bytes where \(offset + (count + 7) / 8) were due; "
                    + "the peer is out of step")
        }
        if count & 7 != 0, message[message.count - 1] >> UInt8(count & 7) != 0 {
            throw QWaveError(.protocolViolation, "a Cascade message has bits set after its \(count) parities")
        }
    }

    static func expect(_ type: UInt8, _ message: [UInt8]) throws(QWaveError) {
        guard let got = message.first else {
            throw QWaveError(.protocolViolation, "an empty message came where Cascade's type \(type) was due")
        }
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
