// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Synchronization

/// A system whose random generator fails, once or for good.
struct NoRandomness: Attack {
    let name = "no-randomness"
    let rows = [19]
    let models = "The operating system's generator fails at the first, second, … draw of either end."
    let criterion =
        "Neither end spends a block in any of the cases; what the end throws says that there is no randomness."
    let control = "A source that falls back to zeros where the generator fails."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let captures = WiredPair.captures(setting)
        let options = [WiredPair.options, WiredPair.options]
        // How many draws an undisturbed connection takes.
        let healthy = [FailingSource(after: .max, seed: 1), FailingSource(after: .max, seed: 2)]
        let pair = try WiredPair(captures, options: options, seed: 6)
        _ = await pair.connect(randoms: healthy)
        evidence.equal("blocks delivered with a working generator", pair.delivered.both, 1)
        var spent = 0
        var silent = 0
        let draws = healthy.map(\.draws)
        for end in 0..<2 {
            for draw in 0..<draws[end] {
                let sources = (0..<2).map { place in
                    FailingSource(
                        after: place == end ? draw : .max, seed: UInt64(place + 1),
                        fallsBack: build == .broken)
                }
                let pair = try WiredPair(captures, options: options, seed: 6)
                let ending = await pair.connect(randoms: sources)
                spent += pair.delivered.both + pair.delivered.one
                if ending.errors[end]?.code != .noRandomness { silent += 1 }
            }
        }
        evidence.note("\(draws[0]) draws at the initiator, \(draws[1]) at the responder")
        evidence.equal("blocks spent after a failed draw", spent, 0)
        evidence.equal("failures that were thrown as something else", silent, 0)
        return evidence
    }
}

/// A generator that works for some draws and then never again.
private final class FailingSource: RandomSource {
    private let after: Int
    private let fallsBack: Bool
    private let source: ExperimentSource
    private let count = Mutex(0)

    init(after: Int, seed: UInt64, fallsBack: Bool = false) {
        self.after = after
        self.fallsBack = fallsBack
        source = ExperimentSource(seed: seed)
    }

    var draws: Int { count.withLock { $0 } }

    func bytes(_ wanted: Int) throws(QWaveError) -> [UInt8] {
        let draw = count.withLock { count in
            defer { count += 1 }
            return count
        }
        if draw < after { return try source.bytes(wanted) }
        guard fallsBack else { throw QWaveError(.noRandomness, "the planted generator fails") }
        return [UInt8](repeating: 0, count: wanted)
    }
}
