// SPDX-License-Identifier: GPL-3.0-or-later
internal import Pairing
public import QWaveCore
internal import Secrecy

/// How often each health test alarms on live fading, and how often the tests notice what goes wrong.
public struct HealthBenchmark: Sendable {
    /// One test's alarms on one channel.
    public struct AlarmRow: Sendable, Codable {
        public var channel: String
        public var test: String
        /// Windows, or commissionings for a test on published samples.
        public var windows: Int
        public var alarms: Int
    }

    /// What became of one model of failure on one channel.
    public struct DetectionRow: Sendable, Codable {
        public var channel: String
        public var fault: HealthFault
        public var runs: Int
        /// Runs in which no key could have been made: an alarm, nothing worth keying, or nothing keyed in the window.
        public var detected: Int
        /// How many of them each test alarmed in; what isn't a test stands beside them.
        public var by: [String: Int]
    }

    public struct Result: Sendable, Codable {
        public var alarms: [AlarmRow] = []
        public var detections: [DetectionRow] = []

        public init() {}

        /// Whether no channel alarmed in a larger share of its windows, and every failure was found in 49 of 50 runs; a weak line
        /// is below what one window shows.
        public func holds(limit: Double) -> Bool {
            alarms.allSatisfy { row in
                row.test != HealthBenchmark.anyKeyed || Double(row.alarms) <= limit * Double(row.windows)
            } && detections.allSatisfy { $0.fault == .lineInBlock || 50 * $0.detected >= 49 * $0.runs }
        }
    }

    static let anyKeyed = "any test on keyed samples"

    /// Rows of a window.
    public var window = 1024
    /// Rows that commission.
    public var commissioned = 4096
    /// Windows of one realization of a channel.
    public var windowsPerChannel = 50
    public var seed: UInt64 = 1

    public init() {}

    /// One candidate plan: the tests are asked, not the choice of components.
    static func options(_ channel: HealthScene.Channel?) -> ExchangeOptions {
        var options = ExchangeOptions.scene(bits: 2)
        options.commissioning = 0.5
        options.stride = channel?.stride ?? 1
        return options
    }

    /// What a test is called without the component that it looked at.
    static func kind(_ name: String) -> String {
        for kind in [
            "coherence floor", "variance floor", "periodicity", "predictor", "start-up length", "trained Eve",
        ] where name.hasPrefix(kind) { return kind }
        if name.contains(", start-up") { return "start-up, RCT and APT" }
        return name.split(separator: ",").first.map(String.init) ?? name
    }

    /// Alarms on simulated live channels.
    ///
    /// - Parameter windows: of each channel.
    public func alarms(windows: Int, progress: (Double) -> Void = { _ in }) throws -> [AlarmRow] {
        var rows: [AlarmRow] = []
        let channels = HealthScene.Channel.allCases
        for (place, channel) in channels.enumerated() {
            var counts = Counts()
            let realizations = max(1, (windows + windowsPerChannel - 1) / windowsPerChannel)
            for realization in 0..<realizations {
                try Task.checkCancellation()
                let scene = HealthScene(
                    channel, commissioned: commissioned * channel.stride,
                    keyed: window * windowsPerChannel * channel.stride,
                    seed: seed &+ UInt64(realization) &* 7919 &+ UInt64(place) &* 104_729)
                let (alice, bob) = scene.traces()
                try count(alice, bob, Self.options(channel), &counts)
                progress(
                    (Double(place) + Double(realization) / Double(realizations)) / Double(channels.count))
            }
            rows += counts.rows(channel.rawValue)
        }
        return rows
    }

    /// Alarms on a recorded live channel: the first `commissioned` rows commission, the rest are windows.
    public func alarms(_ alice: ChannelTrace, _ bob: ChannelTrace, name: String) throws -> [AlarmRow] {
        var counts = Counts()
        try count(alice, bob, Self.options(nil), &counts)
        return counts.rows(name)
    }

    private struct Counts {
        var tests: [String: (runs: Int, alarms: Int)] = [:]

        mutating func add(_ results: [HealthResult], _ whole: String) {
            let kinds = Dictionary(grouping: results) { HealthBenchmark.kind($0.name) }
            for (kind, results) in kinds {
                tests[kind, default: (0, 0)].runs += 1
                if results.contains(where: { !$0.passed }) { tests[kind, default: (0, 0)].alarms += 1 }
            }
            tests[whole, default: (0, 0)].runs += 1
            if results.contains(where: { !$0.passed }) { tests[whole, default: (0, 0)].alarms += 1 }
        }

        func rows(_ channel: String) -> [AlarmRow] {
            tests.keys.sorted().map { test in
                let (runs, alarms) = tests[test] ?? (0, 0)
                return AlarmRow(channel: channel, test: test, windows: runs, alarms: alarms)
            }
        }
    }

    private func count(
        _ alice: ChannelTrace, _ bob: ChannelTrace, _ options: ExchangeOptions, _ counts: inout Counts
    ) throws {
        let monitor = try HealthMonitor(
            initiator: alice, responder: bob, options: options,
            commissioned: commissioned * (options.stride ?? 1))
        counts.add(monitor.commissioning, "any test on published samples")
        guard monitor.obstacle == nil else { return }
        var start = monitor.rows.lowerBound
        while start + window <= monitor.rows.upperBound {
            let found = monitor.run(start..<start + window)
            if found.symbols == 0 {
                counts.tests["nothing keyed in the window", default: (0, 0)].runs += 1
            } else {
                counts.add(found.tests, Self.anyKeyed)
            }
            start += window
        }
    }

    /// Detection of every model of failure on every channel, one window after commissioning.
    public func detections(runs: Int, progress: (Double) -> Void = { _ in }) throws -> [DetectionRow] {
        var rows: [DetectionRow] = []
        let cases = HealthScene.Channel.allCases.flatMap { channel in
            HealthFault.allCases.map { (channel, $0) }
        }
        for (place, (channel, fault)) in cases.enumerated() {
            var row = DetectionRow(channel: channel.rawValue, fault: fault, runs: runs, detected: 0, by: [:])
            for run in 0..<runs {
                try Task.checkCancellation()
                let number = seed &+ UInt64(run) &* 15_485_863
                let scene = fault.planted(
                    in: HealthScene(
                        channel, commissioned: commissioned * channel.stride, keyed: window * channel.stride,
                        seed: number), seed: number)
                let (alice, bob) = scene.traces()
                let monitor = try HealthMonitor(
                    initiator: alice, responder: bob, options: Self.options(channel),
                    commissioned: commissioned * channel.stride)
                var failed = monitor.commissioning.filter { !$0.passed }
                var isKeyed = false
                if monitor.obstacle != nil {
                    row.by["nothing worth keying", default: 0] += 1
                } else {
                    let found = monitor.run(monitor.rows)
                    isKeyed = found.symbols > 0
                    if !isKeyed { row.by["nothing keyed in the window", default: 0] += 1 }
                    failed += found.tests.filter { !$0.passed }
                }
                for kind in Set(failed.map { Self.kind($0.name) }) { row.by[kind, default: 0] += 1 }
                if !failed.isEmpty || !isKeyed { row.detected += 1 }
            }
            rows.append(row)
            progress(Double(place + 1) / Double(cases.count))
        }
        return rows
    }
}
