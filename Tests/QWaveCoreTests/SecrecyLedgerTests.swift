// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@Suite struct SecrecyLedgerTests {
    @Test func `every saying lands in its direction, its kind and its sum`() {
        let ledger = SecrecyLedger()
        ledger.record(
            Disclosure(.parity, bits: 10, isReconciliation: true), direction: .initiatorToResponder, bytes: 3)
        ledger.record(
            Disclosure(.parity, bits: 5, isReconciliation: true), direction: .initiatorToResponder, bytes: 2)
        ledger.record(
            Disclosure(.parity, bits: 7, isReconciliation: true), direction: .responderToInitiator, bytes: 2)
        ledger.record(Disclosure(.verificationHash, bits: 64), direction: .initiatorToResponder, bytes: 21)
        ledger.record(Disclosure(.outcome, bits: 1), direction: .responderToInitiator, bytes: 2)
        ledger.record(Disclosure(.length, bits: 2.5), direction: .initiatorToResponder, bytes: 5)
        ledger.record(.nothing, direction: .initiatorToResponder, bytes: 100)
        #expect(ledger.reconciliationLeak(.initiatorToResponder) == 15)
        #expect(ledger.reconciliationLeak(.responderToInitiator) == 7)
        #expect(ledger.verificationLeak == 64)
        #expect(ledger.otherLeak == 3.5)
        #expect(ledger.messages == 7 && ledger.bytes == 135)
        #expect(ledger.account.count == 6)
        let parity = ledger.account.first { $0.kind == .parity && $0.direction == .initiatorToResponder }
        #expect(parity?.messages == 2 && parity?.bits == 15 && parity?.bytes == 5)
    }

    @Test func `the same kind inside and outside reconciliation stays apart`() {
        let ledger = SecrecyLedger()
        ledger.record(
            Disclosure(.outcome, bits: 3, isReconciliation: true), direction: .responderToInitiator, bytes: 1)
        ledger.record(Disclosure(.outcome, bits: 1), direction: .responderToInitiator, bytes: 1)
        #expect(ledger.account.count == 2)
        #expect(ledger.reconciliationLeak(.responderToInitiator) == 3)
        #expect(ledger.otherLeak == 1)
    }

    @Test func `charges from many tasks all count`() async {
        let ledger = SecrecyLedger()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        ledger.record(
                            Disclosure(.syndrome, bits: 1, isReconciliation: true),
                            direction: .initiatorToResponder, bytes: 1)
                    }
                }
            }
        }
        #expect(ledger.reconciliationLeak(.initiatorToResponder) == 4000)
        #expect(ledger.messages == 4000 && ledger.bytes == 4000)
    }
}
