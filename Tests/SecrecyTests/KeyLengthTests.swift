// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Secrecy
import TestSupport
import Testing

@Suite struct KeyLengthTests {
    @Test func `the worked example gives 146,583 and 146,432 bits`() {
        let result = KeyLength.compute(Example.inputs())
        #expect(abs(result.terms.entropy - 188_365.6) < 0.05)
        #expect(abs(result.terms.finiteSizePenalty - 7_921.2) < 0.05)
        #expect(abs(result.terms.leakReconciliation - 33_718.3) < 0.05)
        #expect(result.terms.verification + result.terms.acceptFlag + result.terms.amplification == 143)
        #expect(result.modelBits == 146_583)
        #expect(result.length == 146_432)
        #expect(result.refusals.isEmpty)
        #expect(result.assurance == "model")
    }

    @Test(arguments: [(1_024, 1.253), (4_096, 1.841), (8_192, 2.000), (16_384, 2.109), (65_536, 2.237)])
    func `smaller blocks give the published bits per symbol`(symbols: Int, perSymbol: Double) throws {
        let bits = try #require(KeyLength.compute(Example.inputs(symbols: symbols)).modelBits)
        #expect(abs(Double(bits) / Double(symbols) - perSymbol) < 0.001)
    }

    @Test(arguments: [1, 2, 3, 4])
    func `small blocks give no key, however good the channel`(bits: Int) {
        for symbols in [0, 1, 10, 100, 200, bits == 1 ? 900 : 250] {
            var inputs = Example.inputs(symbols: symbols, bits: bits)
            inputs.leakForward = 0.17 * Double(bits * symbols)
            let result = KeyLength.compute(inputs)
            #expect(result.length == 0)
            #expect(!result.refusals.isEmpty)
        }
    }

    @Test func `the length is a multiple of 256, grows with the block and shrinks with the leak`() {
        var before = 0
        for symbols in stride(from: 0, through: 20_000, by: 500) {
            let length = KeyLength.compute(Example.inputs(symbols: symbols)).length
            #expect(length % 256 == 0)
            #expect(length >= before)
            before = length
        }
        var inputs = Example.inputs()
        inputs.otherItems = [.init(name: "list", bits: 1000)]
        #expect(KeyLength.compute(inputs).modelBits == 145_583)
    }

    @Test(arguments: [2, 4, 8, 16, 32])
    func `bound A has the published penalty per symbol`(alphabet: Int) {
        let table: [Int: [Double]] = [
            2: [0.649, 0.325, 0.208, 0.081, 0.066, 0.021], 4: [0.785, 0.392, 0.251, 0.098, 0.079, 0.025],
            8: [0.967, 0.483, 0.309, 0.121, 0.098, 0.031], 16: [1.187, 0.594, 0.380, 0.148, 0.120, 0.038],
            32: [1.434, 0.717, 0.459, 0.179, 0.145, 0.046],
        ]
        for (n, expected) in zip([1_024, 4_096, 10_000, 65_536, 100_000, 1_000_000], table[alphabet] ?? []) {
            let penalty = FiniteSize.penalty(symbols: n, alphabet: alphabet, epsilon: 0x1p-40)
            #expect(abs(penalty / Double(n) - expected) < 0.00051)
        }
        let looser = FiniteSize.penalty(symbols: 1_024, alphabet: 2, epsilon: 0x1p-32)
        // 0.58048; the page rounds up.
        #expect(abs(looser / 1_024 - 0.581) < 0.001)
    }

    @Test func `bound C is the published one and allows no key where A costs 804 bits`() {
        #expect(abs(FiniteSize.penalty(.c, symbols: 1_024, alphabet: 4, epsilon: 0x1p-40) - 2_675) < 0.5)
        #expect(abs(FiniteSize.penalty(.a, symbols: 1_024, alphabet: 4, epsilon: 0x1p-40) - 804) < 0.5)
        #expect(FiniteSize.penalty(.a, symbols: 0, alphabet: 4, epsilon: 0x1p-40) == 0)
    }

    @Test func `alphabets are split only where that is cheaper, and then share epsilon`() {
        let even = FiniteSize.groups(symbols: [3: 1_000, 4: 1_000], epsilon: 0x1p-40)
        #expect(even.count == 1)
        #expect(even[0].symbols == 2_000 && even[0].alphabet == 16)
        let uneven = FiniteSize.groups(symbols: [1: 1_000_000, 8: 10], epsilon: 0x1p-40)
        #expect(uneven.map(\.alphabet) == [2, 256])
        #expect(uneven.reduce(0) { $0 + $1.epsilon } == 0x1p-40)
        let whole = FiniteSize.penalty(symbols: 1_000_010, alphabet: 256, epsilon: 0x1p-40)
        #expect(uneven.reduce(0) { $0 + $1.penalty } < whole)
        #expect(FiniteSize.groups(symbols: [:], epsilon: 0x1p-40).isEmpty)
    }

