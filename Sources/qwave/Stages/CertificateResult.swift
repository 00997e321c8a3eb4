// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import Secrecy

/// What `qwave certificate` tells.
struct CertificateResult: CommandResult {
    let certificate: Certificate
    /// What doesn't add up, in words.
    let faults: [String]
    let addsUp: Bool

    private enum CodingKeys: String, CodingKey { case addsUp, faults, block, length, netLength, summary }

    init(_ certificate: Certificate) {
        self.certificate = certificate
        faults =
            certificate.verifyArithmetic() + certificate.verifyNames()
            + Self.verifyThreatModel(certificate)
        addsUp = faults.isEmpty
    }

    /// The threat model is the one whose hash stands beside it.
    private static func verifyThreatModel(_ certificate: Certificate) -> [String] {
        var options = ExchangeOptions()
        options.threatModel = certificate.threatModel
        guard let digest = try? options.threatModelDigest(), digest == certificate.context.threatModelHash
        else {
            return ["the threat model isn't the one of the stated hash"]
        }
        return []
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(addsUp, forKey: .addsUp)
        try container.encode(faults, forKey: .faults)
        try container.encode(certificate.context.block, forKey: .block)
        try container.encode(certificate.length, forKey: .length)
        try container.encode(certificate.netLength, forKey: .netLength)
        try container.encode(text.split(separator: "\n").map(String.init), forKey: .summary)
    }

