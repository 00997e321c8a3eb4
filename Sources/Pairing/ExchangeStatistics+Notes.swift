// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Quantization

extension ExchangeStatistics {
    mutating func note(_ commissioned: SharedCommissioning.Outcome, trace: ChannelTrace, role: Party.Role) {
        pairs = commissioned.pairs.count
        commissionedPairs = commissioned.commissioned
        carriedPairs = commissioned.published.initiator.rows - commissioned.fresh.initiator.rows
        basis = commissioned.pairs.basis
        plan = commissioned.result.plan
        findings = commissioned.result.findings
        let own = role == .initiator ? commissioned.pairs.initiator : commissioned.pairs.responder
        let times = own.compactMap { trace.time(at: $0) }
        if times.count == own.count, let first = times.min(), let last = times.max(), last > first {
            captureSeconds = (last - first) * Double(own.count) / Double(max(own.count - 1, 1))
        }
    }

    mutating func note(_ ledger: SecrecyLedger) {
        leakForward = ledger.reconciliationLeak(.initiatorToResponder)
        leakBackward = ledger.reconciliationLeak(.responderToInitiator)
        messages = ledger.messages
        publicBytes = ledger.bytes
    }
}