    @Test func `backward bits or the error pattern are charged, whichever is less, and the terms say which`()
    {
        var inputs = Example.inputs()
        inputs.leakBackward = 60_000
        inputs.patternCoversBackward = true
        let pattern = KeyLength.compute(inputs).terms
        #expect(pattern.leakRule == .errorPattern)
        #expect(abs(pattern.leakReconciliation - pattern.leakForward - 0.27 * 65_536) < 1e-6)
        inputs.leakBackward = 10
        let counted = KeyLength.compute(inputs).terms
        #expect(counted.leakRule == .bothDirections)
        #expect(counted.leakReconciliation == counted.leakForward + 10)
    }

    @Test func `the error pattern never stands for messages that soft values decided`() {
        var inputs = Example.inputs()
        inputs.leakBackward = 60_000
        inputs.patternCoversBackward = false
        let terms = KeyLength.compute(inputs).terms
        #expect(terms.leakRule == .bothDirections)
        #expect(terms.leakReconciliation == terms.leakForward + 60_000)
    }

    @Test func `epsilons default to 5 times 2^-40`() {
        #expect(Epsilons().total == 5 * 0x1p-40)
        #expect(abs(log2(Epsilons().total) + 37.68) < 0.005)
        #expect(KeyLength.compute(Example.inputs()).terms.amplification == 78)
    }

    @Test func `a ledger's lines land in their terms, and nothing is counted twice`() {
        let ledger = SecrecyLedger()
        let forward = Direction.initiatorToResponder
        ledger.record(Disclosure(.parity, bits: 100, isReconciliation: true), direction: forward, bytes: 1)
        ledger.record(
            Disclosure(.verificationHash, bits: 32, isReconciliation: true), direction: forward, bytes: 1)
        ledger.record(
            Disclosure(.parity, bits: 7, isReconciliation: true), direction: .responderToInitiator, bytes: 1)
        ledger.record(Disclosure(.verificationHash, bits: 64), direction: forward, bytes: 1)
        ledger.record(Disclosure(.outcome, bits: 1), direction: .responderToInitiator, bytes: 1)
        ledger.record(Disclosure(.helperData, bits: 5), direction: forward, bytes: 1)
        ledger.record(.nothing, direction: forward, bytes: 1)
        let inputs = KeyLengthInputs(
            components: Example.inputs().components, threatModel: .passive(), ledger: ledger,
            health: Example.passed)
        let terms = KeyLength.compute(inputs).terms
        #expect(terms.leakForward == 132)
        #expect(terms.leakBackward == 7)
        #expect(terms.verification == 64)
        #expect(terms.acceptFlag == 1)
        #expect(terms.leakOther == 5)
        #expect(terms.reconciliationItems.reduce(0) { $0 + $1.bits } == 139)
    }

    @Test func `rounds that an attacker may control unnoticed earn nothing, the best symbols first`() {
        let whole = KeyLength.compute(Example.inputs()).terms
        var inputs = Example.inputs()
        inputs.threatModel.injectedFraction = 0.25
        let terms = KeyLength.compute(inputs).terms
        #expect(abs(whole.model - terms.model - 0.25 * whole.entropy) < 1e-6)
        #expect(terms.otherItems.last?.bits == terms.leakOther)
        // Two components: every tenth symbol may be one of the wider ones.
        inputs.components.append(.init(component: Example.component(bits: 1, name: "b"), symbols: 65_536))
        inputs.threatModel.injectedFraction = 0.1
        let best = 3 + 0.5 * log2(1 - 0.16)
        #expect(abs(KeyLength.compute(inputs).terms.leakOther - 0.1 * 131_072 * best) < 1e-6)
        inputs.health = Example.health(["a", "b"])
        let certificate = Example.certificate(inputs)
        #expect(certificate.length > 0 && certificate.verifyArithmetic() == [])
    }

    @Test func `an assessment takes Eve off even where her recorded trace stands inside the memory charge`() {
        var inputs = Example.inputs()
        inputs.threatModel.eveTrace = true
        inputs.components[0].component.eveCharge = 0
        inputs.components[0].component.memoryCharge = 0.05
        inputs.components[0].assessment = .init(assessed: 2.6, control: 2.6, symbols: 1_000_000)
        let terms = KeyLength.compute(inputs).terms
        let demanded = ConfidenceBound.charge(correlation: 0.4)
        #expect(terms.components[0].assessedEveCharge == demanded)
        let fixed = terms.leakReconciliation + terms.leakOther + terms.verification + 1 + 78
        #expect(abs((terms.assessed ?? 0) - (65_536 * (3 - demanded) - fixed)) < 1e-6)
    }

