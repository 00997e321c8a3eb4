// SPDX-License-Identifier: GPL-3.0-or-later
internal import OneTimePad
internal import Pairing
internal import QWaveCore
internal import Secrecy

/// The pad as a session sees it.
struct PadBlockStore: BlockStore {
    let pad: PadStore

    func nextSequence() throws(QWaveError) -> UInt64 { try pad.nextSequence() }

    func addPending(_ outcome: ExchangeOutcome) throws(QWaveError) {
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

    func markUsable(_ exchange: [UInt8]) throws(QWaveError) { try pad.markUsable(try ExchangeID(exchange)) }

    func uncertain() throws(QWaveError) -> [[UInt8]] { try pad.uncertain().map(\.id.bytes) }

    func answer(_ exchanges: [[UInt8]]) throws(QWaveError) -> [UInt8] {
        var identifiers: [ExchangeID] = []
        for exchange in exchanges { identifiers.append(try ExchangeID(exchange)) }
        return try pad.answer(identifiers).map(\.rawValue)
    }

    func reconcile(_ answers: [[UInt8]: UInt8]) throws(QWaveError) {
        var states: [ExchangeID: ExchangeState] = [:]
        for (exchange, state) in answers {
            states[try ExchangeID(exchange)] = ExchangeState(rawValue: state) ?? .unknown
        }
        try pad.reconcile(states)
    }
}
