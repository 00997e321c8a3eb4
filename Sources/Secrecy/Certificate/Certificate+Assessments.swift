// SPDX-License-Identifier: GPL-3.0-or-later

extension Certificate {
    /// What SP 800-90B made of the symbols: each value follows from the assessment beside it, and none is left unused.
    func verifyAssessments() -> [String] {
        var faults: [String] = []
        let counts = terms.components.contains { $0.h90B != nil }
        for part in terms.components {
            // One that wasn't assessed counts in full beside those that were, and pays for Eve like them.
            if counts {
                faults += Self.difference(
                    "charge for Eve in L_90B of \(part.name)", part.assessedEveCharge ?? .nan,
                    KeyLength.assessedEveCharge(part.eveCharge, threatModel))
            }
            guard let stated = part.h90B else { continue }
            let name = "h90B of \(part.name)"
            guard let assessment = assessments[part.name] else {
                faults.append("\(name): its assessment isn't there")
                continue
            }
            faults += Self.difference(
                name, stated, assessment.gated(bits: part.bits, rule: terms.entropyRule))
            if assessment.symbols < Entropy90B.recommendedSymbols {
                faults.append("\(name): \(assessment.symbols) symbols are too few to assess")
            }
        }
        let used = Set(terms.components.filter { $0.h90B != nil }.map(\.name))
        for (name, assessment) in assessments.sorted(by: { $0.key < $1.key }) where !used.contains(name) {
            faults.append("\(assessment.symbols) symbols of \(name) were assessed, and no h90B counts it")
        }
        if assessedBits != nil, !notes.contains(where: { $0.contains(Self.gateNote) }) {
            faults.append("an assessed entropy without the words \"\(Self.gateNote)\"")
        }
        return faults
    }
}
