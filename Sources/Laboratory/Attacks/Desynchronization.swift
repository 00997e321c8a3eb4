// SPDX-License-Identifier: GPL-3.0-or-later
internal import FaultStorage
internal import OneTimePad
internal import Pairing
internal import QWaveCore

/// An end that dies at each step of a connection, and comes back.
struct Desynchronization: Attack {
    let name = "desynchronization"
    let rows = [14]
    let models =
        "At each message of a connection, and at each step that a pad takes on its disk, the initiator's or the "
        + "responder's machine stops: killed, or without power, so that a part of what wasn't flushed is lost. Then "
        + "both ends connect again and are left alone."
    let criterion =
        "The next connection settles all and makes a block; both pads hold the same blocks in the same order with the "
        + "same bytes, nobody is uncertain, no pad byte and no mask is used twice, and a pad opens within 5 s."
    let control = "Blocks may be spent as soon as they are written, without the peer's COMMIT."

    private struct Trial: Sendable {
        var victim: Int
        /// The message at which the victim stops, or nil for the step of its disk.
        var message: Int?
        var step: Int?
        var loss: FaultStorage.Loss
    }

    private struct Sum: Sendable {
        var trials = 0
        var unsettled = 0
        var unequal = 0
        var reused = 0
        var hung = 0
        var slowest = 0.0
    }

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let captures = WiredPair.captures(setting)
        let trials = try await trials(captures, build, setting)
        let done = Tally()
        let sum = try await Parallel.reduce(trials, into: Sum()) { trial in
            let sum = try await Self.run(trial, captures, build, setting)
            setting.progress(Double(done.add()) / Double(trials.count))
            return sum
        } combine: {
            $0.trials += $1.trials
            $0.unsettled += $1.unsettled
            $0.unequal += $1.unequal
            $0.reused += $1.reused
            $0.hung += $1.hung
            $0.slowest = max($0.slowest, $1.slowest)
        }
        evidence.none(
            "crashes after which the ends didn't settle and make a block", sum.unsettled, of: sum.trials)
        evidence.none("crashes after which the pads differ", sum.unequal, of: sum.trials)
        evidence.none("crashes after which a pad byte or a mask was used twice", sum.reused, of: sum.trials)
        evidence.none("crashes after which an end waited for ever", sum.hung, of: sum.trials)
        evidence.atMost("seconds that a pad took to open, at the most", sum.slowest, 5)
        return evidence
    }

    /// What a calm connection takes, and where to stop it.
    private func trials(
        _ captures: (ChannelTrace, ChannelTrace), _ build: AttackedBuild, _ setting: AttackSetting
    ) async throws -> [Trial] {
        let wire = Wire()
        let ends = try PadEnds(seed: setting.seed(1))
        for disk in ends.disks { disk.plan() }
        _ = await ends.connect(captures, over: wire, seed: setting.seed(2))
        guard try ends.stores.allSatisfy({ try $0.status().usableBlocks == 1 }) else {
            throw QWaveError(.internalFault, "the rehearsal of the crashes made no block")
        }
        let messages = wire.sent.count
        let losses: [FaultStorage.Loss] =
            [.process, .unflushed] + (0..<UInt64(setting.pick(1, 1, 6))).map { .random($0) }
        let (each, eachStep) = build == .product ? setting.pick((7, 5), (2, 2), (1, 1)) : (1, 1)
        var result: [Trial] = []
        for victim in 0..<2 {
            // The last messages are where a block becomes one.
            for message in 0..<messages where message % each == 0 || message + 6 > messages {
                for loss in setting.length == .quick ? [losses[message % losses.count]] : losses {
                    result.append(Trial(victim: victim, message: message, step: nil, loss: loss))
                }
            }
            for step in stride(from: victim, to: ends.disks[victim].steps, by: eachStep) {
                for loss in setting.length == .quick ? [losses[step / eachStep % losses.count]] : losses {
                    result.append(Trial(victim: victim, message: nil, step: step, loss: loss))
                }
            }
        }
        if build == .broken { return Array(result.filter { ($0.message ?? 0) + 6 > messages }.prefix(12)) }
        return result
    }

    /// Blocks that may be spent the moment that they are written.
    private struct Eager: BlockStore {
        let base: any BlockStore
        func nextSequence() throws(QWaveError) -> UInt64 { try base.nextSequence() }
        func addPending(_ outcome: ExchangeOutcome) throws(QWaveError) {
            try base.addPending(outcome)
            try base.markUsable(outcome.identifier)
        }
        func markUsable(_ exchange: [UInt8]) throws(QWaveError) {}
        func uncertain() throws(QWaveError) -> [[UInt8]] { [] }
        func answer(_ exchanges: [[UInt8]]) throws(QWaveError) -> [UInt8] { try base.answer(exchanges) }
        func reconcile(_ answers: [[UInt8]: UInt8]) throws(QWaveError) { try base.reconcile(answers) }
    }

    private static func run(
        _ trial: Trial, _ captures: (ChannelTrace, ChannelTrace), _ build: AttackedBuild,
        _ setting: AttackSetting
    ) async throws -> Sum {
        var ends = try PadEnds(seed: setting.seed(1))
        var log = UseLog()
        var sum = Sum()
        sum.trials = 1
        let disk = ends.disks[trial.victim]
        let passed = Tally()
        let wire = Wire { message in
            guard let last = trial.message, passed.add() > last else { return [message.bytes] }
            // The machine stops here: what it writes from now on stays unwritten, and the link is dead.
            disk.plan(stopAfter: 0)
            return nil
        }
        if let step = trial.step { disk.plan(stopAfter: step) }
        let store: (any BlockStore) -> any BlockStore = { build == .broken ? Eager(base: $0) : $0 }
        let broken = await ends.connect(captures, over: wire, seed: setting.seed(2), wrapping: store)
        for message in wire.sent { log.see(message) }
        let begun = ContinuousClock.now
        try ends.crash(trial.victim, trial.loss)
        sum.slowest = (ContinuousClock.now - begun) / .seconds(1)
        let calm = Wire()
        let mended = await ends.connect(captures, over: calm, seed: setting.seed(3), wrapping: store)
        for message in calm.sent { log.see(message) }
        sum.hung = broken.hung || mended.hung ? 1 : 0
        let books = try ends.stores.map { try $0.status() }
        let isSettled =
            mended.errors.allSatisfy { $0 == nil } && books.allSatisfy { $0.uncertain.isEmpty }
            && books.allSatisfy { $0.usableBlocks > 0 }
        sum.unsettled = isSettled ? 0 : 1
        let isEqual =
            books[0].usableBlocks == books[1].usableBlocks
            && books[0].outgoing.generated == books[1].incoming.generated && spend(ends, &log)
        sum.unequal = isEqual ? 0 : 1
        sum.reused = log.reused > 0 ? 1 : 0
        return sum
    }

    /// Uses up both pads by messages, whose inner checksum tells whether the other end's bytes are the same.
    private static func spend(_ ends: PadEnds, _ log: inout UseLog) -> Bool {
        for sender in 0..<2 {
            while let left = try? ends.stores[sender].status().spendable, left > 64 {
                var input = MemoryInput([UInt8](repeating: 7, count: Int(min(left - 24, 4096))))
                var wrapped = MemoryOutput()
                guard (try? Wrapper(ends.stores[sender]).wrap(&input, to: &wrapped)) != nil else {
                    return false
                }
                log.see(wrapped.bytes, from: PadEnds.roles[sender])
                var arriving = MemoryInput(wrapped.bytes)
                var opened = MemoryOutput()
                guard (try? Opener(ends.stores[1 - sender]).unwrap(&arriving, to: &opened)) != nil else {
                    return false
                }
            }
        }
        return true
    }
}
