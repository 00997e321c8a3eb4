// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension Certificate {
    /// Verification and authentication: what they cost, and whether they hold their ε.
    func verifyTags() -> [String] { verifyHash() + verifyAuthentication() }

    /// Bits of the hash that verifies a block.
    private static let hashBits = 64.0
    /// Bits of pre-shared key that the two checkpoints of an exchange take, both ways.
    private static let checkpoints = 512
    /// Bits that the agreement on keyed probes takes besides: its seal and the probes' key.
    private static let probeAgreement = 256
    /// Bits of a checkpoint's tag.
    private static let tagBits = 128.0

    /// Whether the hash is paid for by a pad instead of by the key, in words and in bits of authentication.
    private var isHashPadded: Bool {
        terms.verification == 0 && notes.contains(Self.paddedNote)
            && authenticationBits >= Self.checkpoints + Int(Self.hashBits)
    }

    private func verifyHash() -> [String] {
        var faults: [String] = []
        if !isHashPadded, !(terms.verification >= Self.hashBits) {
            faults.append(
                "t_verify: \(terms.verification) bits, and the hash has \(Int(Self.hashBits)); only one that was padded "
                    + "with key of the authentication is free")
        }
        // A polynomial hash over the corrected bits, all that the symbols have, and their length (section 5).
        let bits = terms.components.reduce(0) { $0 + Double($1.symbols) * Double($1.bits) }
        let width = max(Self.hashBits, terms.verification)
        let collision = ((bits / width).rounded(.up) + 1) * exp2(-width)
        if !(epsilons.correctness >= collision * (1 - 1e-9)) {
            faults.append(
                "ε_cor is \(epsilons.correctness): a hash of \(bits) bits can't hold less than \(collision)")
        }
        return faults
    }

    private func verifyAuthentication() -> [String] {
        var faults: [String] = []
        if authenticationBits < 0 { faults.append("authentication can't give bits back") }
        faults += KeyLength.preSharedKeyFaults(threatModel, consumed: authenticationBits)
        let least = Self.checkpoints + (injectionDetection == Self.taggedProbes ? Self.probeAgreement : 0)
        if threatModel.preSharedKey?.exists == true, authenticationBits < least {
            faults.append(
                "authentication: \(authenticationBits) bits of the pre-shared key, and an exchange takes \(least) at "
                    + "the least")
        }
        // The transcript holds at least what reconciliation said; twice the tags' part stands in ε_auth.
        let blocks = (terms.leakForward + terms.leakBackward) / Self.tagBits
        if !(epsilons.authentication >= 2 * blocks * exp2(-Self.tagBits)) {
            faults.append("ε_auth is \(epsilons.authentication): tags of 128 bits can't hold it")
        }
        return faults
    }
}
