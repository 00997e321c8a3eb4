// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// Packets of an attacker's own during probing: both ends measure what he chose (Eberz et al. 2012).
struct InjectedProbes: Attack {
    let name = "injected-probes"
    let rows = [6]
    let models =
        "An attacker imposes the same value on both ends in a share of the keyed rounds: loudly, well above the "
        + "fading; loudly from the first published round on; or by the fading's own law, which no statistic can see, "
        + "within the share that the threat model allows him."
    let criterion =
        "0 key bits where he is loud; where he was from the beginning, no key or as much less as his rounds hold. Where he may be quiet in a share of the rounds the length is shorter by at least "
        + "that share of the block's entropy."
    let control =
        "Jumps and loud rounds aren't looked at, and neither the allowed share nor theirs is taken off the length."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let count = setting.pick(10_000, 20_000, 40_000)
        let start = ExchangeOptions.scene().commissionedPairs(of: count)
        let runs = setting.pick(1, 3, 20)
        for (index, share) in [0.02, 0.1, 0.5].enumerated() {
            var bits = 0
            var reason = ""
            for run in 0..<runs {
                let seed = setting.seed(100 * run + index)
                var random = ExperimentGenerator(seed: seed ^ 0xBAD)
                let marks = (0..<count).map { _ in random.uniform() < share }
                let signs = (0..<count).map { _ in random.uniform() < 0.5 ? -1.0 : 1 }
                var scene = ScalarScene(count: count, seed: seed)
                scene.shape { $0 >= start && marks[$0] ? 7 * signs[$0] : $1 }
                let exchange = try await AttackedExchange.run(
                    scene, options: .scene(bits: 1), seed: seed)
                bits += exchange.keyBits
                if build == .broken { bits += exchange.keyBits(ignoring: ["health test failed"]) }
                reason = exchange.reason
            }
            evidence.equal("key bits, loud in \(share) of the rounds, \(runs) runs", bits, 0)
            evidence.note("loud in \(share) of the rounds: \(reason)")
        }
        setting.progress(0.5)
        for (index, share) in [0.05, 0.2].enumerated() {
            let seed = setting.seed(50 + index)
            let scene = ScalarScene(count: count, seed: seed)
            var credits: [Double] = []
            for allowed in [0, build == .product ? share : 0] {
                var options = ExchangeOptions.scene(bits: 1)
                // Who is active on the radio is never allowed nothing: the other end of the comparison is passive.
                options.threatModel.eve = allowed > 0 ? .activeOnRadio : .passive
                options.threatModel.injectedFraction = allowed
                let exchange = try await AttackedExchange.run(scene, options: options, seed: seed)
                credits.append(max(0, exchange.initiator?.certificate?.terms.model ?? 0))
            }
            let terms = try await AttackedExchange.run(scene, options: .scene(bits: 1), seed: seed)
                .initiator?.certificate?.terms
            // He knows his rounds; of the others the model's charges are all that he has. Two bits less: a shorter
            // length is said in shorter messages.
            evidence.atLeast(
                "bits taken off for \(share) of the rounds", credits[0] - credits[1],
                share * (terms?.entropy ?? .nan) - 2)
        }
        setting.progress(0.75)
        // He was there from the beginning: no published round is louder than his, so no later one is a jump. As many are
        // credited nothing as he makes, or there is no key.
        for (index, share) in [0.01, 0.05].enumerated() {
            let seed = setting.seed(70 + index)
            var random = ExperimentGenerator(seed: seed ^ 0xBAD)
            let marks = (0..<count).map { _ in random.uniform() < share }
            var scene = ScalarScene(count: count, seed: seed)
            scene.shape { marks[$0] ? 10 : $1 }
            let exchange = try await AttackedExchange.run(scene, options: .scene(bits: 1), seed: seed)
            let terms = exchange.initiator?.certificate?.terms
            let taken = terms?.otherItems.filter { $0.name == KeyLength.injectedName }.reduce(0) {
                $0 + $1.bits
            }
            evidence.atLeast(
                "bits taken off for rounds loud from the beginning, \(share) of all",
                exchange.keyBits == 0 ? .infinity : build == .product ? taken ?? 0 : 0,
                share * (terms?.entropy ?? 0))
            evidence.note("loud from the beginning, \(share): \(exchange.keyBits) bits; \(exchange.reason)")
        }
        setting.progress(1)
        return evidence
    }
}
