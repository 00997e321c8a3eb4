// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// What `qwave replay` reports: both ends' outcomes, compared at the end.
struct ReplayResult: CommandResult {
    struct Probes: Encodable {
        var alice: Int
        var bob: Int
        var eve: OrNull<Int>
        var paired: OrNull<Int>
        var commissioned: OrNull<Int>
        /// Of earlier exchanges, beside those.
        var carried: OrNull<Int>
    }
    struct Reciprocity: Encodable {
        var correlation: OrNull<Double>
        var lag: OrNull<Int>
    }
    struct Information: Encodable {
        var bitsPerProbe: OrNull<Double>
        var total: OrNull<Double>
    }
    struct Entropy: Encodable {
        /// Bits of the block's symbols that the model calls secret, before leak.
        var model: OrNull<Double>
        /// Σ n h90B, bits of the block's symbols; null where fewer than 10⁶ commissioning symbols were there.
        var sp80090b: OrNull<Double>
        /// Bits charged to Eve.
        var eve: OrNull<Double>
    }

    /// The smooth min-entropy of the block by each finite-size bound, in bits, before leak; A alone decides.
    struct FiniteSizeBounds: Encodable {
        var a: OrNull<Double>
        var b: OrNull<Double>
        var c: OrNull<Double>
    }

    /// What the ends share and what the recorded Eve leaves of it, bits a row of published samples, beside the charges
    /// of the same components: a cross-check, which decides nothing.
    struct EveMeasure: Encodable {
        var components: Int
        var keyed: Bool
        var rows: Int
        var gaussian: Bits
        /// Kraskov's estimate; null where values repeat.
        var nearestNeighbors: OrNull<Bits>
        /// Rows of each component that it was taken from.
        var nearestNeighborRows: Int
        var charged: Charged

        struct Bits: Encodable {
            /// I(A;B), I(A;B|E) and I(A;E).
            var shared: OrNull<Double>
            var givenEve: OrNull<Double>
            var known: OrNull<Double>

            init(_ estimate: EveInformation.Estimate) {
                func finite(_ value: Double) -> OrNull<Double> { OrNull(value.isFinite ? value : nil) }
                shared = finite(estimate.shared)
                givenEve = finite(estimate.left)
                known = finite(estimate.known)
            }
        }
        struct Charged: Encodable {
            /// The past's charge; recorded strengths are charged for Eve in it.
            var past: Double
            var eve: Double
        }

        init(_ information: EveInformation) {
            components = information.components
            keyed = information.isKeyed
            rows = information.rows
            gaussian = Bits(information.gaussian)
            nearestNeighbors = OrNull(information.nearest.map { Bits($0) })
            nearestNeighborRows = information.nearestRows
            charged = Charged(past: information.chargedPast, eve: information.chargedEve)
        }
    }

    var probes: Probes
    var reciprocity: Reciprocity
    var mutualInformation: Information
    /// Null without an Eve's capture, and where the exchange came to no plan.
    var eveInformation: OrNull<EveMeasure>
    var quantizer: String
    var rawBits: Int
    var rawDisagreement: OrNull<Double>
    var reconciler: String
    var leakBits: Double
    var leakForward: Double
    var leakBackward: Double
    var efficiency: OrNull<Double>
    var messages: Int
    var publicBits: Int
    var entropy: Entropy
    var finiteSize: FiniteSizeBounds
    var epsilon: Double
    var keyBits: Int
    var netKeyBits: Int
    var secureBitsPerProbe: Double
    var bitsPerMinute: OrNull<Double>
    var keysEqual: Bool
    var assurance: String
    var simulated: Bool
    var refused: [String]
    private let certificate: Certificate?
    private let statistics: ExchangeStatistics
    /// How long the capture took, where that is known.
    let minutes: OrNull<Double>

    private enum CodingKeys: String, CodingKey {
        case probes, reciprocity, mutualInformation, eveInformation, quantizer, rawBits, rawDisagreement,
            reconciler, leakBits
        case leakForward, leakBackward, efficiency, messages, publicBits, entropy, finiteSize, epsilon,
            keyBits,
            netKeyBits
        case secureBitsPerProbe, bitsPerMinute, keysEqual, assurance, simulated, refused
    }

