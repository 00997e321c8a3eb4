// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Reconciliation

/// An attacker who inverts chosen bits of reconciliation and verification, attempt after attempt, and learns from the
/// verdicts which of them tell most.
///
/// Each attempt meets a raw key of its own, as in the product, where a key that was refused is gone. What becomes of an
/// attempt tells at most its entropy given what the attacker did; he does again what had the most of it.
struct VerdictAttempts: Sendable {
    struct Sum: Sendable {
        var attempts = 0
        /// Ends that took unequal keys for equal.
        var unequal = 0
        /// Ends that gave a second verdict on one key.
        var again = 0
        /// Ends that gave up before there was a verdict.
        var aborted = 0
        var accepted = 0
        /// Entropy of what became of the attempts (accepted, refused, given up) given the tampering, bits: at the most
        /// what they told.
        var told = 0.0
    }

    /// What is inverted: a bit of somebody's message.
    private struct Arm: Sendable {
        var sender: Int
        /// Which of its messages; −1 is the verification's.
        var message: Int
        /// Bytes before the last one.
        var byte: Int
        var bit: UInt8
        /// An arm that inverts nothing.
        var isIdle = false
    }

    private struct Seen: Sendable {
        var arm: Int
        var isAccepted = false
        var isUnequal = false
        var isAgain = false
        var isAborted = false
    }

    let engine: any Reconciler
    static let keyBits = 256
    static let errorRate = 0.03
    static let rounds = 16
    /// Tries of one arm before the best are done again, where there are attempts enough for that.
    static let tries = 24

    /// - Parameter attempts: in all; a quarter of them tries everything alike.
    func run(_ attempts: Int, seed: UInt64) async throws -> Sum {
        var random = ExperimentGenerator(seed: seed)
        let arms = (0..<max(4, min(64, attempts / Self.tries))).map { index -> Arm in
            // Parities, syndromes and hashes stand at a message's end.
            Arm(
                sender: Int(random.next() % 2), message: Int(random.next() % 4) - 1,
                byte: Int(random.next() % (index % 4 == 0 ? 24 : 6)), bit: UInt8(random.next() % 8),
                isIdle: index == 0)
        }
        var tallies = [[Double]](repeating: [0, 0, 0], count: arms.count)
        var sum = Sum()
        for round in 0..<Self.rounds {
            let count = attempts / Self.rounds
            let best = tallies.indices.sorted { Self.entropy(tallies[$0]) > Self.entropy(tallies[$1]) }
            let chosen = (0..<count).map { index -> (Int, UInt64) in
                let isFree = round < Self.rounds / 4 || index % 4 == 0
                return (isFree ? (round * count + index) % arms.count : best[index % 4], random.next())
            }
            let seen = try await Parallel.reduce(chosen, into: [Seen]()) { arm, seed in
                [try attempt(arms[arm], number: arm, seed: seed)]
            } combine: {
                $0 += $1
            }
            for one in seen {
                sum.attempts += 1
                sum.unequal += one.isUnequal ? 1 : 0
                sum.again += one.isAgain ? 1 : 0
                sum.aborted += one.isAborted ? 1 : 0
                sum.accepted += one.isAccepted ? 1 : 0
                tallies[one.arm][one.isAccepted ? 0 : one.isAborted ? 1 : 2] += 1
            }
        }
        sum.told = tallies.reduce(0) { $0 + $1.reduce(0, +) * Self.entropy($1) }
        return sum
    }

    /// Of the shares, in bits an attempt.
    private static func entropy(_ tally: [Double]) -> Double {
        let count = tally.reduce(0, +)
        return tally.filter { $0 > 0 }.reduce(0) { $0 - $1 / count * log2($1 / count) }
    }

    private func attempt(_ arm: Arm, number: Int, seed: UInt64) throws -> Seen {
        let keys = KeyPair(
            bits: Self.keyBits, channel: .binarySymmetric(errorRate: Self.errorRate), seed: seed)
        var seen = Seen(arm: number)
        let ends: [CorrectedKey]
        do throws(QWaveError) {
            ends = try talk(
                [
                    try engine.initiator(keys.initiator, seed: seed &+ 1),
                    try engine.responder(keys.responder),
                ], arm, verifying: false
            ).results
        } catch {
            seen.isAborted = true
            return seen
        }
        guard ends.count == 2 else { return seen }
        do throws(QWaveError) {
            let verdict = try talk(
                [
                    VerificationInitiator(ends[0], hashKey: seed &+ 2)
                        as any ReconciliationMachine<ReconciledKey>,
                    VerificationResponder(ends[1]),
                ], arm, verifying: true)
            seen.isAccepted = verdict.results.count == 2
            seen.isUnequal = !verdict.results.isEmpty && ends[0].bits != ends[1].bits
            seen.isAgain = verdict.isAgain
        } catch { seen.isAborted = true }
        return seen
    }

    private struct Talk<Key: Sendable> {
        /// Of those ends that came to a key; the initiator's first.
        var results: [Key] = []
        var isAgain = false
    }

    /// Both ends' machines with the attacker between them.
    private func talk<Key: Sendable>(
        _ start: [any ReconciliationMachine<Key>], _ arm: Arm, verifying: Bool
    ) throws(QWaveError) -> Talk<Key> {
        var machines = start
        var talk = Talk<Key>()
        var keys: [Key?] = [nil, nil]
        var counts = [0, 0]
        var speaker = 0
        var action = machines[0].opening()
        while let current = action {
            if case .finish(_, .success(let key)) = current { keys[speaker] = key }
            guard let message = current.message else { break }
            var bytes = message.bytes
            let isMeant =
                !arm.isIdle && arm.sender == speaker && bytes.count > arm.byte
                && (verifying ? arm.message < 0 : arm.message == counts[speaker])
            if isMeant { bytes[bytes.count - 1 - arm.byte] ^= 1 << arm.bit }
            counts[speaker] += 1
            let listener = 1 - speaker
            action = try machines[listener].receive(bytes)
            if verifying, listener == 1, (try? machines[listener].receive(message.bytes)) != nil {
                talk.isAgain = true
            }
            speaker = listener
        }
        talk.results = keys.compactMap(\.self)
        return talk
    }
}
