// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization

/// How an exchange opens: a name for it that neither end chose alone, then parameters that must agree.
enum Opening {
    /// Bytes of an exchange identifier: eight from each end.
    static let identifierBytes = 16

    /// HELLO, before the transcript: version and each end's half of the exchange identifier. The identifier and
    /// the version stand in every tag, so nothing here can be changed unnoticed.
    static func hello(over link: any Link, role: Party.Role, random: any RandomSource)
        async throws(QWaveError) -> [UInt8]
    {
        let own = try random.bytes(identifierBytes / 2)
        var writer = ByteWriter()
        writer.write(SessionMessage.hello)
        writer.write(SessionMessage.version)
        writer.write(role.rawValue)
        writer.write(own)
        if role == .initiator { try await link.send(writer.bytes) }
        let message = try await link.receive()
        guard message.first == SessionMessage.hello else {
            throw SessionMessage.unexpected("HELLO", message.first)
        }
        var reader = ByteReader(message, what: "HELLO")
        _ = try reader.read(UInt8.self)
        let version = try reader.read(UInt16.self)
        let theirRole = try reader.read(UInt8.self)
        let theirs = try reader.read(count: identifierBytes / 2)
        try reader.finish()
        guard version == SessionMessage.version else {
            throw QWaveError(
                .protocolViolation,
                "the peer speaks protocol version \(version), this is version \(SessionMessage.version)")
        }
        guard theirRole == role.other.rawValue else {
            throw QWaveError(
                .protocolViolation, "both ends have the same role: one listens, the other connects")
        }
        if role == .responder { try await link.send(writer.bytes) }
        return role == .initiator ? own + theirs : theirs + own
    }

    /// What an end says of itself and of the choices that must be equal.
    struct Parameters: Codable, Hashable {
        var configuration: String
        var sequence: UInt64
        var kind: FeatureKind
        var columns: Int
        var tones: [Int]
        var simulated: Bool
        var rate: Double?
        var commits: Bool
        /// Absent where an end carries nothing over from exchange to exchange.
        var commissioning: CommissioningCarry.Claim?
    }

    /// PARAMETERS, initiator first; throws `.refused` where they can't work together.
    static func agree(_ own: Parameters, as party: Party) async throws(QWaveError) -> Parameters {
        let encoded = try SessionJSON.encode(own)
        if party.role == .initiator {
            try await SessionMessage.sendPieces(SessionMessage.parameters, encoded, as: party)
        }
        let bytes = try await SessionMessage.receivePieces(
            SessionMessage.parameters, limit: 256 * 1024, what: "parameters", as: party)
        if party.role == .responder {
            try await SessionMessage.sendPieces(SessionMessage.parameters, encoded, as: party)
        }
        let theirs = try SessionJSON.decode(Parameters.self, bytes, what: "parameters")
        guard theirs.configuration == own.configuration else {
            throw QWaveError(
                .refused,
                "the ends run different settings (configuration \(own.configuration.prefix(12)) here, "
                    + "\(theirs.configuration.prefix(12)) there): give both the same options")
        }
        guard theirs.kind == own.kind, theirs.columns == own.columns, theirs.tones == own.tones else {
            throw QWaveError(
                .refused,
                "the captures differ: \(own.columns) features of kind \(own.kind.rawValue) here, \(theirs.columns) of "
                    + "kind \(theirs.kind.rawValue) there")
        }
        guard theirs.rate.map(ExchangeOptions.isRate) ?? true else {
            throw QWaveError(.protocolViolation, "the peer's probe rate makes no sense")
        }
        guard theirs.simulated == own.simulated, theirs.commits == own.commits else {
            throw QWaveError(
                .refused, "one end is simulated or has no pad and the other isn't: start both in the same way"
            )
        }
        return theirs
    }
}