    init(
        initiator: ExchangeOutcome, responder: ExchangeOutcome, eveProbes: Int?,
        eveInformation information: EveInformation? = nil, options: ExchangeOptions
    ) {
        let s = initiator.statistics
        statistics = s
        certificate = initiator.certificate
        probes = Probes(
            alice: s.probes, bob: responder.statistics.probes, eve: OrNull(eveProbes),
            paired: OrNull(s.findings == nil ? nil : s.pairs),
            commissioned: OrNull(s.findings == nil ? nil : s.commissionedPairs),
            carried: OrNull(s.findings == nil ? nil : s.carriedPairs))
        reciprocity = Reciprocity(
            correlation: OrNull(s.findings?.alignment), lag: OrNull(s.findings?.alignmentLag))
        let pairsPerRow = Double((s.plan?.stride ?? 1) * (s.plan?.timeBlock ?? 1))
        let perProbe = s.findings.map { $0.informationPerRow / pairsPerRow }
        mutualInformation = Information(
            bitsPerProbe: OrNull(perProbe),
            total: OrNull(perProbe.map { $0 * Double(s.pairs - s.commissionedPairs) }))
        eveInformation = OrNull(information.map { EveMeasure($0) })
        quantizer = Self.quantizer(s.plan)
        rawBits = s.rawBits
        let rawBits = Double(s.rawBits)
        rawDisagreement = OrNull(
            s.rawBits > 0 ? responder.statistics.corrected.map { Double($0) / rawBits } : nil)
        reconciler = s.reconciler ?? options.reconciler
        leakForward = s.leakForward
        leakBackward = s.leakBackward
        leakBits = s.leakForward + s.leakBackward
        let limit = responder.statistics.shannonLimit
        efficiency = OrNull(limit > 0 ? s.leakForward / limit : nil)
        messages = s.messages
        publicBits = s.publicBytes * 8
        let terms = initiator.certificate?.terms
        entropy = Entropy(
            model: OrNull(terms?.entropy), sp80090b: OrNull(terms?.assessedEntropy),
            eve: OrNull(terms?.components.reduce(0) { $0 + Double($1.symbols) * $1.eveCharge }))
        finiteSize = FiniteSizeBounds(
            a: OrNull(terms.map { $0.entropy - $0.finiteSizePenalty }),
            b: OrNull(terms?.renyi?.minEntropy),
            c: OrNull(terms.map { $0.entropy - $0.mostConservativePenalty }))
        epsilon = options.epsilons.total
        keyBits = initiator.key?.count ?? 0
        let net = initiator.key == nil ? 0 : (initiator.certificate?.netLength ?? 0)
        netKeyBits = net
        secureBitsPerProbe = s.pairs > 0 ? Double(netKeyBits) / Double(s.pairs) : 0
        let seconds = options.rate.map { Double(s.pairs) / $0 } ?? s.captureSeconds
        minutes = OrNull(seconds.map { $0 / 60 })
        bitsPerMinute = OrNull(seconds.map { Double(net) / $0 * 60 })
        switch (initiator.key, responder.key) {
        case (let a?, let b?): keysEqual = a.bits == b.bits
        default: keysEqual = false
        }
        assurance = initiator.certificate?.assurance ?? "model"
        simulated = s.simulated
        var reasons = initiator.refusals
        for reason in responder.refusals where !reasons.contains(reason) { reasons.append(reason) }
        refused = reasons
    }

    private static func quantizer(_ plan: QuantizationPlan?) -> String {
        guard let plan, !plan.components.isEmpty else { return "none" }
        let bits = Set(plan.components.map(\.bits)).sorted().map(String.init).joined(separator: ",")
        let helper = Set(plan.components.map(\.helperBits)).sorted().map(String.init).joined(separator: ",")
        return "\(plan.labels.rawValue) M=\(bits) B=\(helper), \(plan.feature.rawValue), "
            + "\(plan.components.count) components, stride \(plan.stride), \(plan.decorrelation.rawValue)"
    }

