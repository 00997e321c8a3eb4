// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// A man in the middle who changes one bit.
struct BitFlips: Attack {
    let name = "bit-flips"
    let rows = [8]
    let models =
        "One bit of one message of a recorded connection is changed on its way, from the first byte to the last COMMIT; "
        + "in the long form every bit of every message up to 64 bytes and 512 of each longer one; both ends run in full."
    let criterion =
        "No flip lets both ends spend the block, none leaves them unequal keys, none makes an end wait for ever, and "
        + "each end says at most one ABORT, a single byte without a reason. Only where the responder's own COMMIT is "
        + "hit may he alone spend it; the initiator then holds the same key as pending."
    let control = "The stages are composed without transcript and checkpoints."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        build == .product ? try await product(setting) : try await broken(setting)
    }

    /// One flip to try.
    private struct Flip: Sendable {
        var sender: Party.Role
        var index: Int
        var bit: Int

        var rule: Wire.Rule {
            { [self] message in
                var bytes = message.bytes
                if message.sender == sender, message.index == index, bit / 8 < bytes.count {
                    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                }
                return [bytes]
            }
        }
    }

    private func flips(_ messages: [WireMessage], _ setting: AttackSetting) -> [Flip] {
        var random = ExperimentGenerator(seed: setting.seed(7))
        return messages.flatMap { message -> [Flip] in
            let count = 8 * message.bytes.count
            let isShort = message.bytes.count <= 64
            let wanted = isShort ? setting.pick(3, 64, count) : setting.pick(4, 64, 512)
            let bits =
                wanted >= count
                ? Array(0..<count)
                : [0, count - 1]
                    + (2..<max(wanted, 2)).map { _ in Int.random(in: 0..<count, using: &random) }
            return bits.map { Flip(sender: message.sender, index: message.index, bit: $0) }
        }
    }

    /// What all flips together came to.
    private struct Sum: Sendable {
        var flips = 0
        var both = 0
        var one = 0
        var oneExpected = 0
        var unequal = 0
        var hung = 0
        var talkative = 0
    }

    private func product(_ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let captures = WiredPair.captures(setting)
        let options = [WiredPair.options, WiredPair.options]
        let wire = Wire()
        let pair = try WiredPair(captures, options: options, seed: 9)
        _ = await pair.connect(over: wire, seed: 77)
        let recorded = wire.untilCommit
        evidence.equal("blocks delivered without an attack", pair.delivered.both, 1)
        let flips = flips(recorded, setting)
        let last = recorded.last
        let done = Mutex(0)
        let sum = try await Parallel.reduce(flips, into: Sum()) { flip in
            let wire = Wire(flip.rule)
            let pair = try WiredPair(captures, options: options, seed: 9)
            let ending = await pair.connect(over: wire, seed: 77)
            let delivered = pair.delivered
            var sum = Sum()
            sum.flips = 1
            sum.both = delivered.both
            let isLast = flip.sender == last?.sender && flip.index == last?.index
            if isLast { sum.oneExpected = delivered.one } else { sum.one = delivered.one }
            sum.unequal = delivered.unequal
            sum.hung = ending.hung ? 1 : 0
            let aborts = wire.sent.filter { $0.bytes.first == 0x0F }
            let counts = [Party.Role.initiator, .responder].map { role in aborts.count { $0.sender == role } }
            if aborts.contains(where: { $0.bytes.count != 1 }) || counts.contains(where: { $0 > 1 }) {
                sum.talkative = 1
            }
            let share = done.withLock {
                $0 += 1
                return Double($0) / Double(flips.count)
            }
            setting.progress(share)
            return sum
        } combine: {
            $0.flips += $1.flips
            $0.both += $1.both
            $0.one += $1.one
            $0.oneExpected += $1.oneExpected
            $0.unequal += $1.unequal
            $0.hung += $1.hung
            $0.talkative += $1.talkative
        }
        evidence.none("blocks that both ends would spend, \(sum.flips) flips", sum.both, of: sum.flips)
        evidence.equal("blocks that one end would spend, any flip but in the last message", sum.one, 0)
        evidence.equal("unequal keys", sum.unequal, 0)
        evidence.equal("ends that waited for ever", sum.hung, 0)
        evidence.equal("ends that said more than one single-byte ABORT", sum.talkative, 0)
        evidence.note(
            "\(recorded.count) messages, \(recorded.reduce(0) { $0 + $1.bytes.count }) bytes; the responder alone "
                + "held the block as usable after \(sum.oneExpected) flips in his COMMIT")
        return evidence
    }

    private func broken(_ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let keys = BareExchange.keys(setting.seed(1))
        let wire = Wire()
        _ = await BareExchange.run(keys, over: wire, seed: 5)
        var one = 0
        var unequal = 0
        let flips = flips(wire.sent, AttackSetting(length: .quick, seed: setting.seed))
        for flip in flips {
            let ends = await BareExchange.run(keys, over: Wire(flip.rule), seed: 5)
            one += ends.contains { $0 != nil } ? 1 : 0
            if let a = ends[0], let b = ends[1], a != b { unequal += 1 }
        }
        evidence.equal("blocks that an end would spend, \(flips.count) flips", one, 0)
        evidence.equal("unequal keys", unequal, 0)
        return evidence
    }
}
