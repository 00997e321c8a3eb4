// SPDX-License-Identifier: GPL-3.0-or-later
internal import Fields
internal import Foundation
internal import QWaveCore
internal import Statistics

/// Unequal keys that verification takes for equal.
struct HashCollisions: Attack {
    let name = "hash-collisions"
    let rows = [13]
    let models =
        "Pairs of keys that differ where an attacker likes best (the same bit in two words, a burst, one bit) are "
        + "verified by hashes that are cut to 8, 12 and 16 bits, so that collisions can be seen at all."
    let criterion =
        "The collision rate's upper limit (99 %) at t bits is at most (⌈n/64⌉ + 1) · 2^−t, which is what the whole "
        + "hash is certified with at 64."
    let control = "The hash key is fixed instead of drawn after the keys."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let bits = 512
        let trials = setting.pick(200_000, 400_000, 4_000_000)
        let cuts = [8, 12, 16]
        var collisions = [Int](repeating: 0, count: cuts.count)
        var random = ExperimentGenerator(seed: setting.seed(0))
        for trial in 0..<trials {
            var words = (0..<bits / 64).map { _ in random.next() }
            let key = BitString(words: words, count: bits)
            let place = trial % 64
            switch trial % 3 {
            case 0:
                words[trial % 7] ^= 1 << UInt64(place)
                words[7] ^= 1 << UInt64(place)
            case 1: words[trial % 8] ^= 0xFF << UInt64(place % 56)
            default: words[trial % 8] ^= 1 << UInt64(place)
            }
            let other = BitString(words: words, count: bits)
            let hash = VerificationHash(key: build == .product ? random.next() : 1)
            let difference = hash.hash(key) ^ hash.hash(other)
            for (index, cut) in cuts.enumerated() where difference & (1 << UInt64(cut) - 1) == 0 {
                collisions[index] += 1
            }
            if trial % 4096 == 0 { setting.progress(Double(trial) / Double(trials)) }
        }
        for (cut, count) in zip(cuts, collisions) {
            evidence.atMost(
                "collision rate at \(cut) bits, upper limit of \(trials) trials",
                Self.upperLimit(count, of: trials), Double(bits / 64 + 1) * exp2(-Double(cut)))
        }
        return evidence
    }

    /// Clopper and Pearson's upper limit at 99 %.
    static func upperLimit(_ count: Int, of trials: Int) -> Double {
        guard count < trials else { return 1 }
        var low = Double(count) / Double(trials)
        var high = 1.0
        for _ in 0..<60 {
            let middle = 0.5 * (low + high)
            if Binomial(trials: trials, probability: middle).cumulative(count) > 0.01 {
                low = middle
            } else {
                high = middle
            }
        }
        return high
    }
}
