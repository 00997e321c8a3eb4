// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Reconciliation

/// Parities and syndromes that are lied about, to learn from who gives up and when.
struct TamperedSyndrome: Attack {
    let name = "tampered-syndrome"
    let rows = [12]
    let models =
        "Chosen bits of the parities, syndromes and verdicts of reconciliation, and of the verification hash, are "
        + "inverted, one or many at a time, by an attacker who watches what both ends say from then on; and single bits, up "
        + "to 2^16 times an engine, by one who does again what told most."
    let criterion =
        "No end spends a block; a raw key is verified once and never again, so that an attempt tells no more than the "
        + "one bit that is charged for it; and what an end says when it gives up is one ABORT of one byte."
    let control = "Ends that verify the same raw key again until it is accepted."

    private struct Sum: Sendable {
        var trials = 0
        var spent = 0
        var again = 0
        var talkative = 0
        var hung = 0
    }

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        guard build == .product else {
            evidence.atMost("verifications of one raw key", Double(await retries(setting)), 1)
            return evidence
        }
        for engine in Self.engines {
            // Signal strengths cost LDPC more than they cost Cascade.
            let captures = WiredPair.captures(setting, count: engine.hasPrefix("ldpc") ? 12_000 : 6000)
            var options = WiredPair.options
            options.reconciler = engine
            let both = [options, options]
            let wire = Wire()
            let pair = try WiredPair(captures, options: both, seed: 9)
            _ = await pair.connect(over: wire, seed: setting.seed(1))
            let targets = wire.sent.filter { (0x20...0x3F).contains($0.bytes.first ?? 0) }
            guard pair.delivered.both == 1, !targets.isEmpty else {
                throw QWaveError(.internalFault, "the recording of this attack made no key with \(engine)")
            }
            let each = setting.pick(max(1, targets.count / 5), 2, 1)
            let chosen = targets.enumerated().filter {
                $0.offset % each == 0 || $0.offset + 2 >= targets.count
            }
            .map(\.element)
            let sum = try await Parallel.reduce(
                chosen.flatMap { message in (0..<setting.pick(2, 6, 24)).map { (message, $0) } }, into: Sum()
            ) { message, variant in
                try await Self.tamper(message, variant, captures, both, setting)
            } combine: {
                $0.trials += $1.trials
                $0.spent += $1.spent
                $0.again += $1.again
                $0.talkative += $1.talkative
                $0.hung += $1.hung
            }
            evidence.none("blocks that an end would spend, \(engine)", sum.spent, of: sum.trials)
            evidence.none("raw keys that were verified again, \(engine)", sum.again, of: sum.trials)
            evidence.none(
                "farewells of another shape than one ABORT, \(engine)", sum.talkative, of: sum.trials)
            evidence.none("ends that waited for ever, \(engine)", sum.hung, of: sum.trials)
        }
        try await verdicts(setting, into: &evidence)
        return evidence
    }

    private static let engines = ["cascade-few-rounds", "ldpc-low-leak"]

    /// An attacker who adapts; what the ends' verdicts told him is a note, for keys that were refused are gone.
    private func verdicts(_ setting: AttackSetting, into evidence: inout AttackEvidence) async throws {
        for name in Self.engines {
            let sum = try await VerdictAttempts(engine: try Reconcilers.named(name)).run(
                setting.pick(96, 2048, 1 << 16), seed: setting.seed(7))
            evidence.none("unequal keys that were accepted, \(name)", sum.unequal, of: sum.attempts)
            evidence.none("second verdicts on one key, \(name)", sum.again, of: sum.attempts)
            evidence.note(
                "\(name): \(sum.attempts) adaptive attempts, \(sum.accepted) accepted, \(sum.aborted) given up before "
                    + "a verdict; which of the three told at most \(Int(sum.told)) bits of keys that are gone"
            )
        }
    }

    private static func tamper(
        _ target: WireMessage, _ variant: Int, _ captures: (ChannelTrace, ChannelTrace),
        _ options: [ExchangeOptions], _ setting: AttackSetting
    ) async throws -> Sum {
        var random = ExperimentGenerator(seed: setting.seed(1000 + variant + 64 * target.index))
        var bytes = target.bytes
        // One bit, then more and more of them; never the type.
        for _ in 0..<(1 << min(variant / 2, 6)) where bytes.count > 1 {
            bytes[1 + Int(random.next() % UInt64(bytes.count - 1))] ^= 1 << UInt8(random.next() % 8)
        }
        let changed = bytes
        let wire = Wire {
            [$0.sender == target.sender && $0.index == target.index ? changed : $0.bytes]
        }
        let pair = try WiredPair(captures, options: options, seed: 9)
        let ending = await pair.connect(over: wire, seed: setting.seed(1))
        var sum = Sum()
        guard changed != target.bytes else { return sum }
        sum.trials = 1
        let delivered = pair.delivered
        sum.spent = delivered.both + delivered.one
        sum.again = wire.sent.count { $0.bytes.first == 0x30 } > 1 ? 1 : 0
        let aborts = wire.sent.filter { $0.bytes.first == 0x0F }
        let counts = PadEnds.roles.map { role in aborts.count { $0.sender == role } }
        sum.talkative =
            aborts.contains { $0.bytes.count != 1 } || counts.contains { $0 > 1 } || aborts.isEmpty ? 1 : 0
        sum.hung = ending.hung ? 1 : 0
        return sum
    }

    /// How often the known-bad ends ask about one raw key before they accept it.
    private func retries(_ setting: AttackSetting) async -> Int {
        let keys = BareExchange.keys(setting.seed(1))
        for attempt in 1...16 {
            let wire = Wire { message in
                var bytes = message.bytes
                if attempt < 4, message.bytes.first == 0x30 { bytes[bytes.count - 1] ^= 1 }
                return [bytes]
            }
            let ends = await BareExchange.run(keys, over: wire, seed: UInt64(attempt))
            if ends.allSatisfy({ $0 != nil }) { return attempt }
        }
        return 16
    }
}
