// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

extension Certificate {
    /// Adds everything up again from the certificate's own terms; what doesn't fit, in words. Empty when all does.
    ///
    /// This checks arithmetic and the rules that can be read off the page (a failed test or a refusal allows no
    /// bits, every test that a key must pass is there, the threat model's charges are there), not whether the terms
    /// are true. Values from outside never trap.
    public func verifyArithmetic() -> [String] {
        var faults: [String] = []
        if version != Self.currentVersion {
            faults.append("format version \(version): this program checks version \(Self.currentVersion)")
        }
        faults += verifyComponents() + verifyFiniteSize() + verifyLeak() + verifyAssessments()
        faults += Self.difference(
            "2 log2(1/(2 ε_PA))", terms.amplification, 2 * log2(1 / (2 * epsilons.amplification)))
        faults += Self.difference("ε_tot", epsilonTotal, epsilons.total)
        faults += verifyLength()
        if length > 0 { faults += verifyKey() }
        // The one check that takes long; whatever else is wrong refuses the certificate already.
        if length > 0, faults.isEmpty { faults = verifyErrorPattern() }
        return faults
    }

    /// A stated number that isn't the recomputed one, to one part in 10⁹.
    static func difference(_ name: String, _ stated: Double, _ computed: Double) -> [String] {
        let same = stated.isNaN ? computed.isNaN : stated == computed
        guard !same, !(abs(stated - computed) <= 1e-9 * max(abs(stated), abs(computed))) else { return [] }
        return ["\(name): stated \(stated), recomputed \(computed)"]
    }

    private func verifyComponents() -> [String] {
        var faults: [String] = []
        for part in terms.components {
            faults += Self.difference(
                "c of \(part.name)", part.charge, part.memoryCharge + part.eveCharge + part.deficit)
        }
        faults += Self.difference(
            "Σ n (M − c)", terms.entropy, terms.components.reduce(0) { $0 + $1.entropy })
        faults += Self.difference(
            "n", Double(terms.symbols), terms.components.reduce(0) { $0 + Double($1.symbols) })
        return faults
    }

    private func verifyFiniteSize() -> [String] {
        var faults: [String] = []
        let bySize = Dictionary(
            terms.components
                .filter { (1...16).contains($0.bits) && (1...(1 << 40)).contains($0.symbols) }
                .map { ($0.bits, $0.symbols) }, uniquingKeysWith: { $0 &+ $1 })
        func groups(_ bound: FiniteSize.Bound) -> [FiniteSize.Group] {
            FiniteSize.groups(bound, symbols: bySize, epsilon: epsilons.smoothing)
        }
        let used = groups(terms.finiteSizeBound)
        faults += Self.difference("D_AEP", terms.finiteSizePenalty, used.reduce(0) { $0 + $1.penalty })
        faults += Self.difference(
            "D_AEP of bound C", terms.mostConservativePenalty, groups(.c).reduce(0) { $0 + $1.penalty })
        let stated = terms.finiteSizeGroups
        if used.map(\.symbols) != stated.map(\.symbols) || used.map(\.alphabet) != stated.map(\.alphabet) {
            faults.append("the groups of the finite-size bound aren't those of the components")
        } else {
            for (own, theirs) in zip(used, stated) {
                faults += Self.difference("D_AEP of a group", theirs.penalty, own.penalty)
                faults += Self.difference("ε_s of a group", theirs.epsilon, own.epsilon)
            }
        }
        return faults + verifyRenyi()
    }

    private func verifyRenyi() -> [String] {
        guard let stated = terms.renyi else {
            let possible = RenyiBound(terms.components, epsilon: epsilons.smoothing, order: 2) != nil
            return possible ? ["bound B isn't printed"] : []
        }
        guard
            let own = RenyiBound(terms.components, epsilon: epsilons.smoothing, order: stated.order),
            own.entropies.count == stated.entropies.count
        else { return ["bound B of order \(stated.order) doesn't exist for these components"] }
        return zip(stated.entropies, own.entropies).flatMap { Self.difference("H_α", $0, $1) }
            + Self.difference("log2(1/ε_s)/(α − 1)", stated.penalty, own.penalty)
            + Self.difference("bound B", stated.minEntropy, own.minEntropy)
    }

    private func verifyLength() -> [String] {
        var faults: [String] = []
        if modelBits != KeyLength.whole(terms.model) {
            faults.append("L_model: stated \(modelBits ?? 0), recomputed \(terms.model)")
        }
        if assessedBits != terms.assessed.flatMap(KeyLength.whole) {
            faults.append("L_90B: stated \(assessedBits ?? 0), recomputed \(terms.assessed ?? .nan)")
        }
        if assurance != KeyLength.assurance(terms, assessedBits) {
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
        if length <= 0, refusals.isEmpty { faults.append("no key, and no reason given") }
        return faults
    }
}
