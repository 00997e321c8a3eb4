// SPDX-License-Identifier: GPL-3.0-or-later

/// What an exchange tells whoever watches: phases and counts, never a statistic of keyed samples.
public enum ExchangeEvent: Sendable {
    /// A phase began.
    case phase(Phase)
    /// Where something is carried over from exchange to exchange: pairs of earlier ones that commission this one, or 0
    /// and why it commissions in full.
    case carried(pairs: Int, reason: String?)
    /// Pairs in all, and how many of them commission.
    case paired(pairs: Int, commissioned: Int)
    /// The plan: components that are keyed and expected net bits.
    case planned(components: Int, expectedBits: Double)
    /// The verdict: the agreed length, or 0 with reasons.
    case decided(bits: Int, reasons: [String])

    public enum Phase: String, Sendable, CaseIterable {
        case agreeing, pairing, commissioning, quantizing, reconciling, verifying, deciding, amplifying,
            committing
    }
}
