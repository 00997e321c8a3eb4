// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// A peer, or somebody between, who asks for weaker parameters.
struct Downgrade: Attack {
    let name = "downgrade"
    let rows = [20]
    let models =
        "One end is talked into weaker settings (larger ε, a kinder threat model, other labels, more bits a symbol, less "
        + "commissioning), and its PARAMETERS are rewritten on the way to claim the stronger ones."
    let criterion = "No end spends a block in any of the cases, whichever end is weaker."
    let control = "An end that takes over whatever settings its peer names."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let captures = WiredPair.captures(setting)
        let strong = WiredPair.options
        let weakenings = setting.length == .quick ? Array(Self.weakenings.prefix(6)) : Self.weakenings
        var delivered = 0
        for (what, weaken) in weakenings {
            var weak = strong
            weaken(&weak)
            var spent = 0
            for weaker in 0..<2 {
                for lies in [false, true] {
                    var options = [strong, strong]
                    options[weaker] = weak
                    if build == .broken { options = [weak, weak] }
                    let pair = try WiredPair(captures, options: options, seed: 8)
                    let wire = lies && build == .product ? try Self.lying(weak, strong) : Wire()
                    _ = await pair.connect(over: wire, seed: setting.seed(1))
                    spent += pair.delivered.both + pair.delivered.one
                }
            }
            delivered += spent
            evidence.equal("blocks spent, \(what)", spent, 0)
        }
        if build == .product {
            let pair = try WiredPair(captures, options: [strong, strong], seed: 8)
            _ = await pair.connect(seed: setting.seed(1))
            evidence.equal("blocks spent with the strong settings at both ends", pair.delivered.both, 1)
        }
        return evidence
    }

    /// Each end hears the digest of its own settings, whatever the other said.
    private static func lying(_ weak: ExchangeOptions, _ strong: ExchangeOptions) throws -> Wire {
        let digests = [Array(try weak.digest().utf8), Array(try strong.digest().utf8)]
        return Wire { message in
            guard message.bytes.first == 0x02 else { return [message.bytes] }
            var bytes = message.bytes
            for (from, to) in [(digests[0], digests[1]), (digests[1], digests[0])] {
                for start in bytes.indices where bytes[start...].starts(with: from) {
                    bytes.replaceSubrange(start..<start + from.count, with: to)
                    return [bytes]
                }
            }
            return [bytes]
        }
    }

    private static let weakenings: [(String, @Sendable (inout ExchangeOptions) -> Void)] = [
        ("ε_s of 2^−10", { $0.epsilons.smoothing = 0x1p-10 }),
        ("ε_PA of 2^−10", { $0.epsilons.amplification = 0x1p-10 }),
        ("ε_est of 2^−10", { $0.epsilons.estimation = 0x1p-10 }),
        ("ε_auth of 2^−10", { $0.epsilons.authentication = 0x1p-10 }),
        ("an Eve trace that nobody recorded", { $0.threatModel.eveTrace = true }),
        ("an Eve far away", { $0.threatModel.exclusionRadius = 1000 }),
        ("ε_cor of 2^−10", { $0.epsilons.correctness = 0x1p-10 }),
        ("no pre-shared key", { $0.threatModel.preSharedKey = ThreatModel.PreSharedKey.none }),
        ("labels without helper data", { $0.labels = .equiprobable }),
        ("other helper bits", { $0.helperBits = 1 }),
        ("another trend window", { $0.trendWindow = 31 }),
        ("another decimation", { $0.stride = 2 }),
    ]
}
