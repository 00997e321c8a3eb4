// SPDX-License-Identifier: GPL-3.0-or-later
internal import FaultStorage
internal import OneTimePad
internal import QWaveCore

/// Pads that meet power losses, restored backups and copies of themselves.
struct PadReuse: Attack {
    let name = "pad-reuse"
    let rows = [15]
    let models =
        "Two ends wrap and open messages for each other while their machines lose power in the middle of anything, "
        + "old backups of a pad are put back in its place, and copies are started beside it."
    let criterion =
        "No pad byte stands in two frames, no old state or copy of a pad is opened, no message is opened twice, and "
        + "what is opened is what was wrapped."
    let control = "A pad whose marks reach the disk after the message has left, and that knows no anchor."

    private struct Sum: Sendable {
        var deliveries = 0
        var reused = 0
        var twice = 0
        var wrong = 0
        var crashes = 0
        var restored = 0
        var accepted = 0
    }

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let perLink = 250
        let links = build == .product ? setting.pick(4, 20, 400) : 2
        let sum = try await Parallel.reduce(Array(0..<links), into: Sum()) { link in
            let sum = try Self.life(
                build, deliveries: perLink, seed: setting.seed(link + 1))
            if link % 4 == 0 { setting.progress(Double(link + 1) / Double(links)) }
            return sum
        } combine: {
            $0.deliveries += $1.deliveries
            $0.reused += $1.reused
            $0.twice += $1.twice
            $0.wrong += $1.wrong
            $0.crashes += $1.crashes
            $0.restored += $1.restored
            $0.accepted += $1.accepted
        }
        evidence.none("frames over pad bytes that were used before", sum.reused, of: sum.deliveries)
        evidence.none("messages that were opened twice", sum.twice, of: sum.deliveries)
        evidence.none("messages that came out wrong", sum.wrong, of: sum.deliveries)
        evidence.none("old states and copies that were opened", sum.accepted, of: max(sum.restored, 1))
        evidence.note("\(sum.crashes) power losses, \(sum.restored) restored backups and copies")
        return evidence
    }

    /// One link's life.
    private static func life(_ build: AttackedBuild, deliveries: Int, seed: UInt64) throws -> Sum {
        var random = ExperimentGenerator(seed: seed)
        var ends = try PadEnds(seed: seed, isAnchored: build == .product)
        var log = UseLog()
        var sum = Sum()
        var blocks: UInt64 = 0
        var backups: [FaultStorage?] = [nil, nil]
        var opened: Set<[UInt8]> = []
        func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }
        func loss() -> FaultStorage.Loss {
            if build == .broken { return .unflushed }
            return switch random.next() % 4 {
            case 0: .process
            case 1: .unflushed
            default: .random(random.next())
            }
        }
        while sum.deliveries < deliveries {
            let sender = Int(random.next() % 2)
            if try ends.stores[sender].status().spendable < 512 {
                try ends.add(blocks, bytes: 4096, seed: seed &+ blocks)
                blocks += 1
                if build == .broken { for disk in ends.disks { disk.skipSyncs() } }
                continue
            }
            sum.deliveries += 1
            let plain = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let dies = chance(15)
            if dies { ends.disks[sender].plan(stopAfter: Int(random.next() % 10)) }
            var input = MemoryInput(plain)
            var output = MemoryOutput()
            let isWrapped = (try? Wrapper(ends.stores[sender]).wrap(&input, to: &output)) != nil
            log.see(output.bytes, from: PadEnds.roles[sender])
            if dies {
                sum.crashes += 1
                try ends.crash(sender, loss())
            }
            if isWrapped, !chance(20) {
                let receiver = 1 - sender
                let isDying = chance(15)
                if isDying { ends.disks[receiver].plan(stopAfter: Int(random.next() % 8)) }
                for attempt in 0..<2 {
                    var wrapped = MemoryInput(output.bytes)
                    var result = MemoryOutput()
                    let isOpened = (try? Opener(ends.stores[receiver]).unwrap(&wrapped, to: &result)) != nil
                    if isOpened, result.bytes != plain { sum.wrong += 1 }
                    if isOpened, !opened.insert(output.bytes).inserted { sum.twice += 1 }
                    if isDying, attempt == 0 {
                        sum.crashes += 1
                        try ends.crash(receiver, loss())
                    }
                }
            }
            let end = Int(random.next() % 2)
            if chance(4) { backups[end] = ends.disks[end].crashed(.process) }
            if chance(4), let backup = backups[end] {
                // Something may have happened since; where nothing did, the backup is the pad.
                let isOld = backup.contents("journal") != ends.disks[end].contents("journal")
                guard isOld else { continue }
                sum.restored += 1
                if (try? ends.open(end, from: backup.crashed(.nothing))) != nil { sum.accepted += 1 }
            }
        }
        sum.reused = log.reused
        return sum
    }
}
