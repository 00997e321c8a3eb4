// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import Laboratory
internal import QWaveCore
internal import Reconciliation

/// The cases that the options of `qwave bench reconcile` ask for.
struct BenchReconcilePlan {
    let command: BenchReconcileCommand

    init(_ command: BenchReconcileCommand) { self.command = command }

    func cases() throws -> [ReconcileCase] {
        let engines = try engines()
        let own = try ownKeys()
        var cases: [ReconcileCase] = []
        for engine in engines {
            for bits in try frameLengths(engine, own: own) {
                for keys in try sources(own) {
                    let batch = command.batch ?? (bits <= 4096 && own == nil ? 64 : 1)
                    let test = ReconcileCase(
                        engine: engine, frameBits: bits, keys: keys, framesPerBlock: batch,
                        frames: command.frames ?? Self.usualFrames(bits), seed: command.seed)
                    try test.validate()
                    cases.append(test)
                }
            }
        }
        return cases
    }

    private func engines() throws -> [any Reconciler] {
        var result: [any Reconciler] = []
        for name in command.protocol.split(separator: ",") {
            result += name == "all" ? Reconcilers.standard : [try Reconcilers.named(String(name))]
        }
        guard !result.isEmpty else { throw ValidationError("--protocol names no engine") }
        return result
    }

    private func frameLengths(_ engine: any Reconciler, own: OwnKeys?) throws -> [Int] {
        if let text = command.frame { return try NumberList.counts(text, option: "--frame") }
        if let own { return [own.first.count] }
        return Reconcilers.usualFrames(engine)
    }

    private func sources(_ own: OwnKeys?) throws -> [ReconcileCase.Keys] {
        let rates = try command.errorRate.map { try NumberList.rates($0, option: "--error-rate") }
        if let own {
            let measured =
                own.first.isEmpty || own.first.count != own.second.count
                ? 0 : Double(own.first.distance(to: own.second)) / Double(own.first.count)
            return (rates ?? [min(0.5, measured)]).map {
                .own(initiator: own.first, responder: own.second, errorRate: $0)
            }
        }
        let usual = [0.01, 0.02, 0.05, 0.11]
        guard let soft = command.soft else {
            return (rates ?? usual).map {
                .simulated(.binarySymmetric(errorRate: $0), estimate: command.estimate)
            }
        }
        if soft == "equivalent" {
            return (rates ?? [0.05, 0.1, 0.15, 0.2]).map {
                .simulated(.gaussianSign(errorRate: $0), estimate: command.estimate)
            }
        }
        guard rates == nil else {
            throw ValidationError(
                "an SNR decides the error rate: give --soft SNR or --error-rate, or --soft equivalent with rates"
            )
        }
        return try NumberList.numbers(soft, option: "--soft").map {
            .simulated(.gaussianSign(snr: $0), estimate: command.estimate)
        }
    }

    /// About a second's worth at 20 Mbit/s, and never less than a median needs.
    private static func usualFrames(_ bits: Int) -> Int { min(2048, max(5, 20_000_000 / max(1, bits))) }

    /// A user's own pair of keys.
    struct OwnKeys {
        var first: BitString
        var second: BitString
    }

    private func ownKeys() throws -> OwnKeys? {
        guard let alice = command.alice, let bob = command.bob else { return nil }
        let keys = OwnKeys(first: try KeyFile.read(alice), second: try KeyFile.read(bob))
        guard keys.first.count == keys.second.count else {
            throw QWaveError(
                .badInput,
                "\(alice) holds \(keys.first.count) bits and \(bob) \(keys.second.count); reconciliation needs two keys of one length"
            )
        }
        guard !keys.first.isEmpty else { throw QWaveError(.badInput, "\(alice) holds no bits") }
        return keys
    }
}
