// SPDX-License-Identifier: GPL-3.0-or-later
internal import Fields
internal import QWaveCore

/// The bytes of verification's messages. Type bytes 0x30 to 0x3F belong to verification.
///
/// ```
/// hash      0x30, bits (4), hash key (8), hash (8)     initiator → responder
/// outcome   0x31, 1 accepted or 0 refused              responder → initiator
/// ```
///
/// Integers are big-endian.
enum VerificationMessage {
    static let hash: UInt8 = 0x30
    static let outcome: UInt8 = 0x31

    static let hashDisclosure = Disclosure(.verificationHash, bits: 64)
    static let outcomeDisclosure = Disclosure(.outcome, bits: 1)

    static func expect(_ type: UInt8, _ reader: inout ByteReader) throws(QWaveError) {
        let got = try reader.read(UInt8.self)
        guard got == type else {
            throw QWaveError(
                .protocolViolation,
                "a verification message of type \(type) was due, but one of type \(got) came; the peer is out of step"
            )
        }
    }

    static func result(_ key: CorrectedKey, isEqual: Bool) -> Result<ReconciledKey, QWaveError> {
        guard isEqual else {
            return .failure(
                QWaveError(
                    .refused,
                    "verification found the corrected keys unequal; the block was dropped, and what was said of it "
                        + "stays counted"))
        }
        return .success(
            ReconciledKey(
                bits: key.bits, corrected: key.corrected,
                verificationEpsilon: VerificationHash.collisionBound(bits: key.bits.count)))
    }
}
