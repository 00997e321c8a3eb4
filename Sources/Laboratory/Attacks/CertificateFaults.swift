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
        "Somebody makes a key look longer: a term of a genuine certificate is changed, one at a time, and the "
        + "length with it where that hides it better."
    let criterion = "The genuine certificate adds up, and each changed one is caught by its own arithmetic."
    let control = "A reader who checks only that the length is a multiple of 256 above 0."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let scene = ScalarScene(count: 8000, seed: setting.seed(0))
        let exchange = try await AttackedExchange.run(scene, options: .scene(), seed: setting.seed(0))
        guard let genuine = exchange.initiator?.certificate, genuine.length > 0 else {
            throw QWaveError(.internalFault, "the scene of this attack gave no key: \(exchange.reason)")
        }
        func faults(_ certificate: Certificate) -> Int {
            guard build == .product else {
                return certificate.length > 0 && certificate.length % KeyLength.granule == 0 ? 0 : 1
            }
            return certificate.verifyArithmetic().count
        }
        evidence.equal("faults found in the genuine certificate", faults(genuine), 0)
        for (what, change) in Self.changes {
            var changed = genuine
            change(&changed)
            evidence.atLeast("faults found, \(what)", Double(faults(changed)), 1)
        }
        setting.progress(1)
        return evidence
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
}
