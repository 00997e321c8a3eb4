// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore
internal import Synchronization

/// One end's authentication of one exchange: tags over the transcript at checkpoints, and over small messages.
///
/// A tag travels with the offset of its mask: 8 bytes, big-endian, then 16. The mask is of the sender's own
/// direction and is reserved durably before the tag is computed; the receiver marks it as accepted only when
/// the tag is right. Every failed check throws the same error. (Key length, sections 7 and 7.1.)
///
/// ```swift
/// let authenticator = try TranscriptAuthenticator(exchange: id, role: .initiator, secrets: secrets)
/// let party = Party(role: .initiator, link: authenticator.recording(link), ledger: ledger, random: random)
/// … every stage up to verification …
/// try await authenticator.checkpoint(1, as: party)  // throws .notAuthenticated: use nothing
/// ```
public final class TranscriptAuthenticator: Sendable {
    /// The label of a COMMIT.
    public static let commitLabel = "COMMIT"
    /// The label of a list of uncertain blocks after a reconnection.
    public static let resumeLabel = "RESUME"
    /// Bytes of what `seal` returns.
    public static let sealBytes = 24

    /// The transcript that the checkpoints cover.
    public let transcript: Transcript
    public let role: Party.Role
    private let exchange: [UInt8]
    private let secrets: any SecretSource

    private struct Account {
        var bits = 0
        var epsilon = 0.0
    }
    private let account = Mutex(Account())

    /// - Parameter exchange: the 16 bytes that both ends agreed on to name this exchange, fresh for each.
    ///
    /// Throws `.internalFault` when the name hasn't 16 bytes, and whatever the secret throws.
    public init(exchange: [UInt8], role: Party.Role, secrets: any SecretSource) throws(QWaveError) {
        guard exchange.count == 16 else {
            throw QWaveError(.internalFault, "an exchange is named by 16 bytes, not \(exchange.count)")
        }
        self.exchange = exchange
        self.role = role
        self.secrets = secrets
        transcript = try Transcript(secrets: secrets)
    }

    /// The link whose messages enter this transcript.
    public func recording(_ link: any Link) -> RecordingLink {
        RecordingLink(link, into: transcript, as: role)
    }

    /// Bits of the shared secret that this exchange consumed, both directions: 128 for each tag.
    public var consumedBits: Int { account.withLock { $0.bits } }

    /// The probability of a forgery in this exchange, at the most: L/2¹²⁸ for each tag sent and each tag
    /// checked, valid or not.
    public var epsilon: Double { account.withLock { $0.epsilon } }

    /// What the peer's next tag is a tag of, not yet masked; to be made before the tag's message arrives.
    public struct Expectation: ~Copyable, Sendable {
        fileprivate let hash: SecretBuffer
        fileprivate let blocks: Int
    }

    // MARK: Checkpoints

    private func header(_ checkpoint: UInt8, from sender: Party.Role) -> [UInt8] {
        Array("QWtr".utf8) + [1] + exchange + [sender.rawValue, checkpoint]
    }

    /// The seal of this end over everything absorbed so far: mask offset and tag.
    ///
    /// The message that carries it is absorbed afterwards, as any other, at both ends.
    public func seal(checkpoint: UInt8) throws(QWaveError) -> [UInt8] {
        let digest = transcript.digest(header: header(checkpoint, from: role), under: role.sending)
        return try seal(digest.hash, blocks: digest.blocks)
    }

    /// What the peer's seal must cover, if it says nothing more before it.
    public func expectation(checkpoint: UInt8) -> Expectation {
        let digest = transcript.digest(
            header: header(checkpoint, from: role.other), under: role.other.sending)
        return Expectation(hash: digest.hash.copy(), blocks: digest.blocks)
    }

    /// Checks the peer's seal over everything absorbed so far; the seal's own message must not be absorbed yet.
    ///
    /// Throws `.notAuthenticated`, the same for every reason.
    public func verify(_ seal: [UInt8], checkpoint: UInt8) throws(QWaveError) {
        try verify(seal, against: expectation(checkpoint: checkpoint))
    }

    // MARK: Small messages

    private func header(_ label: String, from sender: Party.Role) -> [UInt8] {
        let label = Array(label.utf8)
        return Array("QWms".utf8) + [1] + exchange + [
            sender.rawValue, UInt8(truncatingIfNeeded: label.count),
        ] + label
    }

    /// The seal of a small message outside the transcript, like a COMMIT: mask offset and tag.
    public func seal(label: String, body: [UInt8]) throws(QWaveError) -> [UInt8] {
        let header = header(label, from: role)
        let blocks = WegmanCarter.blocks(headerBytes: header.count, bodyBytes: body.count)
        return try seal(try hash(header, body, under: role.sending), blocks: blocks)
    }

    /// Checks the peer's seal of a small message.
    ///
    /// Throws `.notAuthenticated`, the same for every reason.
    public func verify(_ seal: [UInt8], label: String, body: [UInt8]) throws(QWaveError) {
        let header = header(label, from: role.other)
        let blocks = WegmanCarter.blocks(headerBytes: header.count, bodyBytes: body.count)
        let hash = try hash(header, body, under: role.other.sending)
        try verify(seal, against: Expectation(hash: hash, blocks: blocks))
    }

    private func hash(
        _ header: [UInt8], _ body: [UInt8], under direction: Direction
    ) throws(QWaveError) -> SecretBuffer {
        WegmanCarter.hash(key: try secrets.hashKey(direction), header: header, body: body)
    }

    // MARK: Masks

    private func seal(_ hash: borrowing SecretBuffer, blocks: Int) throws(QWaveError) -> [UInt8] {
        let offset = try secrets.reserveMask(role.sending, count: WegmanCarter.tagBytes)
        let mask = try secrets.mask(role.sending, at: offset, count: WegmanCarter.tagBytes)
        account.withLock {
            $0.bits += 8 * WegmanCarter.tagBytes
            $0.epsilon += WegmanCarter.forgeryBound(blocks: blocks)
        }
        var writer = ByteWriter()
        writer.write(offset)
        writer.write(WegmanCarter.masked(hash, by: mask))
        return writer.bytes
    }

    /// Checks a seal against what it must cover, then marks its mask as accepted.
    ///
    /// Throws `.notAuthenticated`, the same for every reason.
    public func verify(_ seal: [UInt8], against expectation: borrowing Expectation) throws(QWaveError) {
        account.withLock { $0.epsilon += WegmanCarter.forgeryBound(blocks: expectation.blocks) }
        guard seal.count == Self.sealBytes else { throw WegmanCarter.refusal }
        let offset = seal[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let (end, overflows) = offset.addingReportingOverflow(UInt64(WegmanCarter.tagBytes))
        guard !overflows else { throw WegmanCarter.refusal }
        do throws(QWaveError) {
            let mask = try secrets.mask(role.other.sending, at: offset, count: WegmanCarter.tagBytes)
            var expected = WegmanCarter.masked(expectation.hash, by: mask)
            defer { expected.wipe() }
            guard constantTimeEqual(Array(seal[8...]), expected) else { throw WegmanCarter.refusal }
            try secrets.accept(role.other.sending, upTo: end)
        } catch {
            // A failing disk is this end's own matter and is told as it is; anything that a forger causes isn't.
            throw error.code == .notAuthenticated ? WegmanCarter.refusal : error
        }
        account.withLock { $0.bits += 8 * WegmanCarter.tagBytes }
    }
}