    @Test func `the number of length messages doesn't depend on an end's own assessment`() {
        var inputs = Example.inputs()
        let model = LengthAgreement(role: .responder, inputs: inputs).possibleValues
        inputs.components[0].assessment = .init(assessed: 0.5, control: 2.6, symbols: 1_000_000)
        let gated = LengthAgreement(role: .initiator, inputs: inputs)
        #expect(gated.possibleValues == model)
        #expect(gated.result.length < KeyLength.compute(Example.inputs()).length)
    }

    @Test(arguments: [(1, 0.4), (2, 0.6), (3, 0.85), (4, 1.3)])
    func `small blocks give no key under bound A with the leak that a real channel has`(
        bits: Int, leak: Double
    ) {
        // What the best engines say per symbol at 20 dB (Shannon's limit of M = 1 … 4 and a tenth).
        for symbols in 1...64 {
            var inputs = Example.inputs(symbols: symbols * 4, bits: bits)
            inputs.leakForward = leak * Double(symbols * 4)
            #expect(KeyLength.compute(inputs).length == 0)
        }
    }

    @Test func `90B values cap the length only when enough symbols were assessed`() {
        var inputs = Example.inputs()
        inputs.components[0].assessment = .init(assessed: 1.3, control: 2.6, symbols: 1_000_000)
        let capped = KeyLength.compute(inputs)
        #expect(capped.assurance == "model+90B")
        #expect(capped.terms.components[0].h90B == 1.5)
        #expect((capped.assessedBits ?? 0) < (capped.modelBits ?? 0))
        #expect(capped.length == (capped.assessedBits ?? 0) / 256 * 256)
        inputs.entropyRule = .strict
        #expect(KeyLength.compute(inputs).terms.components[0].h90B == 1.3)
        inputs.components[0].assessment?.symbols = 999_999
        #expect(KeyLength.compute(inputs).assurance == "model")
    }

    @Test func `a component that wasn't assessed counts in full, and the assurance says "model"`() throws {
        var inputs = Example.inputs()
        inputs.components.append(.init(component: Example.component(bits: 1, name: "b"), symbols: 10_000))
        inputs.health = Example.health(["a", "b"])
        let model = KeyLength.compute(inputs)
        inputs.components[0].assessment = .init(assessed: 1.3, control: 2.6, symbols: 1_000_000)
        let capped = KeyLength.compute(inputs)
        let eve = ConfidenceBound.charge(correlation: 0.4)
        let terms = capped.terms
        let fixed = terms.leakReconciliation + terms.leakOther + terms.verification + 1 + 78
        // Half of the assessed symbols' bits, and every bit of the others.
        let expected = 65_536 * (1.5 - eve) + 10_000 * (1 - eve) - fixed
        #expect(abs((terms.assessed ?? 0) - expected) < 1e-6)
        #expect(terms.assessedEntropy == nil && !terms.isFullyAssessed)
        #expect(capped.assurance == "model" && capped.assessedBits == Int(expected.rounded(.down)))
        #expect(capped.length == Int(expected) / 256 * 256 && capped.length < model.length)
        // More can't be made of it by assessing the others too.
        inputs.components[1].assessment = .init(assessed: 0.5, control: 0.9, symbols: 1_000_000)
        let whole = KeyLength.compute(inputs)
        #expect(whole.assurance == "model+90B" && whole.terms.isFullyAssessed)
        #expect(try #require(whole.assessedBits) < #require(capped.assessedBits))
        // Too few symbols are no assessment.
        inputs.components[1].assessment = nil
        inputs.components[0].assessment?.symbols = 999_999
        #expect(KeyLength.compute(inputs) == model)
    }

    @Test func `a certificate of which a part was assessed adds up, and says so`() throws {
        var inputs = Example.inputs()
        inputs.components.append(.init(component: Example.component(bits: 1, name: "b"), symbols: 10_000))
        inputs.health = Example.health(["a", "b"])
        inputs.components[0].assessment = .init(assessed: 1.3, control: 2.6, symbols: 1_000_000)
        let certificate = Example.certificate(inputs)
        #expect(certificate.length > 0 && certificate.verifyArithmetic() == [])
        #expect(certificate.assurance == "model" && certificate.assessedBits != nil)
        #expect(certificate.notes.contains { $0.contains("1 of 2 components were assessed") })
        #expect(certificate.notes.contains { $0.contains("ratio: gate, not bound") })
        let back = try Certificate(json: certificate.json())
        #expect(back.terms == certificate.terms && back.verifyArithmetic() == [])
        for change in [
            { $0.assurance = "model+90B" }, { $0.assessedBits = nil }, { $0.terms.components[0].h90B = nil },
            { $0.terms.components[1].h90B = 1 }, { $0.terms.components[1].assessedEveCharge = nil },
        ] as [(inout Certificate) -> Void] {
            var changed = certificate
            change(&changed)
            #expect(!changed.verifyArithmetic().isEmpty)
        }
    }
}
