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
        let own = try ownKeys()
        var cases: [ReconcileCase] = []
        for name in try names() {
            let engine = try Reconcilers.named(name)
            for bits in try frameLengths(name, own: own) {
                for keys in try sources(own) {
                    let test = ReconcileCase(
                        engine: framed(engine, bits), name: name, frameBits: bits, keys: keys,
                        framesPerBlock: batch(engine, bits, own: own),
                        frames: command.frames ?? Self.usualFrames(bits), seed: command.seed)
                    try test.validate()
                    cases.append(test)
                }
            }
        }
        return cases
    }

    private func names() throws -> [String] {
        let names = command.protocol.split(separator: ",").flatMap {
            $0 == "all" ? Reconcilers.families : [String($0)]
        }
        guard !names.isEmpty else { throw ValidationError("--protocol names no engine") }
        return names
    }

    /// A code frame is what the benchmark calls a frame, unless the engine's name says another length.
    private func framed(_ engine: any Reconciler, _ bits: Int) -> any Reconciler {
        guard var code = engine as? LDPC else { return engine }
        code.frameBits = min(code.frameBits ?? bits, bits)
        return code
    }

    /// Short code frames are decoded side by side, so they come in blocks.
    private func batch(_ engine: any Reconciler, _ bits: Int, own: OwnKeys?) -> Int {
        if let batch = command.batch { return batch }
        return engine is LDPC && bits <= 4096 && own == nil ? 64 : 1
    }

    private func frameLengths(_ name: String, own: OwnKeys?) throws -> [Int] {
        if let text = command.frame { return try NumberList.counts(text, option: "--frame") }
        if let own { return [own.first.count] }
        switch name {
        case "ldpc-short": return [256, 512, 1024, 4096]
        case "ldpc-long": return [16_384, 131_072]
        default: return [10_000, 100_000, 1_000_000]
        }
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
