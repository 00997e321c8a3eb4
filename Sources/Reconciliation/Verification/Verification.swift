// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The proof that both ends hold the same corrected key: one 64-bit universal hash over the whole block.
///
/// The initiator draws a fresh hash key once both keys are fixed, and sends it with the hash of the reference
/// key; the responder answers whether its own agrees. Unequal keys are accepted with probability
/// (⌈n/64⌉ + 1) · 2⁻⁶⁴ at the most. On disagreement both ends throw `.refused`, the keys are dropped, and
/// everything that was said stays counted.
///
/// The ledger gets 64 bits of `.verificationHash`, and 1 bit of `.outcome`: that bit is the accept flag of the
/// key-length formula, which counts it once and has no further term for it. (Key length, sections 3 and 5.)
public struct Verification: Stage {
    public init() {}

    public func run(_ block: CorrectedKey, as party: Party) async throws(QWaveError) -> ReconciledKey {
        switch party.role {
        case .initiator:
            let machine = try await party.closingOnFailure { () throws(QWaveError) in
                VerificationInitiator(block, hashKey: try party.random.word())
            }
            return try await party.drive(machine)
        case .responder:
            return try await party.drive(VerificationResponder(block))
        }
    }
}
