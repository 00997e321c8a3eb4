// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Every attack, and how one is run: against the product, then against its known-bad build.
public enum AttackSuite {
    /// In the order of the documentation.
    public static let attacks: [any Attack] = [
        PassiveEve(), ManyAntennas(), EveIsBob(), TrainedAttacker(), ChannelMemory(), FrozenChannel(),
        BlockedPath(), InjectedProbes(), RepeatedChannel(), BadCaptures(), ParityLeak(), TranscriptRank(),
        TamperedSyndrome(), AbortTiming(), HashCollisions(), BitFlips(), TranscriptFlips(), Splices(),
        ReplayedFrames(), Jamming(), Desynchronization(), PadReuse(), HalfOpenLinks(), HostileLengths(),
        Downgrade(), KnownSeed(), NoRandomness(), MemoryDisclosure(), ForcedAborts(), CertificateFaults(),
    ]

    /// The attack of that name.
    ///
    /// Throws `.usage` with the names that there are.
    public static func named(_ name: String) throws(QWaveError) -> any Attack {
        guard let attack = attacks.first(where: { $0.name == name }) else {
            throw QWaveError(
                .usage,
                "there is no attack '\(name)'; choose among \(attacks.map(\.name).joined(separator: ", "))")
        }
        return attack
    }

    /// Runs an attack and its control.
    ///
    /// What the product throws where an outcome was expected is thrown on: then nothing was shown.
    public static func run(_ attack: any Attack, _ setting: AttackSetting) async throws -> AttackVerdict {
        let begun = ContinuousClock.now
        var first = setting
        first.progress = { setting.progress(0.5 * $0) }
        let product = try await attack.run(.product, first)
        try Task.checkCancellation()
        var second = setting
        second.progress = { setting.progress(0.5 + 0.5 * $0) }
        let broken = try await attack.run(.broken, second)
        setting.progress(1)
        return AttackVerdict(
            attack, setting, product: product, broken: broken,
            seconds: (ContinuousClock.now - begun) / .seconds(1))
    }
}
