// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Secrecy

/// A certificate whose numbers were touched up.
struct CertificateFaults: Attack {
    let name = "certificate-faults"
    let rows: [Int] = []
    let models =
        "Somebody makes a key look longer, or better: a term of a genuine certificate is changed, one at a time, and "
        + "the length, or everything that follows from it, where that hides it better."
    let criterion = "The genuine certificate adds up, and each changed one is caught by its own arithmetic."
    let control = "A reader who checks only that the length is a multiple of 256 above 0."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let genuine = try await Self.certificate(setting)
        // Cascade's backward bits are paid for by the error pattern.
        let cascade = try await Self.certificate(setting, reconciler: "cascade")
        func faults(_ certificate: Certificate) -> Int {
            guard build == .product else {
                return certificate.length > 0 && certificate.length % KeyLength.granule == 0 ? 0 : 1
            }
            return certificate.verifyArithmetic().count
        }
        evidence.equal("faults found in the genuine certificate", faults(genuine), 0)
        evidence.equal("faults found in one of Cascade", faults(cascade), 0)
        for (what, change) in Self.changes {
            var changed = genuine
            change(&changed)
            evidence.atLeast("faults found, \(what)", Double(faults(changed)), 1)
        }
        for (what, original, change) in Self.forgeries.map({ ($0.0, genuine, $0.1) })
            + Self.patterns.map({ ($0.0, cascade, $0.1) })
        {
            var forged = original
            change(&forged)
            Self.settle(&forged)
            evidence.atLeast("faults found where all adds up, \(what)", Double(faults(forged)), 1)
        }
        setting.progress(1)
        return evidence
    }

    /// A genuine certificate of a key.
    private static func certificate(
        _ setting: AttackSetting, reconciler: String = "auto"
    ) async throws -> Certificate {
        var options = ExchangeOptions.scene()
        options.reconciler = reconciler
        let scene = ScalarScene(count: 8000, seed: setting.seed(0))
        let exchange = try await AttackedExchange.run(scene, options: options, seed: setting.seed(0))
        guard let genuine = exchange.initiator?.certificate, genuine.length > 0 else {
            throw QWaveError(.internalFault, "the scene of this attack gave no key: \(exchange.reason)")
        }
        return genuine
    }

    /// Makes the sums, the length messages and the lengths follow from the terms again.
    private static func settle(_ c: inout Certificate) {
        c.terms.errorPattern = c.terms.components.reduce(0) {
            $0 + Double($1.symbols) * $1.errorPatternCharge
        }
        let isPattern = c.terms.patternCoversBackward && c.terms.errorPattern < c.terms.leakBackward
        c.terms.leakRule = isPattern ? .errorPattern : .bothDirections
        c.terms.leakReconciliation =
            c.terms.leakForward + (isPattern ? c.terms.errorPattern : c.terms.leakBackward)
        c.epsilonTotal = c.epsilons.total
        let messages = c.terms.otherItems.indices.filter { c.terms.otherItems[$0].name.hasPrefix("length ") }
        for place in messages { c.terms.otherItems[place].bits = 0 }
        c.terms.leakOther = c.terms.otherItems.reduce(0) { $0 + $1.bits }
        let values = max(0, Int(c.terms.model.rounded(.down))) / KeyLength.granule + 1
        for place in messages { c.terms.otherItems[place].bits = log2(Double(values)) }
        c.terms.leakOther = c.terms.otherItems.reduce(0) { $0 + $1.bits }
        let bits = Int(c.terms.model.rounded(.down))
        c.modelBits = bits
        c.ownLength = max(0, bits) / KeyLength.granule * KeyLength.granule
        c.length = c.ownLength
        c.netLength = c.length - c.authenticationBits
    }

    /// Lengthens a certificate consistently by as many bits as a term was lightened.
    private static func lengthen(_ c: inout Certificate, by bits: Int) {
        let more = bits / KeyLength.granule * KeyLength.granule
        c.ownLength += more
        c.length += more
        c.netLength += more
    }

    static let changes: [(String, @Sendable (inout Certificate) -> Void)] = [
        ("length clamped up", { lengthen(&$0, by: 256) }),
        (
            "length beyond its own end's",
            {
                $0.length += 256; $0.netLength += 256
            }
        ),
        (
            "length not in whole 256 bits",
            {
                $0.length -= 128; $0.netLength -= 128
            }
        ),
        (
            "L_model raised",
            {
                $0.modelBits = ($0.modelBits ?? 0) + 4096; lengthen(&$0, by: 4096)
            }
        ),
        (
            "Eve's charge left out",
            { c in
                for i in c.terms.components.indices {
                    let part = c.terms.components[i]
                    c.terms.entropy += Double(part.symbols) * part.eveCharge
                    c.terms.components[i].eveCharge = 0
                }
            }
        ),
        (
            "memory charge left out",
            { c in for i in c.terms.components.indices { c.terms.components[i].memoryCharge = 0 } }
        ),
        (
            "more symbols than there were",
            { c in for i in c.terms.components.indices { c.terms.components[i].symbols *= 2 } }
        ),
        ("finite-size penalty left out", { $0.terms.finiteSizePenalty = 0 }),
        ("groups of the finite-size bound dropped", { $0.terms.finiteSizeGroups = [] }),
        ("backward bits left out", { $0.terms.leakReconciliation = $0.terms.leakForward }),
        ("forward bits halved", { $0.terms.leakForward /= 2 }),
        ("other leak left out", { $0.terms.leakOther = 0 }),
        ("verification hash free", { $0.terms.verification = 0 }),
        ("a negative cost", { $0.terms.verification = -10_000 }),
        ("a cost that isn't a number", { $0.terms.leakOther = .nan }),
        ("accept flag free", { $0.terms.acceptFlag = 0 }),
        ("leftover hash lemma left out", { $0.terms.amplification = 0 }),
        ("a larger ε_PA than the bits allow", { $0.epsilons.amplification = 0x1p-20 }),
        ("ε_tot understated", { $0.epsilonTotal /= 2 }),
        (
            "a failed health test",
            {
                $0.health.append(
                    HealthResult(name: "planted", passed: false, threshold: 1, localValue: 2))
            }
        ),
        ("no health test", { $0.health = [] }),
        ("a refusal, and a key all the same", { $0.refusals = ["planted"] }),
        (
            "authentication not deducted",
            {
                $0.netLength = $0.length; $0.authenticationBits = 512
            }
        ),
        ("assessment claimed that wasn't made", { $0.assurance = "model+90B" }),
        ("threat model's hash missing", { $0.context.threatModelHash = "" }),
    ]

    /// Changes of a genuine certificate after which everything is added up again.
    static let forgeries: [(String, @Sendable (inout Certificate) -> Void)] = [
        (
            "reconciliation left out with its items",
            { c in
                c.terms.reconciliationItems = []
                c.terms.leakForward = 0
                c.terms.leakBackward = 0
            }
        ),
        (
            "LDPC paid for by the error pattern",
            { c in
                c.terms.leakBackward += c.terms.leakForward
                c.terms.leakForward = 0
                c.terms.reconciliationItems = [
                    .init(name: "parity forward", bits: 0),
                    .init(name: "parity backward", bits: c.terms.leakBackward),
                ]
                c.terms.patternCoversBackward = true
                c.notes.append("backward bits are paid for by handing Eve the whole error pattern")
            }
        ),
        ("verification hash free", { $0.terms.verification = 0 }),
        ("length messages left out", { $0.terms.otherItems.removeAll { $0.name.hasPrefix("length ") } }),
        ("authentication free", { $0.authenticationBits = 0 }),
        ("a pre-shared key of one bit", { $0.threatModel.preSharedKey?.length = 1 }),
        ("a failed health test struck out", { $0.health.removeAll { $0.name == "jumps" } }),
        ("one health test left", { $0.health = Array($0.health.prefix(1)) }),
        (
            "Eve's charge pays for the memory",
            { c in
                for i in c.terms.components.indices {
                    let charge = c.terms.components[i].memoryCharge + c.terms.components[i].eveCharge
                    c.terms.components[i].memoryCorrelation = (1 - exp2(-2 * charge)).squareRoot()
                }
            }
        ),
        ("an ε_cor of 0", { $0.epsilons.correctness = 0 }),
        (
            "injection detection made up",
            { c in
                c.injectionDetection = "information theoretic"
                c.context.injectionDetection = c.injectionDetection
            }
        ),
        ("a configuration hash that is none", { $0.context.configurationHash = "none" }),
        ("the notes left out", { $0.notes = [] }),
        (
            "an assessment that counts for nothing",
            { c in
                for part in c.terms.components {
                    c.assessments[part.name] = .init(assessed: 0.1, control: 1, symbols: 1_000_000)
                }
            }
        ),
    ]

    /// The same of a certificate whose backward bits the error pattern pays for.
    static let patterns: [(String, @Sendable (inout Certificate) -> Void)] = [
        (
            "forward bits declared backward",
            { c in
                c.terms.leakBackward += c.terms.leakForward
                c.terms.leakForward = 0
                for i in c.terms.reconciliationItems.indices {
                    let isForward = c.terms.reconciliationItems[i].name.hasSuffix(" forward")
                    c.terms.reconciliationItems[i].bits = isForward ? 0 : c.terms.leakBackward
                }
            }
        ),
        (
            "error pattern free",
            { c in for i in c.terms.components.indices { c.terms.components[i].errorPatternCharge = 0 } }
        ),
    ]
}
