// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy
internal import Statistics

/// Somebody who walks through the path in step, so that both ends' signals follow a pattern that he knows.
struct BlockedPath: Attack {
    let name = "blocked-path"
    let rows = [4]
    let models =
        "The path is blocked periodically by 10 dB (period 4 to 48 probes), during the whole capture or from the "
        + "moment when commissioning is over; what is left of the fading lies far below. On a recorded walk a quarter of "
        + "the fading is left, under a block of one standard deviation either way."
    let criterion = "0 key bits in every run."
    let control = "The health tests on keyed samples aren't looked at."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let periods = setting.pick([4, 12, 48], [4, 8, 12, 16, 24, 48], [4, 6, 8, 12, 16, 24, 32, 48])
        let count = setting.pick(8000, 12_000, 24_000)
        let runs = setting.pick(1, 2, 20)
        for (index, period) in periods.enumerated() {
            for whole in [true, false] {
                var bits = 0
                var reason = ""
                for run in 0..<runs {
                    var scene = ScalarScene(count: count, seed: setting.seed(100 * run + index))
                    let start = whole ? 0 : ExchangeOptions.scene().commissionedPairs(of: count)
                    scene.shape { row, fading in
                        guard row >= start else { return fading }
                        return 0.25 * fading + (row / (period / 2) % 2 == 0 ? 1 : -1)
                    }
                    let exchange = try await AttackedExchange.run(
                        scene, options: .scene(bits: 1), seed: setting.seed(index))
                    bits += exchange.keyBits
                    if build == .broken { bits += exchange.keyBits(ignoring: ["health test failed"]) }
                    reason = exchange.reason
                }
                let at = "period \(period), \(whole ? "always" : "after commissioning")"
                evidence.equal("key bits, \(at), \(runs) runs", bits, 0)
                evidence.note("\(at): \(reason)")
            }
            setting.progress(Double(index + 1) / Double(periods.count))
        }
        try await recorded(build, setting, periods, into: &evidence)
        return evidence
    }

    /// A recorded pair of moving radios, whose path somebody blocks: a quarter of its own fading is left.
    private func recorded(
        _ build: AttackedBuild, _ setting: AttackSetting, _ periods: [Int],
        into evidence: inout AttackEvidence
    ) async throws {
        guard
            let pair = try RecordedPair.read("skyglow-mobile", limit: 24_000, setting, into: &evidence)
        else { return }
        let options = ExchangeOptions.scene(bits: 2)
        let alone = try await AttackedExchange.run(
            pair.alice, pair.bob, options: options, seed: setting.seed(1))
        evidence.atLeast("key bits, recorded walk left alone", Double(alone.keyBits), 256)
        for period in periods {
            for whole in [true, false] {
                let start = whole ? 0 : options.commissionedPairs(of: pair.alice.count)
                let traces = [pair.alice, pair.bob].map { trace in
                    let values = (0..<trace.count).map { Double(trace.gains(at: $0).first?.re ?? 0) }
                    let mean = Float(Series.mean(values))
                    let spread = Float(Series.variance(values).squareRoot())
                    return RecordedPair.changed(trace) { row, value in
                        guard row >= start else { return value }
                        return mean + 0.25 * (value - mean)
                            + (row / (period / 2) % 2 == 0 ? spread : -spread)
                    }
                }
                let exchange = try await AttackedExchange.run(
                    traces[0], traces[1], options: options, seed: setting.seed(period))
                var bits = exchange.keyBits
                if build == .broken { bits += exchange.keyBits(ignoring: ["health test failed"]) }
                let at = "recorded walk, period \(period), \(whole ? "always" : "after commissioning")"
                evidence.equal("key bits, \(at)", bits, 0)
                evidence.note("\(at): \(exchange.reason)")
            }
        }
    }
}
