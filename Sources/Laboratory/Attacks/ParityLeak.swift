// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Reconciliation

/// Everything that reconciliation says, from either end, read by somebody who can enumerate every key.
struct ParityLeak: Attack {
    let name = "parity-leak"
    let rows = [11]
    let models =
        "Eve records every message of reconciliation and tries all pairs of short keys: what she can tell apart is "
        + "what was told."
    let criterion =
        "Over all distinct transcripts Σ 2^(−bits charged) ≤ 1 (Kraft), so that no set of keys is told apart for "
        + "fewer bits than were charged: both directions for every pair of keys, the forward bits alone where "
        + "the error pattern is known."
    let control = "Only the first message is charged, as if what follows from answers told nothing more."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let bits = setting.pick(6, 7, 8)
        let seeds = setting.pick(2, 3, 6)
        for name in Reconcilers.names {
            let engine = try Reconcilers.named(name)
            for rate in [0.02, 0.2] {
                var worst = 0.0
                var worstKnown = 0.0
                for seed in 0..<seeds {
                    var all: [[UInt8]: Double] = [:]
                    for errors in 0..<1 << bits {
                        var known: [[UInt8]: Double] = [:]
                        for key in 0..<1 << bits {
                            let said = try transcript(
                                engine, key, key ^ errors, bits: bits, rate: rate, seed: setting.seed(seed))
                            let charged = build == .product ? said.forward + said.backward : said.opening
                            all[said.bytes] = min(all[said.bytes] ?? .infinity, charged)
                            let forward = build == .product ? said.forward : said.opening
                            known[said.bytes] = min(known[said.bytes] ?? .infinity, forward)
                        }
                        worstKnown = max(worstKnown, known.values.reduce(0) { $0 + exp2(-$1) })
                    }
                    worst = max(worst, all.values.reduce(0) { $0 + exp2(-$1) })
                    setting.progress(Double(seed + 1) / Double(seeds))
                }
                evidence.atMost("Kraft sum, \(name), told rate \(rate), every pair of keys", worst, 1 + 1e-9)
                if !engine.usesSoftValues {
                    evidence.atMost(
                        "Kraft sum, \(name), told rate \(rate), error pattern known", worstKnown, 1 + 1e-9)
                }
            }
        }
        return evidence
    }

    private struct Said {
        var bytes: [UInt8] = []
        var opening = 0.0
        var forward = 0.0
        var backward = 0.0
    }

    /// What both ends say for one pair of keys, and what was charged for it.
    private func transcript(
        _ engine: any Reconciler, _ alice: Int, _ bob: Int, bits: Int, rate: Double, seed: UInt64
    ) throws -> Said {
        let frames = [KeyFrame(range: 0..<bits, errorRate: rate)]
        func key(_ value: Int) -> RawKey {
            RawKey(bits: BitString(words: [UInt64(value)], count: bits), frames: frames)
        }
        var machines = [try engine.initiator(key(alice), seed: seed), try engine.responder(key(bob))]
        var said = Said()
        var speaker = 0
        var action = machines[0].opening()
        while let current = action {
            var message: ReconciliationAction<CorrectedKey>.Message?
            switch current {
            case .send(let bytes, let disclosure): message = .init(bytes, disclosure)
            case .finish(let last, _): message = last
            }
            guard let message else { break }
            if said.bytes.isEmpty { said.opening = message.disclosure.bits }
            said.bytes.append(UInt8(speaker))
            said.bytes += message.bytes
            if speaker == 0 {
                said.forward += message.disclosure.bits
            } else {
                said.backward += message.disclosure.bits
            }
            speaker = 1 - speaker
            action = try machines[speaker].receive(message.bytes)
        }
        return said
    }
}
