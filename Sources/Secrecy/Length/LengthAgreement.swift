// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// The agreement on a key's length: the initiator says hers, the responder answers with the minimum.
///
/// A value type without I/O; `KeyLengthAgreement` drives it over a link. Each message tells at most log2 of the
/// number of values that it can have, and both are charged in the length that they carry. Both ends compute that number
/// from what both know, so another one than the own is a protocol violation: more could be said than was charged.
/// Messages:
///
/// ```
/// 0x40 LENGTH   u32 ℓ/256   u32 number of possible values     initiator → responder
/// 0x41 LENGTH   u32 ℓ/256   u32 number of possible values     responder → initiator; ℓ the minimum, 0 = refuse
/// ```
public struct LengthAgreement: Sendable {
    /// What to do next.
    public enum Action: Sendable {
        /// Send the message with this charge, and go on.
        case send([UInt8], Disclosure)
        /// Wait for the peer's message.
        case receive
        /// Both ends know the length now.
        case done(KeyLengthResult)
    }

    private enum State { case start, waiting, answering, done }

    public static let initiatorType: UInt8 = 0x40
    public static let responderType: UInt8 = 0x41
    /// Bytes of either message.
    public static let messageLength = 9

    /// This end's own verdict, both length messages charged.
    public private(set) var result: KeyLengthResult
    /// How many values this end's message can have.
    public let possibleValues: Int
    private let role: Party.Role
    private var state = State.start
    private var outgoing: [Action] = []

    public init(role: Party.Role, inputs: KeyLengthInputs) {
        self.role = role
        // Everybody can compute the limit from what was said: the message tells one of 0, 256, …, limit.
        possibleValues = min(KeyLength.publicLimit(inputs) / KeyLength.granule + 1, Int(UInt32.max))
        var charged = inputs
        let bits = log2(Double(possibleValues))
        charged.otherItems.append(LengthTerms.Item(name: "length forward", bits: bits))
        charged.otherItems.append(LengthTerms.Item(name: "length backward", bits: bits))
        result = KeyLength.compute(charged)
        if role == .initiator { outgoing = [message(Self.initiatorType)] }
    }

    private var charge: Disclosure { Disclosure(.length, bits: log2(Double(possibleValues))) }

    private func message(_ type: UInt8) -> Action {
        var writer = ByteWriter()
        writer.write(type)
        writer.write(UInt32(min(result.length / KeyLength.granule, possibleValues - 1)))
        writer.write(UInt32(possibleValues))
        return .send(writer.bytes, charge)
    }

    /// The next thing to do.
    public mutating func next() -> Action {
        if !outgoing.isEmpty {
            let action = outgoing.removeFirst()
            state = role == .initiator ? .waiting : .done
            return action
        }
        if state == .start { state = .waiting }
        return state == .done ? .done(result) : .receive
    }

    /// Takes the peer's message; returns what it told, to be charged.
    public mutating func receive(_ message: [UInt8]) throws(QWaveError) -> Disclosure {
        guard state == .waiting else {
            throw QWaveError(.protocolViolation, "a length message came when none was expected")
        }
        var reader = ByteReader(message, what: "length message")
        let type: UInt8 = try reader.read()
        let expected = role == .initiator ? Self.responderType : Self.initiatorType
        guard type == expected else {
            throw QWaveError(
                .protocolViolation, "length message of type \(expected) expected, type \(type) received")
        }
        let units: UInt32 = try reader.read()
        let values: UInt32 = try reader.read()
        try reader.finish()
        guard values > 0, units < values else {
            throw QWaveError(
                .protocolViolation, "length message says value \(units) of \(values) possible ones")
        }
        guard Int(values) == possibleValues else {
            throw QWaveError(
                .protocolViolation,
                "length message says that it can have \(values) values, and what was said so far allows "
                    + "\(possibleValues)")
        }
        let theirs = Int(units) * KeyLength.granule
        if role == .initiator {
            guard theirs <= result.length else {
                throw QWaveError(
                    .protocolViolation,
                    "the responder agreed on \(theirs) bits, more than \(result.length) offered")
            }
            state = .done
        }
        if theirs < result.length {
            result.length = theirs
            if theirs == 0 { result.refusals.append("the peer refused: it allows 0 bits") }
        }
        if role == .responder {
            outgoing = [self.message(Self.responderType)]
            state = .answering
        }
        return Disclosure(.length, bits: log2(Double(values)))
    }
}

/// The thin driver of `LengthAgreement` over a party's link.
///
/// The result's length is the same at both ends; 0 means refuse, with this end's reasons. A stage that throws
/// has closed the link.
public struct KeyLengthAgreement: Stage {
    public init() {}

    public func run(_ inputs: KeyLengthInputs, as party: Party) async throws(QWaveError) -> KeyLengthResult {
        do {
            var agreement = LengthAgreement(role: party.role, inputs: inputs)
            while true {
                switch agreement.next() {
                case .send(let message, let disclosure):
                    try await party.send(message, charging: disclosure)
                case .receive:
                    let message = try await party.receive()
                    party.charge(received: try agreement.receive(message), bytes: message.count)
                case .done(let result):
                    return result
                }
            }
        } catch {
            await party.close()
            throw error
        }
    }
}
