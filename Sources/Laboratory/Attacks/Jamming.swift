// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// Sabotage without a plan: whatever can happen to a message happens.
struct Jamming: Attack {
    let name = "jamming"
    let rows = [7]
    let models =
        "Messages of five connections in a row are damaged, cut short, doubled or cut off at random, over one enrolled "
        + "secret and one pair of pads; then two connections are left alone."
    let criterion =
        "No two keys differ, no end waits for ever, and a pair of pads that is left alone settles all that was uncertain "
        + "and delivers, at the second connection at the latest."
    let control = "The stages are composed without transcript and checkpoints, and damage is as frequent."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        // The known-bad composition is quick, and its keys differ only where the seed is hit.
        let runs = build == .product ? setting.pick(12, 100, 2000) : 1000
        var unequal = 0
        var hung = 0
        var delivered = 0
        var unsettled = 0
        var attempts = 0
        let captures = WiredPair.captures(setting)
        for run in 0..<runs {
            let rule = Self.rule(seed: setting.seed(run))
            if build == .broken {
                let ends = await BareExchange.run(
                    BareExchange.keys(setting.seed(run)), over: Wire(rule), seed: UInt64(run))
                if let a = ends[0], let b = ends[1], a != b { unequal += 1 }
                continue
            }
            let connections = 7
            let pair = try WiredPair(
                captures, options: [WiredPair.options, WiredPair.options], seed: setting.seed(run),
                connections: 4 * connections)
            for connection in 0..<connections {
                let wire = connection + 2 >= connections ? Wire() : Wire(rule)
                let ending = await pair.connect(over: wire, seed: setting.seed(10_000 * run + connection))
                hung += ending.hung ? 1 : 0
                attempts += 1
            }
            let result = pair.delivered
            unequal += result.unequal
            delivered += result.both > 0 ? 1 : 0
            unsettled += result.one
            setting.progress(Double(run + 1) / Double(runs))
        }
        evidence.none(
            "unequal keys, \(max(attempts, runs)) connections", unequal, of: max(attempts, runs))
        guard build == .product else { return evidence }
        evidence.equal("ends that waited for ever", hung, 0)
        evidence.equal("pairs of pads that delivered when left alone", delivered, runs)
        evidence.equal("blocks that only one end would spend, when left alone", unsettled, 0)
        return evidence
    }

    /// One message in fifteen has an accident.
    private static func rule(seed: UInt64) -> Wire.Rule {
        let state = Shared(ExperimentGenerator(seed: seed))
        return { message in
            let draw = state.next()
            var bytes = message.bytes
            guard draw.uniform < 1.0 / 15, !bytes.isEmpty else { return [bytes] }
            switch draw.bits % 5 {
            case 0: return nil
            case 1: return [bytes, bytes]
            case 2: return [Array(bytes.dropLast(1 + Int(draw.bits >> 8) % bytes.count))]
            default:
                bytes[Int(draw.bits >> 8) % bytes.count] ^= 1 << UInt8(draw.bits >> 40 & 7)
                return [bytes]
            }
        }
    }

    private final class Shared: Sendable {
        private let generator: Mutex<ExperimentGenerator>
        init(_ generator: ExperimentGenerator) { self.generator = Mutex(generator) }
        func next() -> (uniform: Double, bits: UInt64) {
            generator.withLock { ($0.uniform(), $0.next()) }
        }
    }
}
