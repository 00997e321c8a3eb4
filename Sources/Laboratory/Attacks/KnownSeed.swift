// SPDX-License-Identifier: GPL-3.0-or-later
internal import PrivacyAmplification
internal import QWaveCore

/// An attacker who knows the hash function before the channel is measured, and shapes the channel for it.
struct KnownSeed: Attack {
    let name = "known-seed"
    let rows = [19]
    let models =
        "Seeds of amplification are recorded and guessed for the next block: an attacker who controls the raw key "
        + "chooses two that the last seed maps to one secret key."
    let criterion =
        "The seed is said only after both ends' first checkpoint; no seed appears twice, neighbors differ in half of "
        + "their bits, and raw keys that meet under one seed don't under the next."
    let control = "The seed comes from a generator that begins anew for each block."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let captures = WiredPair.captures(setting)
        if build == .product {
            let wire = Wire()
            let pair = try WiredPair(captures, options: [WiredPair.options, WiredPair.options], seed: 4)
            _ = await pair.connect(over: wire, seed: setting.seed(1))
            let types = wire.sent.map { $0.bytes.first ?? 0 }
            let checkpoints = types.indices.filter { types[$0] == 0x60 }
            let seeds = types.indices.filter { types[$0] == 0x50 || types[$0] == 0x51 }
            evidence.equal(
                "messages of seed or its choice before both first checkpoints",
                seeds.count { checkpoints.count < 2 || $0 < checkpoints[1] }, 0)
            evidence.atLeast("messages of seed or its choice", Double(seeds.count), 2)
        }
        let blocks = setting.pick(20, 100, 1000)
        let hash = ToeplitzHash()
        let (n, m) = (4096, 256)
        var seen: Set<[UInt8]> = []
        var meetings = 0
        var least = 1.0
        var most = 0.0
        var last: BitString?
        for block in 0..<blocks {
            let random: any RandomSource =
                build == .product ? SystemRandomSource() : ExperimentSource(seed: setting.seed(2))
            let seed = try await Self.seed(inputBits: n, outputBits: m, random: random)
            seen.insert(seed.bytes)
            if let last {
                let share = Double(seed.distance(to: last)) / Double(n - 1)
                least = min(least, share)
                most = max(most, share)
                // (a, T·a) and nothing at all have one hash under the last seed.
                var chosen = BitString(count: n)
                for bit in 0..<8 { chosen[(block * 37 + bit * 501) % (n - m)] = true }
                let image = try hash.hash(chosen, seed: last, outputBits: m)
                for bit in 0..<m { chosen[n - m + bit] = image[bit] }
                let nothing = BitString(count: n)
                if try hash.hash(chosen, seed: seed, outputBits: m)
                    == hash.hash(nothing, seed: seed, outputBits: m)
                {
                    meetings += 1
                }
            }
            last = seed
            setting.progress(Double(block + 1) / Double(blocks))
        }
        evidence.equal("seeds that appeared before, of \(blocks)", blocks - seen.count, 0)
        evidence.equal("chosen raw keys that meet under the next seed", meetings, 0)
        evidence.atLeast("least share of bits between neighboring seeds", least, 0.45)
        evidence.atMost("largest share of bits between neighboring seeds", most, 0.55)
        return evidence
    }

    /// The seed that an initiator says, by the product's own stage.
    private static func seed(inputBits: Int, outputBits: Int, random: any RandomSource) async throws
        -> BitString
    {
        let (left, right) = Loopback.pair()
        let party = Party(role: .initiator, link: left, ledger: SecrecyLedger(), random: random)
        let seed = try await PrivacyAmplificationStage().exchangeSeed(
            as: party, inputBits: inputBits, outputBits: outputBits)
        await right.close()
        return seed.bits
    }
}
