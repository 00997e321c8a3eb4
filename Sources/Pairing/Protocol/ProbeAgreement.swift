// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
internal import QWaveCore

/// What the ends agree on before they probe the air for an exchange. The session knows nothing of radios: it carries
/// these numbers, and a key.
public struct ProbeTerms: Sendable, Hashable, Codable {
    /// Probes in all, and how many of the first measure the channel and are never keyed.
    public var count: Int
    public var sacrificed: Int
    /// Probes a second: the most, and the least that adaptation may choose.
    public var rate: Double
    public var minimumRate: Double
    /// From the start of a probe to the start of its answer, in seconds: at least what the end's radio takes.
    public var turnaround: Double
    /// Samples a second, and the channel's center in Hz.
    public var sampleRate: Double
    public var carrier: Double

    public init(
        count: Int, sacrificed: Int, rate: Double, minimumRate: Double, turnaround: Double,
        sampleRate: Double, carrier: Double
    ) {
        self.count = count
        self.sacrificed = sacrificed
        self.rate = rate
        self.minimumRate = minimumRate
        self.turnaround = turnaround
        self.sampleRate = sampleRate
        self.carrier = carrier
    }

    /// What both can do: the slower rate, the longer turnaround. Throws `.refused` where nothing fits both.
    func merged(with other: ProbeTerms) throws(QWaveError) -> ProbeTerms {
        guard sampleRate == other.sampleRate, abs(carrier - other.carrier) <= 1000 else {
            throw QWaveError(
                .refused,
                "the radios differ: \(sampleRate) samples/s at \(carrier) Hz here, \(other.sampleRate) at "
                    + "\(other.carrier) there; give both the same --radio-rate and --frequency")
        }
        guard count == other.count, sacrificed == other.sacrificed else {
            throw QWaveError(
                .refused,
                "the ends want different numbers of probes, \(count) here and \(other.count) there: give both the "
                    + "same --probe-rate and --duration")
        }
        var result = self
        result.rate = min(rate, other.rate)
        result.minimumRate = min(minimumRate, other.minimumRate, result.rate)
        result.turnaround = max(turnaround, other.turnaround)
        return result
    }

    /// Throws `.protocolViolation` for numbers that no end means.
    func check() throws(QWaveError) {
        guard (1...100_000_000).contains(count), (0..<count).contains(sacrificed),
            rate > 0, rate <= 1e6, minimumRate > 0, minimumRate <= rate, turnaround >= 0, turnaround <= 60,
            sampleRate >= 1, sampleRate <= 1e12, carrier >= 0, carrier <= 1e13
        else { throw QWaveError(.protocolViolation, "the peer's probing terms make no sense") }
    }
}

/// How an exchange's probes are agreed on, before HELLO names the exchange: terms, and where in the pad their key lies.
///
/// The responder says what his radio can do; the initiator answers with what will be done and the offset of 16 mask
/// bytes of her direction, both under a seal that covers his terms too. The key of tags and pilots is those bytes.
/// They and the seal's mask are 256 bits of the enrolled secret.
enum ProbeAgreement {
    static let label = "PROBING"
    /// Bits of the enrolled secret that an agreement consumes.
    static let bits = 256
    static let keyBytes = 16
    private static let limit = 4096

    struct Agreed: ~Copyable {
        let terms: ProbeTerms
        let key: SecretBuffer
    }

    static func run(
        _ own: ProbeTerms, over link: any Link, as role: Party.Role, secrets: any SecretSource,
        random: any RandomSource
    ) async throws(QWaveError) -> Agreed {
        let name = try await Opening.hello(over: link, role: role, random: random)
        let authenticator = try TranscriptAuthenticator(exchange: name, role: role, secrets: secrets)
        let encoded = try SessionJSON.encode(own)
        switch role {
        case .initiator:
            let theirs = try await receive(over: link)
            let terms = try own.merged(with: try decode(theirs))
            let offset = try secrets.reserveMask(role.sending, count: keyBytes)
            let key = try secrets.mask(role.sending, at: offset, count: keyBytes)
            let chosen = try SessionJSON.encode(terms)
            let seal = try authenticator.seal(label: label, body: body(offset, theirs, chosen))
            var writer = ByteWriter()
            writer.write(SessionMessage.probing)
            writer.write(offset)
            writer.writeCounted(chosen)
            writer.write(seal)
            try await link.send(writer.bytes)
            return Agreed(terms: terms, key: key)
        case .responder:
            var writer = ByteWriter()
            writer.write(SessionMessage.probing)
            writer.writeCounted(encoded)
            try await link.send(writer.bytes)
            let message = try await link.receive()
            guard message.first == SessionMessage.probing else {
                throw SessionMessage.unexpected("the probing terms", message.first)
            }
            var reader = ByteReader(message, what: "probing terms")
            _ = try reader.read(UInt8.self)
            let offset = try reader.read(UInt64.self)
            let chosen = try reader.readCounted(limit: limit)
            let seal = try reader.read(count: TranscriptAuthenticator.sealBytes)
            try reader.finish()
            // Fetched before the seal's own mask is marked as accepted, which passes it over; not used until the
            // seal, which covers the offset, is right.
            let key = try secrets.mask(role.other.sending, at: offset, count: keyBytes)
            try authenticator.verify(seal, label: label, body: body(offset, encoded, chosen))
            let terms = try decode(chosen)
            guard terms == (try terms.merged(with: own)) else {
                throw QWaveError(.protocolViolation, "the peer's probing terms aren't what both can do")
            }
            return Agreed(terms: terms, key: key)
        }
    }

    private static func receive(over link: any Link) async throws(QWaveError) -> [UInt8] {
        let message = try await link.receive()
        guard message.first == SessionMessage.probing else {
            throw SessionMessage.unexpected("the probing terms", message.first)
        }
        var reader = ByteReader(message, what: "probing terms")
        _ = try reader.read(UInt8.self)
        let bytes = try reader.readCounted(limit: limit)
        try reader.finish()
        return bytes
    }

    private static func decode(_ bytes: [UInt8]) throws(QWaveError) -> ProbeTerms {
        let terms = try SessionJSON.decode(ProbeTerms.self, bytes, what: "probing terms")
        try terms.check()
        return terms
    }

    private static func body(_ offset: UInt64, _ theirs: [UInt8], _ chosen: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(offset)
        writer.writeCounted(theirs)
        writer.writeCounted(chosen)
        return writer.bytes
    }
}
