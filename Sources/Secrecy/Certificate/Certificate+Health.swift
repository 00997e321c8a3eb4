// SPDX-License-Identifier: GPL-3.0-or-later

extension Certificate {
    /// The tests that every key of its kind has passed: one that isn't there may have failed and been struck out.
    ///
    /// Tests that some keys rightly lack can't be asked for: the responder's mismatch ceiling (a certificate doesn't say
    /// whose it is), coherence by class where a half of the published samples hardly holds the class, what a refreshed
    /// commissioning compares.
    func verifyHealth() -> [String] {
        var found: [String: Int] = [:]
        for test in health { found[test.name, default: 0] += 1 }
        var missing: [String] = []
        func ask(_ names: [String]) {
            for name in names {
                if let count = found[name], count > 0 {
                    found[name] = count - 1
                } else {
                    missing.append(name)
                }
            }
        }
        ask(Self.always)
        ask(terms.components.map { "variance floor \($0.name)" })
        ask(startUpTests + symbolTests)
        ask(sources.prefix(Self.watched).map { "periodicity, \($0)" })
        if case .gains = KeyedFeature(terms.components) {
            ask(terms.components.indices.map { "coherence floor of component \($0)" })
        }
        // What synchronized blocks publish are snapshots, not what is keyed.
        if case .synchronized = KeyedFeature(terms.components) {} else { ask(["predictor at commissioning"]) }
        if injectionDetection == Self.taggedProbes { ask([Self.injectionTest]) }
        if isChargedByTrace { ask(["autoregressive", "ridge", "joint"].map { "trained Eve, \($0)" }) }
        guard !missing.isEmpty else { return [] }
        let names = missing.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
        let more = missing.count > 8 ? " and \(missing.count - 8) more" : ""
        return ["health tests that every key has passed are missing: \(names)\(more)"]
    }

    private static let always = [
        "alignment at commissioning", "alignment lag", "coherence floor of the selection",
        "static channel: diffuse power", "static channel: predictability", "start-up length",
        "predictor", "repeated stretch", "jumps", "loud rounds",
    ]
    /// Sources whose spectrum is looked at.
    private static let watched = 8
    static let injectionTest = "injected probes"

    private static let perSymbol = ["repetition count", "adaptive proportion"]

    /// On the published symbols of each component; its class, where it is one, stands in the name.
    private var startUpTests: [String] {
        let ofClasses = if case .recorded = KeyedFeature(terms.components) { true } else { false }
        return terms.components.flatMap { part in
            Self.perSymbol.map { "\($0), start-up" + (ofClasses ? ", \(part.name)" : "") }
        }
    }

    /// On the keyed symbols of each component that has any.
    private var symbolTests: [String] {
        terms.components.filter { $0.symbols > 0 }.flatMap { part in
            Self.perSymbol.map { "\($0), \(part.name)" }
        }
    }

    /// The first component of each source of symbols.
    private var sources: [String] {
        let names = terms.components.map(\.name)
        return if case .recorded = KeyedFeature(terms.components) { Array(names.prefix(1)) } else { names }
    }

    /// Whether an Eve trace lowered a charge: then attackers who learned from it were tried.
    private var isChargedByTrace: Bool {
        guard threatModel.eveTrace == true, let rho = threatModel.eveCorrelation else { return false }
        let demanded = ConfidenceBound.charge(correlation: rho)
        return !terms.components.allSatisfy { $0.eveCharge >= demanded - 1e-9 }
    }
}
