// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// The same stretch of channel again: a robot on its round, or a capture that is fed in twice.
struct RepeatedChannel: Attack {
    let name = "repeated-channel"
    let rows = [4]
    let models =
        "The fading of the block repeats what was published at commissioning, or the block's second half repeats its "
        + "first; with fresh noise at each end."
    let criterion = "0 key bits in every run."
    let control = "The health tests on keyed samples aren't looked at."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let count = setting.pick(8000, 12_000, 24_000)
        let start = ExchangeOptions.scene().commissionedPairs(of: count)
        let half = (count - start) / 2
        let cases: [(String, (Int) -> Int)] = [
            ("the block repeats the published part", { $0 < start ? $0 : $0 % start }),
            ("a quarter of the block repeats it", { $0 < start + 3 * half / 2 ? $0 : $0 % start }),
            ("the block's second half repeats its first", { $0 < start + half ? $0 : $0 - half }),
        ]
        let runs = setting.pick(1, 3, 20)
        for (index, test) in cases.enumerated() {
            for memory in [0, 0.3] {
                var bits = 0
                var reason = ""
                for run in 0..<runs {
                    var scene = ScalarScene(
                        count: count, snr: 20, memory: memory, seed: setting.seed(100 * run + index))
                    let fading = scene.fading
                    scene.shape { row, _ in fading[test.1(row)] }
                    let exchange = try await AttackedExchange.run(
                        scene, options: .scene(bits: 1), seed: setting.seed(index))
                    bits += exchange.keyBits
                    if build == .broken { bits += exchange.keyBits(ignoring: ["health test failed"]) }
                    reason = exchange.reason
                }
                evidence.equal("key bits, \(test.0), memory \(memory), \(runs) runs", bits, 0)
                evidence.note("\(test.0), memory \(memory): \(reason)")
            }
            setting.progress(Double(index + 1) / Double(cases.count))
        }
        return evidence
    }
}
