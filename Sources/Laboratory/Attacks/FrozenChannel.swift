// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// A channel that stands still, from the beginning or from the moment when commissioning is over.
struct FrozenChannel: Attack {
    let name = "frozen-channel"
    let rows = [3]
    let models =
        "Nothing moves: signal strength and gains without fading; and a channel that is alive while the model is "
        + "commissioned and stops when the block begins; and recorded captures of radios that stood still."
    let criterion = "0 key bits in every run; a live channel of the same noise gives a key in every run."
    let control = "A length that is clamped to a smallest key of 256 bits instead of refused."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let runs = setting.pick(3, 20, 500)
        // So long that chance leaves every live one a key, whatever private noise within a decibel costs it.
        let count = 10_000
        var frozenBits = 0
        var stoppedBits = 0
        var liveRuns = 0
        for run in 0..<runs {
            var frozen = ScalarScene(count: count, snr: 25, seed: setting.seed(run))
            frozen.shape { _, _ in 0.3 }
            frozenBits += bits(try await exchange(frozen, setting.seed(run)), build)
            var stopped = ScalarScene(count: count, snr: 25, seed: setting.seed(1000 + run))
            let start = ExchangeOptions.scene().commissionedPairs(of: count)
            let last = stopped.fading[start]
            stopped.shape { $0 < start ? $1 : last }
            stoppedBits += bits(try await exchange(stopped, setting.seed(run)), build)
            let live = ScalarScene(count: count, snr: 25, seed: setting.seed(2000 + run))
            if try await exchange(live, setting.seed(run)).keyBits > 0 { liveRuns += 1 }
            setting.progress(Double(run + 1) / Double(runs + 1))
        }
        evidence.equal("key bits, frozen signal strength, \(runs) runs", frozenBits, 0)
        evidence.equal("key bits, alive then frozen, \(runs) runs", stoppedBits, 0)
        evidence.equal("live channels that gave a key", liveRuns, runs)
        for index in 0..<setting.pick(1, 3, 20) {
            let parameters = SimulationParameters(
                model: TGn.d.model, snr: 20, speed: 0, probeRate: 50, duration: setting.pick(30, 60, 120),
                seed: setting.seed(3000 + index))
            let simulator = try TwoSidedSimulator(parameters)
            let exchange = try await AttackedExchange.run(
                try simulator.trace(.alice), try simulator.trace(.bob), options: ExchangeOptions(),
                seed: setting.seed(index))
            evidence.equal("key bits, frozen gains of TGn-D", bits(exchange, build), 0)
        }
        try await recorded(build, setting, into: &evidence)
        return evidence
    }

    /// Recordings in which nothing moved.
    private func recorded(
        _ build: AttackedBuild, _ setting: AttackSetting, into evidence: inout AttackEvidence
    ) async throws {
        for (index, name) in ["skyglow-anechoic", "rfm12b-static"].enumerated() {
            // A long record is cut: the tests need no more.
            guard
                let pair = try RecordedPair.read(
                    name, limit: setting.pick(12_000, 24_000, 200_000), setting, into: &evidence)
            else { continue }
            let exchange = try await AttackedExchange.run(
                pair.alice, pair.bob, options: ExchangeOptions(), seed: setting.seed(4000 + index))
            evidence.equal("key bits, recorded \(name)", bits(exchange, build), 0)
        }
    }

    private func exchange(_ scene: ScalarScene, _ seed: UInt64) async throws -> AttackedExchange {
        try await AttackedExchange.run(scene, options: .scene(bits: 1), seed: seed)
    }

    private func bits(_ exchange: AttackedExchange, _ build: AttackedBuild) -> Int {
        build == .product ? exchange.keyBits : max(KeyLength.granule, exchange.keyBits)
    }
}
