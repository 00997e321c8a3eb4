// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A reconciled key with the length that both ends agreed on.
public struct CertifiedInput: Sendable {
    public let key: ReconciledKey
    /// Bits of the secret key, the certificate's verdict.
    public let outputBits: Int

    public init(key: ReconciledKey, outputBits: Int) {
        self.key = key
        self.outputBits = outputBits
    }
}

/// The public choice of one hash function, for one block only.
public struct AmplificationSeed: Sendable {
    public let form: ToeplitzHash.Form
    public let bits: BitString
    /// n, bits of the key that it hashes.
    public let inputBits: Int
    /// m, bits of the result.
    public let outputBits: Int
}

/// Privacy amplification: the reconciled key hashed to its certified length, by a seed that the initiator draws
/// when the key is fixed and verified.
///
/// A session calls the two steps apart, since the seed is said before the last checkpoint and used after it:
///
/// ```swift
/// let seed = try await stage.exchangeSeed(as: party, inputBits: key.bits.count, outputBits: length)
/// try await authenticator.checkpoint(2, as: party)
/// let secret = try stage.apply(seed, to: key)
/// ```
public struct PrivacyAmplificationStage: Stage {
    private let hash: ToeplitzHash

    public init(hash: ToeplitzHash = ToeplitzHash()) {
        self.hash = hash
    }

    /// Both steps at once, where nobody can change what is said on the link.
    public func run(_ block: CertifiedInput, as party: Party) async throws(QWaveError) -> SecretKey {
        let seed = try await exchangeSeed(
            as: party, inputBits: block.key.bits.count, outputBits: block.outputBits)
        return try apply(seed, to: block.key)
    }

    /// Says the seed, or hears it: fresh for every block, in messages of at most 64 KiB, free of charge.
    ///
    /// Throws `.badInput` for lengths that make no hash, `.noRandomness` when none can be drawn, and at the
    /// responder `.protocolViolation` unless form, lengths and messages are exactly those expected.
    public func exchangeSeed(
        as party: Party, inputBits: Int, outputBits: Int
    ) async throws(QWaveError) -> AmplificationSeed {
        var transfer = try SeedTransfer(
            form: hash.form, inputBits: inputBits, outputBits: outputBits,
            seedBits: hash.seedBits(inputBits: inputBits, outputBits: outputBits))
        switch party.role {
        case .initiator:
            let bits = try BitString.random(count: transfer.seedBits, using: party.random)
            for message in transfer.messages(for: bits) {
                try await party.send(message, charging: .nothing)
            }
            return AmplificationSeed(
                form: hash.form, bits: bits, inputBits: inputBits, outputBits: outputBits)
        case .responder:
            while true {
                let message = try await party.receive()
                let bits = try transfer.receive(message)
                party.charge(received: .nothing, bytes: message.count)
                if let bits {
                    return AmplificationSeed(
                        form: hash.form, bits: bits, inputBits: inputBits, outputBits: outputBits)
                }
            }
        }
    }

    /// The secret key; to be called once for a seed, after the seed is authenticated.
    ///
    /// Throws `.badInput` when the seed isn't one for this key.
    public func apply(_ seed: AmplificationSeed, to key: ReconciledKey) throws(QWaveError) -> SecretKey {
        guard seed.form == hash.form, seed.inputBits == key.bits.count else {
            throw QWaveError(
                .badInput,
                "the seed is for \(seed.inputBits) bits in form \(seed.form), not for \(key.bits.count) in \(hash.form)"
            )
        }
        return SecretKey(bits: try hash.hash(key.bits, seed: seed.bits, outputBits: seed.outputBits))
    }
}
