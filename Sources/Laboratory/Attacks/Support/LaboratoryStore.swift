// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Synchronization

/// A pad's book of blocks in memory, by the rules of the real one: answers bind, usable and burnt are final.
final class LaboratoryStore: BlockStore {
    private enum State: UInt8 { case unknown, pending, usable, burnt }

    private struct Book {
        var states: [[UInt8]: State] = [:]
        var keys: [[UInt8]: BitString] = [:]
        var sequences: [[UInt8]: UInt64] = [:]

        /// Whether the pad's order has room for a sequence: a burnt block leaves its place to another.
        func hasRoom(for sequence: UInt64) -> Bool {
            !sequences.contains { exchange, other in
                states[exchange] == .usable
                    ? other >= sequence : states[exchange] == .pending && other == sequence
            }
        }
    }
    private let book = Mutex(Book())

    /// Keys that this end would spend, by exchange.
    var usable: [[UInt8]: BitString] {
        book.withLock { book in book.keys.filter { book.states[$0.key] == .usable } }
    }
    /// Keys that this end holds, spendable or not, by exchange.
    var held: [[UInt8]: BitString] {
        book.withLock { book in book.keys.filter { book.states[$0.key] != .burnt } }
    }

    func nextSequence() throws(QWaveError) -> UInt64 {
        book.withLock { book in book.sequences.values.max().map { $0 + 1 } ?? 0 }
    }

    func addPending(_ outcome: ExchangeOutcome) throws(QWaveError) {
        guard let key = outcome.key else { throw QWaveError(.internalFault, "no key to commit") }
        let isNew = book.withLock { book in
            guard book.states[outcome.identifier] == nil, book.hasRoom(for: outcome.sequence) else {
                return false
            }
            book.states[outcome.identifier] = .pending
            book.keys[outcome.identifier] = key.bits
            book.sequences[outcome.identifier] = outcome.sequence
            return true
        }
        guard isNew else { throw QWaveError(.protocolViolation, "the block or its sequence is known") }
    }

    func markUsable(_ exchange: [UInt8]) throws(QWaveError) {
        let allowed = book.withLock { book in
            guard let state = book.states[exchange], state != .burnt else { return false }
            book.states[exchange] = .usable
            return true
        }
        guard allowed else { throw QWaveError(.protocolViolation, "the block is unknown or burnt") }
    }

    func uncertain() throws(QWaveError) -> [[UInt8]] {
        book.withLock { book in
            book.states.filter { $0.value == .pending }.keys.sorted { $0.lexicographicallyPrecedes($1) }
        }
    }

    func answer(_ exchanges: [[UInt8]]) throws(QWaveError) -> [UInt8] {
        book.withLock { book in
            exchanges.map { exchange in
                let state = book.states[exchange] ?? .unknown
                if state == .unknown { book.states[exchange] = .burnt }
                return state.rawValue
            }
        }
    }

    func reconcile(_ answers: [[UInt8]: UInt8]) throws(QWaveError) {
        book.withLock { book in
            for (exchange, answer) in answers where book.states[exchange] == .pending {
                book.states[exchange] = answer == 1 || answer == 2 ? .usable : .burnt
            }
        }
    }
}
