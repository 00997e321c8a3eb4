// SPDX-License-Identifier: GPL-3.0-or-later
public import OneTimePad
public import Pairing
public import QWaveCore
internal import Secrecy

/// A pad as a session sees it: where `PairingSession` commits its blocks.
public struct PadBlockStore: BlockStore {
    private let pad: PadStore

    public init(_ pad: PadStore) { self.pad = pad }

    public func nextSequence() throws(QWaveError) -> UInt64 { try pad.nextSequence() }

    public func addPending(_ outcome: ExchangeOutcome) throws(QWaveError) {
        guard let key = outcome.key, let certificate = outcome.certificate else {
            throw QWaveError(.internalFault, "a refused exchange has no block to commit")
        }
        try pad.addPending(
            try ExchangeID(outcome.identifier), sequence: outcome.sequence, key: key,
            epsilon: certificate.epsilonTotal, assurance: assurance(certificate))
    }

    /// A simulated block carries its mark into the pad, which never mixes it with real ones.
    private func assurance(_ certificate: Certificate) -> String {
        certificate.assurance + (certificate.context.simulated ? ", simulated" : "")
    }

    public func markUsable(_ exchange: [UInt8]) throws(QWaveError) {
        try pad.markUsable(try ExchangeID(exchange))
    }

    public func uncertain() throws(QWaveError) -> [[UInt8]] { try pad.uncertain().map(\.id.bytes) }

    public func answer(_ exchanges: [[UInt8]]) throws(QWaveError) -> [UInt8] {
        var identifiers: [ExchangeID] = []
        for exchange in exchanges { identifiers.append(try ExchangeID(exchange)) }
        return try pad.answer(identifiers).map(\.rawValue)
    }

    public func reconcile(_ answers: [[UInt8]: UInt8]) throws(QWaveError) {
        var states: [ExchangeID: ExchangeState] = [:]
        for (exchange, state) in answers {
            states[try ExchangeID(exchange)] = ExchangeState(rawValue: state) ?? .unknown
        }
        try pad.reconcile(states)
    }
}
