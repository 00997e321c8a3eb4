// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A reconciliation engine: a stage whose two roles are state machines without I/O.
///
/// Both ends must be given the same engine with the same settings; each machine compares a digest of them, and
/// of the frames, before anything is told. The result is most probably equal at both ends but not verified:
/// chain `Verification` behind it.
///
/// ```swift
/// let reconcile = someReconciler.then(Verification())
/// let key = try await reconcile.run(rawKey, as: party)
/// ```
public protocol Reconciler: Stage<RawKey, CorrectedKey> {
    /// The name that selects it on a command line and stands in reports.
    var name: String { get }

    /// True where the responder's log-likelihoods decide what it says.
    ///
    /// Then its messages aren't a function of the initiator's and of the hard error pattern, so that charging the
    /// pattern doesn't cover them: what they tell is charged as it is sent.
    var usesSoftValues: Bool { get }

    /// The side of the reference key.
    ///
    /// - Parameter seed: public randomness of this block, drawn after both raw keys were fixed.
    func initiator(_ key: RawKey, seed: UInt64) throws(QWaveError) -> any ReconciliationMachine<CorrectedKey>

    /// The side that corrects. What it needs of the seed comes in the initiator's first message.
    func responder(_ key: RawKey) throws(QWaveError) -> any ReconciliationMachine<CorrectedKey>
}

extension Reconciler {
    public var usesSoftValues: Bool { false }

    public func run(_ block: RawKey, as party: Party) async throws(QWaveError) -> CorrectedKey {
        switch party.role {
        case .initiator:
            let machine = try await party.closingOnFailure { () throws(QWaveError) in
                try initiator(block, seed: party.random.word())
            }
            return try await party.drive(machine)
        case .responder:
            let machine = try await party.closingOnFailure { () throws(QWaveError) in try responder(block) }
            return try await party.drive(machine)
        }
    }
}