    var text: String {
        var lines: [String] = []
        if simulated { lines.append("SIMULATED CHANNEL: this key is no secret.") }
        lines.append(
            "probes      \(probes.alice) + \(probes.bob)"
                + (probes.paired.value.map {
                    ", \($0) pairs, \(probes.commissioned.value ?? 0) commission the model"
                        + ((probes.carried.value ?? 0) > 0
                            ? " with \(probes.carried.value ?? 0) of earlier exchanges" : "")
                } ?? ""))
        if let correlation = reciprocity.correlation.value {
            lines.append("reciprocity \(round(correlation, 3)) at lag \(reciprocity.lag.value ?? 0)")
        }
        lines.append("quantizer   \(quantizer)")
        if rawBits > 0 {
            lines.append(
                "raw key     \(rawBits) bits, disagreement \(round((rawDisagreement.value ?? 0) * 100, 2)) %")
            lines.append(
                "leak        \(Int(leakForward)) forward + \(Int(leakBackward)) backward bits, "
                    + "efficiency \(efficiency.value.map { "\(round($0, 3))" } ?? "-"), \(messages) messages")
        }
        if let eve = eveInformation.value { lines += Self.text(eve) }
        if let certificate { lines += CertificateText.terms(certificate) }
        if keyBits > 0 {
            lines.append(
                "KEY         \(keyBits) bits (\(netKeyBits) net of authentication), keys equal: \(keysEqual)"
                    + (bitsPerMinute.value.map { ", \(Int($0)) bit/min" } ?? ""))
        } else {
            lines.append("NO KEY")
            lines += refused.map { "  - \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ eve: EveMeasure) -> [String] {
        func line(_ name: String, _ bits: EveMeasure.Bits, _ note: String) -> String {
            let values = [bits.shared, bits.givenEve, bits.known].map { value in
                let text = value.value.map { String(format: "%.3f", $0) } ?? "all"
                return String(repeating: " ", count: max(1, 10 - text.count)) + text
            }
            return "  " + name.padding(toLength: 18, withPad: " ", startingAt: 0) + values.joined() + "  "
                + note
        }
        let what = eve.keyed ? "component\(eve.components == 1 ? "" : "s")" : "features, none of them keyed"
        var lines = [
            "Eve         bits a row of \(eve.components) \(what), published samples:",
            "                      I(A;B)  I(A;B|E)    I(A;E)",
            line("Gaussian", eve.gaussian, "\(eve.rows) rows"),
        ]
        if let nearest = eve.nearestNeighbors.value {
            lines.append(
                line("nearest neighbors", nearest, "\(eve.nearestNeighborRows) rows, a cross-check"))
        }
        guard eve.keyed else { return lines }
        return lines + [
            String(
                format:
                    "  charged           %.3f past + %.3f Eve (of recorded strengths she is in the past's)",
                eve.charged.past, eve.charged.eve)
        ]
    }

    private func round(_ value: Double, _ digits: Int) -> Double {
        let scale = pow(10, Double(digits))
        return (value * scale).rounded() / scale
    }
}

/// The terms of a certificate for a person.
enum CertificateText {
    static func terms(_ c: Certificate) -> [String] {
        let t = c.terms
        func row(_ name: String, _ bits: Double, _ note: String = "") -> String {
            let number = String(Int(bits.rounded()))
            return "  " + name.padding(toLength: 34, withPad: " ", startingAt: 0)
                + String(repeating: " ", count: max(0, 10 - number.count)) + number
                + (note.isEmpty ? "" : "  " + note)
        }
        func sum(_ f: (LengthTerms.Component) -> Double) -> Double {
            t.components.reduce(0) { $0 + Double($1.symbols) * f($1) }
        }
        return [
            "key length  ε_tot 2^\((log2(c.epsilonTotal) * 100).rounded() / 100), assurance \"\(c.assurance)\"",
            row("symbols × bits", sum { Double($0.bits) }, "\(t.symbols) symbols"),
            row("- past (memory, dependence)", -sum(\.memoryCharge)),
            row("- Eve", -sum(\.eveCharge)),
            row("- deficit of uniformity", -sum(\.deficit)),
            row(
                "- finite size, bound \(t.finiteSizeBound.rawValue.uppercased())", -t.finiteSizePenalty,
                otherBounds(t)),
            row("- reconciliation, forward", -t.leakForward),
            row(
                t.leakRule == .errorPattern
                    ? "- error pattern, for backward bits" : "- reconciliation, backward",
                -(t.leakReconciliation - t.leakForward)),
            row("- other disclosures", -t.leakOther),
            row("- verification, accept, hashing", -(t.verification + t.acceptFlag + t.amplification)),
        ]
            + (t.assessed.map {
                [row("  L_90B, gate beside L_model", $0, "L_model \(Int(t.model.rounded(.down)))")]
            } ?? [])
            + [row("= length, in whole 256 bits", Double(c.length))]
    }

    /// What is left by each bound, of which A decides.
    static func otherBounds(_ t: LengthTerms) -> String {
        func left(_ bits: Double) -> Int { Int(max(-1e15, min(1e15, bits.isNaN ? 0 : bits)).rounded()) }
        let b = t.renyi.map { "B \(left($0.minEntropy)), " } ?? ""
        return "leaves A \(left(t.entropy - t.finiteSizePenalty)); printed only: \(b)C "
            + "\(left(t.entropy - t.mostConservativePenalty))"
    }
}
