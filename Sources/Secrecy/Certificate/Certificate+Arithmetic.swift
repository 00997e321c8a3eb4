// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension Certificate {
    /// Adds everything up again from the certificate's own terms; what doesn't fit, in words. Empty when all does.
    ///
    /// This checks arithmetic and the rules that can be read off the page (a failed test or a refusal allows no
    /// bits), not whether the terms are true. Values from outside never trap.
    public func verifyArithmetic() -> [String] {
        var faults: [String] = []
        func check(_ name: String, _ stated: Double, _ computed: Double) {
            let same = stated.isNaN ? computed.isNaN : stated == computed
            if !same, !(abs(stated - computed) <= 1e-9 * max(abs(stated), abs(computed))) {
                faults.append("\(name): stated \(stated), recomputed \(computed)")
            }
        }
        for part in terms.components {
            check("c of \(part.name)", part.charge, part.memoryCharge + part.eveCharge + part.deficit)
            if length > 0, !(Double(part.bits) - part.charge > 0) || part.symbols < 0 {
                faults.append("component \(part.name) has nothing to give")
            }
        }
        check("Σ n (M − c)", terms.entropy, terms.components.reduce(0) { $0 + $1.entropy })
        check("n", Double(terms.symbols), terms.components.reduce(0) { $0 + Double($1.symbols) })
        let bySize = Dictionary(
            terms.components.filter { (1...16).contains($0.bits) && (1...(1 << 40)).contains($0.symbols) }.map
            {
                ($0.bits, $0.symbols)
            }, uniquingKeysWith: { $0 &+ $1 })
        let groups = FiniteSize.groups(terms.finiteSizeBound, symbols: bySize, epsilon: epsilons.smoothing)
        check("D_AEP", terms.finiteSizePenalty, groups.reduce(0) { $0 + $1.penalty })
        if groups.map(\.symbols) != terms.finiteSizeGroups.map(\.symbols) {
            faults.append("the groups of the finite-size bound aren't those of the components")
        }
        check(
            "Σ n c_err", terms.errorPattern,
            terms.components.reduce(0) { $0 + Double($1.symbols) * $1.errorPatternCharge })
        let backward = terms.leakRule == .errorPattern ? terms.errorPattern : terms.leakBackward
        check("leak_EC", terms.leakReconciliation, terms.leakForward + backward)
        if !terms.reconciliationItems.isEmpty {
            check(
                "reconciliation by message type", terms.leakForward + terms.leakBackward,
                terms.reconciliationItems.reduce(0) { $0 + $1.bits })
        }
        check("leak_other", terms.leakOther, terms.otherItems.reduce(0) { $0 + $1.bits })
        check("2 log2(1/(2 ε_PA))", terms.amplification, 2 * log2(1 / (2 * epsilons.amplification)))
        check("ε_tot", epsilonTotal, epsilons.total)
        faults += verifyLength()
        return faults
    }

    private func verifyLength() -> [String] {
        var faults: [String] = []
        if modelBits != KeyLength.whole(terms.model) {
            faults.append("L_model: stated \(modelBits ?? 0), recomputed \(terms.model)")
        }
        if assessedBits != terms.assessed.flatMap(KeyLength.whole) {
            faults.append("L_90B: stated \(assessedBits ?? 0), recomputed \(terms.assessed ?? .nan)")
        }
        if assurance != (assessedBits == nil ? "model" : "model+90B") {
            faults.append("assurance is \"\(assurance)\"")
        }
        let allowed = modelBits.map { KeyLength.rounded($0, assessedBits) } ?? 0
        if ownLength != 0, ownLength != allowed {
            faults.append("the end's own length: stated \(ownLength), recomputed \(allowed)")
        }
        if length < 0 || length > ownLength || length % KeyLength.granule != 0 {
            faults.append("ℓ is \(length): not a multiple of 256 between 0 and \(ownLength)")
        }
        if netLength != length &- authenticationBits { faults.append("ℓ_net isn't ℓ less authentication") }
        if length > 0 {
            let costs = [
                terms.leakForward, terms.leakBackward, terms.errorPattern, terms.leakOther,
                terms.verification,
                terms.finiteSizePenalty, terms.amplification,
            ]
            if !costs.allSatisfy({ $0.isFinite && $0 >= 0 }) {
                faults.append("a cost is missing or negative")
            }
            if !(terms.acceptFlag >= 1) { faults.append("the accept flag isn't paid for") }
            if !refusals.isEmpty { faults.append("refused, and yet ℓ is \(length)") }
            if health.isEmpty || health.contains(where: { !$0.passed }) {
                faults.append("a health test failed or none was run, and yet ℓ is \(length)")
            }
            if netLength < 0 { faults.append("key exhaustion, and yet ℓ is \(length)") }
            let hashes = [context.threatModelHash, context.codeHash, context.configurationHash]
            if hashes.contains("") {
                faults.append("a hash of threat model, code or configuration is missing")
            }
        } else if refusals.isEmpty {
            faults.append("no key, and no reason given")
        }
        return faults
    }
}
