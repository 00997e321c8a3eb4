// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Laboratory

/// The health tests on live fading and on planted failures; the long form is `qwave bench health`.
@Suite struct HealthBenchmarkTests {
    private static var benchmark: HealthBenchmark {
        var benchmark = HealthBenchmark()
        benchmark.seed = 11
        benchmark.windowsPerChannel = 20
        return benchmark
    }

    @Test func `live fading raises no alarm, and every test was asked`() throws {
        let rows = try Self.benchmark.alarms(windows: 20)
        for row in rows { #expect(row.alarms == 0, "\(row.channel): \(row.test)") }
        for channel in HealthScene.Channel.allCases {
            let asked = Set(rows.filter { $0.channel == channel.rawValue && $0.windows > 0 }.map(\.test))
            for test in [
                "alignment at commissioning", "alignment lag", "coherence floor", "variance floor",
                "static channel: diffuse power", "static channel: predictability", "start-up length",
                "start-up, RCT and APT", "repetition count", "adaptive proportion", "predictor",
                "periodicity",
                "repeated stretch", "jumps", "mismatch ceiling",
            ] {
                #expect(asked.contains(test), "\(channel): \(test)")
            }
        }
    }

    @Test
    func `every planted failure but a weak line is found, the ones in the block after a clean commissioning`()
        throws
    {
        for row in try Self.benchmark.detections(runs: 2) where row.fault != .lineInBlock {
            #expect(row.detected == row.runs, "\(row.channel): \(row.fault)")
            // Who fails from the beginning is refused before anything is keyed.
            if row.fault.isInCommissioning { #expect(row.by["mismatch ceiling"] == nil) }
        }
    }

    @Test func `an alarm or a missed failure breaks the limit`() {
        var result = HealthBenchmark.Result()
        result.alarms = [.init(channel: "a", test: HealthBenchmark.anyKeyed, windows: 100_000, alarms: 10)]
        #expect(result.holds(limit: 1e-4))
        result.alarms[0].alarms = 11
        #expect(!result.holds(limit: 1e-4))
        result.alarms = []
        result.detections = [.init(channel: "a", fault: .lineInBlock, runs: 10, detected: 3, by: [:])]
        #expect(result.holds(limit: 0))
        result.detections.append(.init(channel: "a", fault: .loud, runs: 10, detected: 9, by: [:]))
        #expect(!result.holds(limit: 0))
    }
}
