// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// The null control of the whole suite: Eve has everything that Bob has.
struct EveIsBob: Attack {
    let name = "eve-is-bob"
    let rows = [23]
    let models =
        "Eve's trace is Bob's own capture, bit by bit; then Alice's own; both again in linear scale where the ends have "
        + "decibels; and gains of a walk, Bob's and Alice's."
    let criterion =
        "0 key bits, and the trained attacker sees it: without a charge for her the claim lies above what he lacks."
    let control = "Nothing is charged for Eve."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let cases = ["Bob's", "Alice's", "Bob's linear", "Alice's linear"]
        for (index, whose) in cases.enumerated() {
            for run in 0..<setting.pick(1, 2, 8) {
                let seed = setting.seed(10 * run + index)
                var scene = ScalarScene(count: setting.pick(8000, 12_000, 24_000), seed: seed)
                let column = index % 2 == 0 ? scene.bob : scene.alice
                scene.give([index < 2 ? column : ScalarScene.linear(column)])
                let explained = index % 2 == 0 ? 1 / ((1 + scene.noise) * (1 + scene.noise)) : 1 - 1e-6
                let report = try await EveReport.make(scene, build, explained: explained, seed: seed)
                report.judge("Eve has \(whose) capture", into: &evidence)
                evidence.equal("key bits, Eve has \(whose) capture", report.keyBits, 0)
            }
            setting.progress(0.5 * Double(index + 1) / Double(cases.count))
        }
        let walks = setting.pick(1, 1, 3)
        for run in 0..<walks {
            let seed = setting.seed(100 + run)
            let scene = try GainScene(seconds: setting.pick(90, 180, 600), distance: 0.5, seed: seed)
            // Where nothing is charged for her it is the same exchange twice.
            let captures = [("Bob's", scene.bob), ("Alice's", scene.alice)]
            for (whose, trace) in build == .broken ? [captures[0]] : captures {
                let exchange = try await scene.exchange(eve: trace, build, seed: seed)
                evidence.equal("key bits, Eve has \(whose) gains", exchange.keyBits, 0)
                evidence.note(
                    "Eve has \(whose) gains: \(exchange.initiator?.refusals.last ?? exchange.reason)")
            }
            setting.progress(0.5 + 0.5 * Double(run + 1) / Double(walks))
        }
        return evidence
    }
}
