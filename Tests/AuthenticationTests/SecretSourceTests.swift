// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import TestSupport
import Testing

extension SecretBuffer {
    var revealed: [UInt8] { withBytes { span in span.indices.map { span[$0] } } }
}

@Suite struct SecretSourceTests {
    /// 32 bytes of keys, then 20 mask bytes a direction; one byte is left over.
    static let enrolled = [UInt8](0..<73)

    func source(_ role: Party.Role) throws -> EphemeralSecretSource {
        try EphemeralSecretSource(enrolled: SecretBuffer(copying: Self.enrolled), role: role)
    }

    @Test func `both ends read the same layout`() throws {
        let (a, b) = (try source(.initiator), try source(.responder))
        for end in [a, b] {
            #expect(try end.hashKey(.initiatorToResponder).revealed == [UInt8](0..<16))
            #expect(try end.hashKey(.responderToInitiator).revealed == [UInt8](16..<32))
        }
        #expect(try a.reserveMask(.initiatorToResponder, count: 16) == 0)
        #expect(try a.mask(.initiatorToResponder, at: 0, count: 16).revealed == [UInt8](32..<48))
        #expect(try b.mask(.initiatorToResponder, at: 0, count: 16).revealed == [UInt8](32..<48))
        #expect(try b.reserveMask(.responderToInitiator, count: 4) == 0)
        #expect(try b.reserveMask(.responderToInitiator, count: 16) == 4)
        #expect(try b.mask(.responderToInitiator, at: 4, count: 16).revealed == [UInt8](56..<72))
        #expect(try a.mask(.responderToInitiator, at: 4, count: 16).revealed == [UInt8](56..<72))
    }

    @Test func `a mask is given once, after it was reserved, and never out of range`() throws {
        let a = try source(.initiator)
        func refusal(_ body: () throws(QWaveError) -> Void) {
            #expect(failure(body)?.code == .notAuthenticated)
        }
        refusal { () throws(QWaveError) in _ = try a.mask(.initiatorToResponder, at: 0, count: 16) }
        _ = try a.reserveMask(.initiatorToResponder, count: 16)
        refusal { () throws(QWaveError) in _ = try a.mask(.initiatorToResponder, at: 1, count: 16) }
        _ = try a.mask(.initiatorToResponder, at: 0, count: 16)
        refusal { () throws(QWaveError) in _ = try a.mask(.initiatorToResponder, at: 0, count: 16) }
        refusal { () throws(QWaveError) in _ = try a.reserveMask(.initiatorToResponder, count: 5) }
        refusal { () throws(QWaveError) in _ = try a.reserveMask(.responderToInitiator, count: 4) }
        refusal { () throws(QWaveError) in _ = try a.reserveMask(.initiatorToResponder, count: 0) }
        refusal { () throws(QWaveError) in _ = try a.mask(.responderToInitiator, at: 5, count: 16) }
        refusal { () throws(QWaveError) in _ = try a.mask(.responderToInitiator, at: .max, count: 16) }
        refusal { () throws(QWaveError) in _ = try a.mask(.responderToInitiator, at: 0, count: 21) }
        refusal { () throws(QWaveError) in try a.accept(.responderToInitiator, upTo: 21) }
        refusal { () throws(QWaveError) in try a.accept(.initiatorToResponder, upTo: 1) }
        #expect(a.remaining(.initiatorToResponder) == 4 && a.remaining(.responderToInitiator) == 20)
        try a.accept(.responderToInitiator, upTo: 4)
        try a.accept(.responderToInitiator, upTo: 2)
        #expect(a.remaining(.responderToInitiator) == 16)
        refusal { () throws(QWaveError) in _ = try a.mask(.responderToInitiator, at: 3, count: 16) }
        _ = try a.mask(.responderToInitiator, at: 4, count: 16)
    }

    @Test func `too short a secret is refused`() {
        #expect(throws: QWaveError.self) {
            try EphemeralSecretSource(enrolled: SecretBuffer(count: 31), role: .initiator)
        }
    }

    @Test func `an exhausted secret refuses to seal, at the end that ran out`() throws {
        let ends = try Ends(secretBytes: 32 + 2 * 20)
        ends.absorb(Message.conversation)
        try ends.responder.verify(try ends.initiator.seal(checkpoint: 1), checkpoint: 1)
        #expect(
            failure { () throws(QWaveError) in _ = try ends.initiator.seal(checkpoint: 2) }?.code
                == .notAuthenticated)
        #expect(ends.initiator.consumedBits == 128)
        try ends.initiator.verify(try ends.responder.seal(checkpoint: 2), checkpoint: 2)
    }
}
