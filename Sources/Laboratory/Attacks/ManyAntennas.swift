// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// A listener with many antennas, who combines them.
struct ManyAntennas: Attack {
    let name = "many-antennas"
    let rows = [2]
    let models =
        "Eve listens with 1 to 64 antennas that each see the fading at correlation 0.3 and combine to R² up to 0.86."
    let criterion =
        "The key doesn't grow with her antennas beyond chance, and the claimed bits per symbol lie below the exact "
        + "conditional entropy of all antennas together."
    let control = "She is charged for her first antenna alone."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let counts = setting.pick([1, 4, 16, 64], [1, 2, 4, 8, 16, 32, 64], [1, 2, 4, 8, 16, 32, 64])
        let seed = setting.seed(0)
        let base = ScalarScene(count: setting.pick(10_000, 20_000, 40_000), seed: seed)
        var before: (antennas: Int, keyBits: Int)?
        for (index, antennas) in counts.enumerated() {
            var scene = base
            scene.listen(correlation: 0.3, antennas: antennas)
            let explained = scene.explained(correlation: 0.3, antennas: antennas)
            var report: EveReport
            if build == .broken {
                var deaf = scene
                deaf.give([scene.eve[0]])
                report = try await EveReport.make(deaf, .product, explained: explained, seed: seed)
                report.trained = [:]
            } else {
                report = try await EveReport.make(scene, build, explained: explained, seed: seed)
            }
            report.judge("\(antennas) antennas", into: &evidence)
            if let before {
                evidence.atMost(
                    "key bits, \(antennas) antennas against \(before.antennas)", Double(report.keyBits),
                    1.02 * Double(before.keyBits))
            }
            before = (antennas, report.keyBits)
            setting.progress(Double(index + 1) / Double(counts.count))
        }
        return evidence
    }
}
