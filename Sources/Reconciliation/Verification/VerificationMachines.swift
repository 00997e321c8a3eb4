// SPDX-License-Identifier: GPL-3.0-or-later
internal import Fields
public import QWaveCore

/// The initiator's side of verification, without I/O: says a hash under a fresh key, hears the verdict.
public struct VerificationInitiator: ReconciliationMachine {
    private let key: CorrectedKey
    private let hashKey: UInt64
    private var isOver = false
    public var received: Disclosure { VerificationMessage.outcomeDisclosure }

    /// - Parameter hashKey: uniform and public, drawn after both corrected keys were fixed, used once.
    public init(_ key: CorrectedKey, hashKey: UInt64) {
        self.key = key
        self.hashKey = hashKey
    }

    /// The first message: hash key and hash.
    public func opening() -> ReconciliationAction<ReconciledKey>? {
        var writer = ByteWriter()
        writer.write(VerificationMessage.hash)
        writer.write(UInt32(truncatingIfNeeded: key.bits.count))
        writer.write(hashKey)
        writer.write(VerificationHash(key: hashKey).hash(key.bits))
        return .send(writer.bytes, VerificationMessage.hashDisclosure)
    }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<ReconciledKey>
    {
        guard !isOver else {
            throw QWaveError(.protocolViolation, "a verification message came after the verdict")
        }
        var reader = ByteReader(message, what: "verification outcome")
        try VerificationMessage.expect(VerificationMessage.outcome, &reader)
        let verdict = try reader.read(UInt8.self)
        try reader.finish()
        guard verdict <= 1 else {
            throw QWaveError(.protocolViolation, "a verification outcome must be 0 or 1, not \(verdict)")
        }
        isOver = true
        return .finish(last: nil, VerificationMessage.result(key, isEqual: verdict == 1))
    }
}

/// The responder's side of verification, without I/O: compares the hash with its own and says the verdict.
public struct VerificationResponder: ReconciliationMachine {
    private let key: CorrectedKey
    private var isOver = false
    public var received: Disclosure { VerificationMessage.hashDisclosure }

    public init(_ key: CorrectedKey) { self.key = key }

    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> ReconciliationAction<ReconciledKey>
    {
        guard !isOver else {
            throw QWaveError(.protocolViolation, "a verification message came after the verdict")
        }
        var reader = ByteReader(message, what: "verification hash")
        try VerificationMessage.expect(VerificationMessage.hash, &reader)
        let count = try reader.read(UInt32.self)
        let hashKey = try reader.read(UInt64.self)
        let theirs = try reader.read(UInt64.self)
        try reader.finish()
        guard count == key.bits.count else {
            throw QWaveError(
                .protocolViolation,
                "the peer verifies a key of \(count) bits, this end one of \(key.bits.count)")
        }
        isOver = true
        let isEqual = VerificationHash(key: hashKey).hash(key.bits) ^ theirs == 0
        var writer = ByteWriter()
        writer.write(VerificationMessage.outcome)
        writer.write(UInt8(isEqual ? 1 : 0))
        return .finish(
            last: .init(writer.bytes, VerificationMessage.outcomeDisclosure),
            VerificationMessage.result(key, isEqual: isEqual))
    }
}
