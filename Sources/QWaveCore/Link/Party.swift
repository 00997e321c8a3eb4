// SPDX-License-Identifier: GPL-3.0-or-later

/// One side of a session: what a stage needs besides its input.
public struct Party: Sendable {
    /// Who one is. The initiator's key is the reference; the responder corrects.
    public enum Role: UInt8, Sendable, Codable {
        case initiator = 0
        case responder = 1

        /// The direction of what this role sends.
        public var sending: Direction { self == .initiator ? .initiatorToResponder : .responderToInitiator }
        public var other: Role { self == .initiator ? .responder : .initiator }
    }

    public let role: Role
    public let ledger: SecrecyLedger
    public let random: any RandomSource
    private let link: any Link

    public init(role: Role, link: any Link, ledger: SecrecyLedger, random: any RandomSource) {
        self.role = role
        self.link = link
        self.ledger = ledger
        self.random = random
    }

    /// The only way to the link: what is sent is charged as it is sent.
    ///
    /// The charge stands before the bytes leave, so an attempt that fails half-way is paid for too.
    public func send(_ message: [UInt8], charging disclosure: Disclosure) async throws(QWaveError) {
        ledger.record(disclosure, direction: role.sending, bytes: message.count)
        try await link.send(message)
    }

    /// The peer's next message. What it tells must be charged with `charge(received:…)` once it is understood.
    public func receive() async throws(QWaveError) -> [UInt8] {
        try await link.receive()
    }

    /// Charges what a received message told about the key, so that both ledgers hold both directions.
    public func charge(received disclosure: Disclosure, bytes: Int) {
        ledger.record(disclosure, direction: role.other.sending, bytes: bytes)
    }

    /// Closes the link: a party that fails must, or its peer waits for ever.
    public func close() async { await link.close() }
}
