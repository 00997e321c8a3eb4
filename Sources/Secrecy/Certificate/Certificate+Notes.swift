// SPDX-License-Identifier: GPL-3.0-or-later

extension Certificate {
    /// The words that stand beside every assessed entropy.
    static let gateNote = "ratio: gate, not bound"
    /// Why a verification hash takes nothing off.
    static let paddedNote = "the verification hash was one-time padded, so it tells nothing"

    /// The assumptions and conventions behind these terms.
    ///
    /// - Parameters:
    ///   - isAssessed: whether there is an L_90B.
    ///   - isKey: whether there is a key: a refusal may have come before anything was verified.
    static func notes(_ terms: LengthTerms, isAssessed: Bool, isKey: Bool) -> [String] {
        var notes = [
            "key length from a channel model that was commissioned before the block; a wrong model voids it",
            "confidence bounds by Fisher's transform: a Gaussian assumption at these tails",
            "smoothing in the L1 sense; secrecy is weighted with the probability of acceptance, "
                + "not conditional on it",
        ]
        if isAssessed {
            notes.append(
                "SP 800-90B: \(gateNote)"
                    + (terms.entropyRule == .strict ? "; the assessed value was taken raw" : ""))
        }
        if isAssessed, !terms.isFullyAssessed {
            notes.append(
                "SP 800-90B: \(terms.components.count { $0.h90B != nil }) of \(terms.components.count) components "
                    + "were assessed; the others count in full, so the assurance is \"model\"")
        }
        if terms.renyi != nil {
            notes.append("bound B holds for independent symbols only; it is printed and decides nothing")
        }
        if terms.leakRule == .errorPattern {
            notes.append("backward bits are paid for by handing Eve the whole error pattern")
        }
        if isKey, terms.verification == 0 { notes.append(paddedNote) }
        return notes
    }

    /// Every note that these terms call for is there.
    func verifyNotes() -> [String] {
        Self.notes(terms, isAssessed: assessedBits != nil, isKey: length > 0).filter { !notes.contains($0) }
            .map {
                "the note is missing: \"\($0)\""
            }
    }
}
