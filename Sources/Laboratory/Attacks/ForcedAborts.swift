// SPDX-License-Identifier: GPL-3.0-or-later
internal import OneTimePad
internal import QWaveCore

/// An attacker who makes both ends authenticate for nothing, again and again.
struct ForcedAborts: Attack {
    let name = "forced-aborts"
    let rows = [22]
    let models =
        "The flags that ask for a settlement of uncertain blocks are forged on every connection, and the link is cut "
        + "when both ends have spent a mask on it: the cheapest way to spend the enrolled secret of both."
    let criterion =
        "After all aborts both ends still hold masks for a settlement and an exchange, which works when they are left "
        + "alone and told to spend the reserve; no mask is used twice; and the next mask would have to wait."
    let control = "Ends that keep no reserve."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let aborts = setting.pick(400, 2000, 10_000)
        let captures = WiredPair.captures(setting)
        var policy = PadPolicy()
        // The experiment doesn't wait as its subjects would.
        let wait = policy.backoff(afterSpending: UInt64(16 * aborts))
        policy.backoffAfter = .max
        if build == .broken { policy.maskReserve = 0 }
        var ends = try PadEnds(seed: setting.seed(1), secretBytes: 32 + 2 * 16 * 200, policy: policy)
        var log = UseLog()
        for abort in 0..<aborts {
            let wire = Wire { message in
                if message.index == 0 { return [[message.bytes[0], 1]] }
                return message.sender == .responder && message.bytes.count > 25 ? nil : [message.bytes]
            }
            _ = await ends.connect(captures, over: wire, exchanges: 0, seed: setting.seed(abort + 10))
            for message in wire.sent { log.see(message) }
            if abort % 64 == 0 { setting.progress(Double(abort) / Double(aborts)) }
        }
        let left = ends.stores.map { store in
            (try? store.status()).map { Int($0.enrolledOutgoing.free + $0.enrolledOutgoing.reserved) } ?? 0
        }
        evidence.atLeast("mask bytes left at the end that has fewer", Double(left.min() ?? 0), 5 * 16)
        // Peace, and an operator who says so.
        policy.maskReserve = 0
        for end in 0..<2 {
            try ends.stores[end].close()
            try ends.open(end, from: ends.disks[end], policy: policy)
        }
        let wire = Wire()
        let ending = await ends.connect(captures, over: wire, seed: setting.seed(5))
        for message in wire.sent { log.see(message) }
        let usable = ends.stores.map { (try? $0.status().usableBlocks) ?? 0 }
        evidence.equal("blocks that both ends hold after a recovery", usable.min() ?? 0, 1)
        evidence.equal("ends that waited for ever", ending.hung ? 1 : 0, 0)
        evidence.none("masks that were used twice", log.reused, of: log.uses)
        evidence.atLeast("seconds that the next mask waits after \(aborts) aborts", wait / .seconds(1), 10)
        evidence.note("\(aborts) forced aborts, \(log.uses) seals")
        return evidence
    }
}
