// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore

/// Messages of another exchange, the receiver's own words thrown back, and the same words twice.
struct Splices: Attack {
    let name = "splices"
    let rows = [9, 10]
    let models =
        "Two ends with one enrolled secret connect twice; in the second connection each message in turn is replaced by "
        + "that of the first, by what its receiver said last, or is delivered twice."
    let criterion =
        "No splice makes a block that an end spends, or unequal keys; what was replaced by equal bytes doesn't count. "
        + "After a splice of the last COMMIT, and where his seal of checkpoint 2 is doubled, which the initiator notices "
        + "behind her own COMMIT, the responder may spend what she holds too; a COMMIT that is doubled was heard."
    let control = "The stages are composed without transcript and checkpoints."

    private enum Kind: String, CaseIterable, Sendable { case replayed, reflected, doubled }

    private struct Sum: Sendable {
        var trials = 0
        var spent = 0
        var unequal = 0
        var hung = 0
    }

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        guard build == .product else {
            evidence.equal("unequal keys, a replayed seed", await replayedSeed(setting), 0)
            return evidence
        }
        let captures = WiredPair.captures(setting)
        for (index, kind) in Kind.allCases.enumerated() {
            let sum = try await product(kind, captures, setting)
            evidence.none(
                "blocks spent at either end, \(sum.trials) messages \(kind)", sum.spent, of: sum.trials)
            evidence.equal("unequal keys, messages \(kind)", sum.unequal, 0)
            evidence.equal("ends that waited for ever, messages \(kind)", sum.hung, 0)
            setting.progress(Double(index + 1) / Double(Kind.allCases.count))
        }
        return evidence
    }

    private func product(
        _ kind: Kind, _ captures: (ChannelTrace, ChannelTrace), _ setting: AttackSetting
    ) async throws -> Sum {
        let options = [WiredPair.options, WiredPair.options]
        let first = Wire()
        let second = Wire()
        let rehearsal = try WiredPair(captures, options: options, seed: 3, connections: 2)
        _ = await rehearsal.connect(over: first, seed: 1)
        _ = await rehearsal.connect(over: second, seed: 2)
        guard rehearsal.delivered.both == 2 else {
            throw QWaveError(.internalFault, "the rehearsal of the splices made no keys")
        }
        let old = first.untilCommit
        let messages = second.untilCommit
        let step = setting.pick(3, 1, 1)
        let targets = messages.indices.filter {
            $0 % step == messages.count % step || $0 + 8 > messages.count
        }
        return try await Parallel.reduce(targets, into: Sum()) { target in
            let message = messages[target]
            let own = messages[..<target].last { $0.sender != message.sender }?.bytes
            let earlier = old.first { $0.sender == message.sender && $0.index == message.index }?.bytes
            guard let arriving = Self.arriving(kind, message.bytes, earlier: earlier, own: own) else {
                return Sum()
            }
            let pair = try WiredPair(captures, options: options, seed: 3, connections: 2)
            _ = await pair.connect(seed: 1)
            let before = pair.stores.map { Set($0.usable.keys) }
            let ending = await pair.connect(
                over: Wire {
                    $0.sender == message.sender && $0.index == message.index ? arriving : [$0.bytes]
                }, seed: 2)
            var sum = Sum()
            sum.trials = 1
            sum.hung = ending.hung ? 1 : 0
            sum.unequal = pair.delivered.unequal
            let spent = zip(pair.stores, before).map { $0.usable.count - $1.count }
            // Whoever speaks last can't know that he was heard; and a COMMIT that is heard twice was heard.
            let isLast = target == messages.count - 1
            let isHeard = kind == .doubled && target >= messages.count - 2
            let isBehindCommit = isLast || (kind == .doubled && target == messages.count - 3)
            sum.spent = isHeard ? 0 : isBehindCommit ? spent[0] : spent.reduce(0, +)
            return sum
        } combine: {
            $0.trials += $1.trials
            $0.spent += $1.spent
            $0.unequal += $1.unequal
            $0.hung += $1.hung
        }
    }

    /// What arrives in place of a message; nil where that would be no change.
    private static func arriving(_ kind: Kind, _ bytes: [UInt8], earlier: [UInt8]?, own: [UInt8]?)
        -> [[UInt8]]?
    {
        switch kind {
        case .replayed: earlier == bytes ? nil : earlier.map { [$0] }
        case .reflected: own == bytes ? nil : own.map { [$0] }
        case .doubled: [bytes, bytes]
        }
    }

    /// The known-bad composition takes the seed of an earlier exchange.
    private func replayedSeed(_ setting: AttackSetting) async -> Int {
        var unequal = 0
        for run in 0..<3 {
            let first = Wire()
            _ = await BareExchange.run(BareExchange.keys(setting.seed(run)), over: first, seed: 5)
            guard let seed = first.sent.last(where: { $0.sender == .initiator }) else { continue }
            let ends = await BareExchange.run(
                BareExchange.keys(setting.seed(100 + run)),
                over: Wire {
                    $0.sender == .initiator && $0.bytes.first == seed.bytes.first
                        && $0.bytes.count == seed.bytes.count ? [seed.bytes] : [$0.bytes]
                }, seed: 50)
            if let a = ends[0], let b = ends[1], a != b { unequal += 1 }
        }
        return unequal
    }
}