    var text: String {
        let sections = [origin, meaning, eavesdropper, components, assessment, length, health, notes]
        let verdict =
            addsUp
            ? "The certificate adds up."
            : (["THE CERTIFICATE DOESN'T ADD UP:"] + faults.map { "  - \(Self.clean($0))" })
                .joined(separator: "\n")
        return (sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") } + [verdict])
            .joined(separator: "\n\n")
    }

    private var c: Certificate { certificate }
    private var t: LengthTerms { certificate.terms }

    private var origin: [String] {
        var lines = [
            "block          \(Self.clean(c.context.block))", "made           \(Self.clean(c.context.time))",
        ]
        if !c.context.captures.isEmpty {
            lines.append("captures       \(c.context.captures.map(Self.clean).joined(separator: ", "))")
        }
        lines += [
            "threat model   \(Self.clean(c.context.threatModelHash))",
            "configuration  \(Self.clean(c.context.configurationHash))",
            "code           \(Self.clean(c.context.codeHash))",
        ]
        if let window = c.context.commissioning {
            lines.append("commissioned   with earlier exchanges' samples, \(Self.clean(window))")
        }
        let software = c.context.software.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if !software.isEmpty {
            lines.append("software       \(Self.clean(software.joined(separator: ", ")))")
        }
        return lines
    }

    private var meaning: [String] {
        let e = c.epsilons
        var lines = ["claim          \(Self.clean(c.claim))"]
        if c.laboratory {
            lines.append(
                "               for the laboratory only: simulated, or surroundings that can be steered")
        }
        lines += [
            "assurance      \(Self.clean(c.assurance))",
            "injection      \(Self.clean(c.injectionDetection))",
            "failure        ε_tot \(power(c.epsilonTotal)) = smoothing \(power(e.smoothing)) + amplification "
                + "\(power(e.amplification)) + estimation \(power(e.estimation)) + correctness "
                + "\(power(e.correctness)) + authentication \(power(e.authentication))",
        ]
        return lines
    }

    private var components: [String] {
        guard !t.components.isEmpty else { return ["no component was keyed"] }
        let head = [
            "component", "symbols", "bits", "helper", "ρ", "at least", "R past", "- past", "- Eve",
            "- deficit",
            "pattern", "secret",
        ]
        let rows = t.components.map { part -> [String] in
            [
                Self.clean(part.name), "\(part.symbols)", "\(part.bits)", "\(part.helperBits)",
                digits(part.correlation), digits(part.correlationLowerBound),
                digits(part.memoryCorrelation), digits(part.memoryCharge),
                digits(part.eveCharge), digits(part.deficit), digits(part.errorPatternCharge),
                tenths(part.entropy),
            ]
        }
        return CertificateTable.lines([head] + rows)
    }

    private var length: [String] {
        func sum(_ f: (LengthTerms.Component) -> Double) -> Double {
            t.components.reduce(0) { $0 + Double($1.symbols) * f($1) }
        }
        var rows: [(String, String)] = [
            ("bits of all symbols", tenths(sum { Double($0.bits) })),
            ("- what the past tells", tenths(-sum(\.memoryCharge))),
            ("- what Eve knows", tenths(-sum(\.eveCharge))),
            ("- deficit of uniformity", tenths(-sum(\.deficit))),
            ("- finite size, bound \(t.finiteSizeBound.rawValue)", tenths(-t.finiteSizePenalty)),
            ("- reconciliation, initiator's bits", tenths(-t.leakForward)),
        ]
        rows.append(
            t.leakRule == .errorPattern
                ? (
                    "- the whole error pattern, in place of \(tenths(t.leakBackward)) responder's bits",
                    tenths(-t.errorPattern)
                ) : ("- reconciliation, responder's bits", tenths(-t.leakBackward)))
        for item in t.otherItems { rows.append(("- \(Self.clean(item.name))", tenths(-item.bits))) }
        rows += [
            ("- verification hash", tenths(-t.verification)),
            ("- accepted or not", tenths(-t.acceptFlag)),
            ("- leftover hash lemma", tenths(-t.amplification)), ("= L_model", tenths(t.model)),
        ]
        if let assessed = t.assessed { rows.append(("  L_90B, the gate beside it", tenths(assessed))) }
        rows += [
            ("this end's length, in whole 256 bits", "\(c.ownLength)"),
            ("agreed length of the key", "\(c.length)"),
            ("- spent on authentication", "\(-c.authenticationBits)"), ("= net gain", "\(c.netLength)"),
        ]
        var lines = CertificateTable.lines(rows.map { [$0.0, $0.1] }) + bounds
        if !t.reconciliationItems.isEmpty {
            let items = t.reconciliationItems.map { "\(Self.clean($0.name)) \(tenths($0.bits))" }
            lines.append("reconciliation by message: \(items.joined(separator: ", "))")
        }
        if !c.refusals.isEmpty {
            lines.append("refused:")
            lines += c.refusals.map { "  - \(Self.clean($0))" }
        }
        return lines
    }

    /// The bounds that are printed beside the one that decides.
    private var bounds: [String] {
        var lines: [String] = []
        lines.append("smooth min-entropy by bound A \(tenths(t.entropy - t.finiteSizePenalty))")
        if let b = t.renyi {
            lines.append(
                "bound B, printed only: \(tenths(b.minEntropy)) (Rényi entropies of order \(digits(b.order)); proved "
                    + "for independent symbols alone)")
        }
        lines.append(
            "bound C, printed only: \(tenths(t.entropy - t.mostConservativePenalty)) (most conservative)")
        return lines
    }

    /// What SP 800-90B made of the commissioning symbols.
    private var assessment: [String] {
        guard c.assessedBits != nil else {
            return ["SP 800-90B: not computed, fewer than 1,000,000 commissioning symbols"]
        }
        let head = ["SP 800-90B", "symbols", "assessed", "control", "h90B", "- Eve"]
        let rows = t.components.compactMap { part -> [String]? in
            guard let value = c.assessments[part.name] else { return nil }
            return [
                Self.clean(part.name), "\(value.symbols)", digits(value.assessed), digits(value.control),
                digits(part.h90B ?? .nan), digits(part.assessedEveCharge ?? .nan),
            ]
        }
        return CertificateTable.lines([head] + rows) + [
            "rule: \(t.entropyRule.rawValue); ratio: gate, not bound"
        ]
    }

    private var eavesdropper: [String] {
        let model = c.threatModel
        func yes(_ flag: Bool?) -> String { flag.map { $0 ? "yes" : "no" } ?? "not said" }
        return [
            "Eve            \(model.eve?.rawValue ?? "not said"), \(model.eveAntennas ?? 0) antennas, none within "
                + "\(model.exclusionRadius ?? .nan) m (\(model.exclusionWavelengths ?? .nan) wavelengths)",
            "site           line of sight: \(yes(model.lineOfSight)), rich scattering: \(yes(model.richScattering)), "
                + "somebody could steer it: \(yes(model.controllableSurroundings)), Eve trace: \(yes(model.eveTrace))",
            "she knows      \(Self.clean(model.sideInformation ?? "not said")); computing power: "
                + (model.computingPower?.rawValue ?? "not said"),
            "ρ_E            \(model.eveCorrelation.map { "\($0)" } ?? "no bound") at the least"
                + (model.eveTrace == true ? ", or what her trace showed" : "")
                + (model.siteCorrelation.map { "; by a model of the site \($0)" } ?? ""),
            "f_max          \(model.injectedFraction.map { "\($0)" } ?? "not said") of the rounds may be hers unnoticed",
            "shared secret  "
                + (model.preSharedKey.map { key in
                    key.exists
                        ? "\(key.length) bits, \(Self.clean(key.source)); \(Self.clean(key.reuseRule))"
                        : "none"
                } ?? "not said"),
        ]
    }

    private var health: [String] {
        let failed = c.health.filter { !$0.passed }
        guard !c.health.isEmpty else { return ["health tests: none was run"] }
        return [
            "health tests: \(c.health.count - failed.count) of \(c.health.count) passed"
        ]
            + failed.map {
                "  - failed: \(Self.clean($0.name)) (threshold \($0.threshold))"
            } + passedByKind
    }

    /// The tests that passed, those of all components together, with the range of their thresholds.
    private var passedByKind: [String] {
        var order: [String] = []
        var thresholds: [String: [Double]] = [:]
        for test in c.health where test.passed {
            let name = test.name.components(separatedBy: ", ")[0].components(separatedBy: " of ")[0]
            if thresholds[name] == nil { order.append(name) }
            thresholds[name, default: []].append(test.threshold)
        }
        return order.map { name in
            let values = thresholds[name] ?? []
            let (low, high) = (values.min() ?? .nan, values.max() ?? .nan)
            return "  - passed: \(Self.clean(name))" + (values.count > 1 ? ", \(values.count) times" : "")
                + " (threshold \(short(low))" + (high > low ? " to \(short(high)))" : ")")
        }
    }

    private func short(_ value: Double) -> String { String(format: "%.5g", value) }

    private var notes: [String] { c.notes.map { "note: \(Self.clean($0))" } }

    /// Text from a file has no way to steer a terminal.
    static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    private func power(_ epsilon: Double) -> String {
        epsilon > 0 && epsilon.isFinite ? "2^\((log2(epsilon) * 100).rounded() / 100)" : "\(epsilon)"
    }
    private func digits(_ value: Double) -> String { String(format: "%.4f", value) }
    private func tenths(_ value: Double) -> String { String(format: "%.1f", value) }
}

/// Columns for a person: the first to the left, the others to the right.
enum CertificateTable {
    static func lines(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ")
        }
    }
}
