// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What a session asks of the pad: two-step commit of blocks, and what is uncertain after a crash.
///
/// The pad implements it over its journal; the session doesn't know where bytes lie. States are numbers as on the
/// wire: 0 unknown, 1 pending, 2 usable, 3 burnt.
public protocol BlockStore: Sendable {
    /// A sequence above every one seen here.
    func nextSequence() throws(QWaveError) -> UInt64
    /// Writes the outcome's key durably as pending.
    func addPending(_ outcome: ExchangeOutcome) throws(QWaveError)
    /// The peer holds the block too: final.
    func markUsable(_ exchange: [UInt8]) throws(QWaveError)
    /// Identifiers of pending blocks.
    func uncertain() throws(QWaveError) -> [[UInt8]]
    /// This end's binding answers about the peer's uncertain exchanges.
    func answer(_ exchanges: [[UInt8]]) throws(QWaveError) -> [UInt8]
    /// Decides pending blocks by the peer's binding answers.
    func reconcile(_ answers: [[UInt8]: UInt8]) throws(QWaveError)
}
