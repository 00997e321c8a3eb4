// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// The null control of the whole suite: Eve has everything that Bob has.
struct EveIsBob: Attack {
    let name = "eve-is-bob"
    let rows = [23]
    let models = "Eve's trace is Bob's own capture, bit by bit; then Alice's own."
    let criterion =
        "0 key bits, and the trained attacker sees it: without a charge for her the claim lies above what he lacks."
    let control = "Nothing is charged for Eve."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        for (index, whose) in ["Bob's", "Alice's"].enumerated() {
            for run in 0..<setting.pick(1, 2, 8) {
                let seed = setting.seed(10 * run + index)
                var scene = ScalarScene(count: setting.pick(8000, 12_000, 24_000), seed: seed)
                scene.give([index == 0 ? scene.bob : scene.alice])
                let explained = index == 0 ? 1 / ((1 + scene.noise) * (1 + scene.noise)) : 1 - 1e-6
                let report = try await EveReport.make(scene, build, explained: explained, seed: seed)
                report.judge("Eve has \(whose) capture", into: &evidence)
                evidence.equal("key bits, Eve has \(whose) capture", report.keyBits, 0)
            }
            setting.progress(Double(index + 1) / 2)
        }
        return evidence
    }
}
