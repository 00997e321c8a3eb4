// SPDX-License-Identifier: GPL-3.0-or-later

extension Certificate {
    /// What forbids a key although everything adds up: signs, missing terms, failed tests, a threat model that says
    /// no. Only for a certificate that grants one.
    func verifyKey() -> [String] {
        var faults = threatModel.refusals + epsilons.faults
        let eveFloor = threatModel.eveCorrelationFloor.map { ConfidenceBound.charge(correlation: $0) }
        for part in terms.components { faults += forbidden(part, eveFloor: eveFloor) }
        let costs = [
            terms.leakForward, terms.leakBackward, terms.errorPattern, terms.leakOther, terms.verification,
            terms.finiteSizePenalty, terms.amplification,
        ]
        let items = terms.reconciliationItems + terms.otherItems
        if !(costs + items.map(\.bits)).allSatisfy({ $0.isFinite && $0 >= 0 }) {
            faults.append("a cost is missing or negative")
        }
        if !(terms.acceptFlag >= 1) { faults.append("the accept flag isn't paid for") }
        if !refusals.isEmpty { faults.append("refused, and yet ℓ is \(length)") }
        if health.isEmpty || health.contains(where: { !$0.passed || !$0.threshold.isFinite }) {
            faults.append("a health test failed or none was run, and yet ℓ is \(length)")
        }
        if netLength < 0 { faults.append("key exhaustion, and yet ℓ is \(length)") }
        faults +=
            verifyMessages() + verifyOtherItems() + verifyTags() + verifyHealth() + verifyContext()
            + verifyNotes()
        if claim != Self.claim(length: length, model: threatModel, simulated: context.simulated) {
            faults.append("the claim isn't the one that the threat model allows")
        }
        if laboratory != (context.simulated || threatModel.isLaboratoryOnly) {
            faults.append("the mark \"for the laboratory only\" isn't as the threat model says")
        }
        return faults
    }

    private func forbidden(_ part: LengthTerms.Component, eveFloor: Double?) -> [String] {
        var faults: [String] = []
        let charges = [part.memoryCharge, part.eveCharge, part.deficit, part.errorPatternCharge]
        if !charges.allSatisfy({ $0.isFinite && $0 >= 0 }) {
            faults.append("component \(part.name): a charge is missing or negative")
        }
        if !(Double(part.bits) - part.charge > 0) || part.symbols < 0 || !(1...16).contains(part.bits)
            || part.helperBits < 0
        {
            faults.append("component \(part.name) has nothing to give")
        }
        if !(abs(part.correlation) <= 1) || !(part.correlationLowerBound <= part.correlation) {
            faults.append("component \(part.name): its correlation isn't one, or lies below its own bound")
        }
        let memory = ConfidenceBound.charge(correlation: part.memoryCorrelation)
        if !(KeyLength.charged(part.memoryCharge, part.eveCharge, threatModel) >= memory - 1e-9) {
            faults.append("component \(part.name): charged less than its multiple correlation tells")
        }
        if let eveFloor, !(part.eveCharge >= eveFloor - 1e-9) {
            faults.append("component \(part.name): charged less for Eve than the threat model demands")
        }
        return faults
    }
}
