// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension TranscriptAuthenticator {
    /// The type byte of a message that carries a checkpoint's seal.
    public static let checkpointType: UInt8 = 0x60

    /// Exchanges and checks the seals of one checkpoint: the initiator's first, then the responder's.
    ///
    /// The responder answers only when the initiator's seal was right, and its own seal covers the initiator's.
    /// Both must have received everything that the other sent before. 128 bits of each direction's secret are
    /// consumed. Throws `.notAuthenticated`; then nothing of the exchange may be used and the link be closed.
    ///
    /// - Parameter party: a party over `recording(_:)`.
    public func checkpoint(_ number: UInt8, as party: Party) async throws(QWaveError) {
        guard party.role == role else {
            throw QWaveError(.internalFault, "the party's role isn't the one of its authenticator")
        }
        switch role {
        case .initiator:
            try await sendSeal(number, as: party)
            try await receiveSeal(number, as: party)
        case .responder:
            try await receiveSeal(number, as: party)
            try await sendSeal(number, as: party)
        }
    }

    private func sendSeal(_ number: UInt8, as party: Party) async throws(QWaveError) {
        let before = transcript.messages
        try await party.send([Self.checkpointType] + seal(checkpoint: number), charging: .nothing)
        try checkRecorded(since: before)
    }

    private func receiveSeal(_ number: UInt8, as party: Party) async throws(QWaveError) {
        let before = transcript.messages
        let expected = expectation(checkpoint: number)
        let message = try await party.receive()
        try checkRecorded(since: before)
        guard message.first == Self.checkpointType else { throw WegmanCarter.refusal }
        try verify(Array(message.dropFirst()), against: expected)
        party.charge(received: .nothing, bytes: message.count)
    }

    /// A link that doesn't record would leave the whole exchange unauthenticated, in silence.
    private func checkRecorded(since before: Int) throws(QWaveError) {
        guard transcript.messages > before else {
            throw QWaveError(
                .internalFault,
                "the party's link doesn't record into the transcript; make it with recording(_:)")
        }
    }
}
