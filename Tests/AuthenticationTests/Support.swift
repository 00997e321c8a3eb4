// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import TestSupport
import Testing

/// Both ends of an exchange, each with its own source over the same enrolled bytes.
struct Ends {
    static let exchange = [UInt8](0..<16)
    let initiatorSecrets: EphemeralSecretSource
    let responderSecrets: EphemeralSecretSource
    let initiator: TranscriptAuthenticator
    let responder: TranscriptAuthenticator

    init(secretBytes: Int = 32 + 2 * 160, exchange: [UInt8] = Ends.exchange, seed: UInt64 = 1) throws {
        let bytes = try SeededRandomSource(seed: seed).bytes(secretBytes)
        let enrolled = SecretBuffer(copying: bytes)
        initiatorSecrets = try EphemeralSecretSource(enrolled: enrolled, role: .initiator)
        responderSecrets = try EphemeralSecretSource(enrolled: enrolled, role: .responder)
        initiator = try TranscriptAuthenticator(
            exchange: exchange, role: .initiator, secrets: initiatorSecrets)
        responder = try TranscriptAuthenticator(
            exchange: exchange, role: .responder, secrets: responderSecrets)
    }

    /// The initiator sees `mine`, the responder `theirs`.
    func absorb(_ mine: [Message], _ theirs: [Message]? = nil) {
        for message in mine { initiator.transcript.absorb(message.bytes, direction: message.direction) }
        for message in theirs ?? mine {
            responder.transcript.absorb(message.bytes, direction: message.direction)
        }
    }
}

struct Message: Equatable {
    var direction: Direction
    var bytes: [UInt8]

    static func forward(_ bytes: [UInt8]) -> Message {
        Message(direction: .initiatorToResponder, bytes: bytes)
    }
    static func backward(_ bytes: [UInt8]) -> Message {
        Message(direction: .responderToInitiator, bytes: bytes)
    }

    static let conversation: [Message] = [
        .forward([0x10, 1, 2, 3]), .backward([0x11]), .forward([UInt8](repeating: 0x21, count: 33)),
        .forward([]), .backward([0x22, 0, 0]), .backward([0x30, 9]),
    ]
}

/// The error that `body` throws, if any.
func failure(_ body: () throws(QWaveError) -> Void) -> QWaveError? {
    do throws(QWaveError) { try body() } catch { return error }
    return nil
}

/// Expects the one uniform refusal.
func expectRefused(_ comment: Comment? = nil, _ body: () throws(QWaveError) -> Void) {
    let error = failure(body)
    #expect(error?.code == .notAuthenticated, comment)
    #expect(error?.message == WegmanCarter.refusal.message, comment)
}
