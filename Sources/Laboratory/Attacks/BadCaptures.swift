// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
internal import QWaveCore
internal import Quantization

/// Captures with values that are no measurements.
struct BadCaptures: Attack {
    let name = "bad-captures"
    let rows = [18]
    let models =
        "One end's capture holds NaN, infinities, numbers of absurd size, another shape, one repeated value, or times "
        + "and sequence numbers that jump, repeat or run backward; and a recorded capture in which a value is none."
    let criterion =
        "No key where a value is no measurement, and never unequal keys; disorder in times and numbers ends in an error, "
        + "a refusal or equal keys."
    let control = "A reader that repairs what it can't use: the last good value takes a bad one's place."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let scene = ScalarScene(count: 8000, seed: setting.seed(0))
        let options = ExchangeOptions.scene(bits: 1)
        let values: [(String, Float)] = [
            ("NaN", .nan), ("+∞", .infinity), ("−∞", -.infinity), ("10³⁰", 1e30),
            ("−10²⁰", -1e20),
        ]
        let places = setting.pick(
            [100, 4000], [0, 100, 1599, 1600, 4000, 7999], [0, 100, 1599, 1600, 4000, 7999])
        for (what, value) in values {
            var bits = 0
            for place in places {
                for end in 0..<2 {
                    var traces = [scene.aliceTrace, scene.bobTrace]
                    traces[end] = Self.changed(traces[end]) { row, snapshot in
                        guard row == place, build == .product else { return }
                        snapshot.gains = [IQ(value, 0)]
                    }
                    bits += try await AttackedExchange.run(
                        traces[0], traces[1], options: options, seed: setting.seed(place)
                    ).keyBits
                }
            }
            evidence.equal("key bits, one value of \(what)", bits, 0)
        }
        try await recorded(build, setting, values, into: &evidence)
        guard build == .product else { return evidence }
        let disorders: [(String, (Int, inout Snapshot) -> Void)] = [
            (
                "a second antenna in one snapshot",
                { row, snapshot in
                    guard row == 3000 else { return }
                    snapshot.shape = SnapshotShape(receiveAntennas: 2)
                    snapshot.gains = [snapshot.gains[0], snapshot.gains[0]]
                }
            ),
            ("one value for ever", { _, snapshot in snapshot.gains = [IQ(-50, 0)] }),
            (
                "times that jump back",
                { row, snapshot in
                    snapshot.sequence = nil
                    snapshot.time = Double(row % 1000)
                }
            ),
            (
                "times that aren't numbers",
                { row, snapshot in
                    snapshot.sequence = nil
                    if row % 7 == 0 { snapshot.time = .infinity }
                }
            ),
            ("numbers that repeat", { row, snapshot in snapshot.sequence = UInt64(row / 3) }),
            ("numbers that run backward", { row, snapshot in snapshot.sequence = UInt64(8000 - row) }),
        ]
        for (what, change) in disorders {
            for end in 0..<2 {
                var traces = [scene.aliceTrace, scene.bobTrace]
                traces[end] = Self.changed(traces[end], change)
                let exchange = try await AttackedExchange.run(
                    traces[0], traces[1], options: options, seed: setting.seed(end))
                let keys = [exchange.initiator?.key?.bits, exchange.responder?.key?.bits]
                evidence.equal("unequal keys, \(what)", keys[0] == keys[1] ? 0 : 1, 0)
            }
        }
        return evidence
    }

    /// A recorded walk with one bad value, in the part that commissions or in the one that is keyed.
    private func recorded(
        _ build: AttackedBuild, _ setting: AttackSetting, _ values: [(String, Float)],
        into evidence: inout AttackEvidence
    ) async throws {
        guard
            let pair = try RecordedPair.read("skyglow-mobile", limit: 24_000, setting, into: &evidence)
        else { return }
        let alone = try await AttackedExchange.run(
            pair.alice, pair.bob, options: .scene(bits: 2), seed: setting.seed(100))
        evidence.atLeast("key bits, recorded walk left alone", Double(alone.keyBits), 256)
        for (what, value) in values {
            var bits = 0
            for place in [100, pair.alice.count - 1000] {
                for end in 0..<2 {
                    var traces = [pair.alice, pair.bob]
                    traces[end] = RecordedPair.changed(traces[end]) { row, old in
                        row == place && build == .product ? value : old
                    }
                    bits += try await AttackedExchange.run(
                        traces[0], traces[1], options: .scene(bits: 2), seed: setting.seed(place)
                    ).keyBits
                }
            }
            evidence.equal("key bits, recorded walk, one value of \(what)", bits, 0)
        }
    }

    private static func changed(
        _ trace: ChannelTrace, _ change: (Int, inout Snapshot) -> Void
    ) -> ChannelTrace {
        var result = ChannelTrace(description: trace.description)
        for row in 0..<trace.count {
            var snapshot = trace[row]
            change(row, &snapshot)
            result.append(snapshot)
        }
        return result
    }
}
