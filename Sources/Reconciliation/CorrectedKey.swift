// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One end's bits after reconciliation: most probably equal to the peer's, but not verified yet.
///
/// Only `Verification` makes a `ReconciledKey` of it.
public final class CorrectedKey: Sendable {
    public let bits: BitString
    /// How many bits the responder changed; at the initiator 0. A statistic of keyed samples: it stays at its end.
    public let corrected: Int
    /// Messages that the reconciliation took, both directions.
    public let messages: Int

    public init(bits: BitString, corrected: Int, messages: Int = 0) {
        self.bits = bits
        self.corrected = corrected
        self.messages = messages
    }
}
