// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Quantization
import Synchronization
import Testing

@testable import Laboratory

@Suite struct SweepTests {
    static func row(
        _ snr: Double, _ bits: Double, feature: FeatureKind? = nil, quantizer: String = "mathur",
        seed: UInt64 = 1
    ) -> SweepRow {
        var point = SweepPoint()
        (point.snr, point.feature, point.quantizer, point.seed) = (snr, feature, quantizer, seed)
        var row = SweepRow(point: point)
        (row.pairs, row.bitsPerMinute, row.ceilingBitsPerMinute) = (100, bits, 10 * bits)
        (row.informationPerProbe, row.netKeyBits) = (2, 150)
        row.refused = "no \"key\", it says\nso"
        return row
    }

    static func file(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sweep-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func `a grid holds every combination once, and refuses what can't be run`() throws {
        var grid = SweepGrid()
        grid.snrs = [10, 20, 20]
        grid.riceFactors = [nil, 20]
        grid.seeds = [1, 2]
        let points = try grid.points()
        #expect(points.count == 8 && Set(points).count == 8)
        for change in [
            { $0.models = ["tgn-z"] }, { $0.bandwidths = ["30"] }, { $0.snrs = [.nan] },
            { $0.quantizers = ["x"] },
            { $0.seeds = Array(0...1_000_000) },
        ] as [(inout SweepGrid) -> Void] {
            var wrong = grid
            change(&wrong)
            let error = #expect(throws: QWaveError.self) { try wrong.points() }
            #expect(error?.code == .usage)
        }
    }

    @Test func `features multiply the points of sessions, not those of baselines`() throws {
        var grid = SweepGrid()
        grid.features = [nil, .amplitude, .scalar]
        grid.quantizers = ["quantile-helper", "mathur"]
        let points = try grid.points()
        #expect(
            points.filter { $0.quantizer == "quantile-helper" }.map(\.feature) == [nil, .amplitude, .scalar])
        #expect(points.filter { $0.quantizer == "mathur" }.map(\.feature) == [nil])
        var wrong = SweepPoint()
        (wrong.feature, wrong.quantizer) = (.amplitude, "mathur")
        let error = #expect(throws: QWaveError.self) { try wrong.parameters() }
        #expect(error?.code == .usage)
    }

    @Test func `a point's feature is what its session commissions`() async throws {
        let runner = SweepRunner()
        // Too short to make a key: each refusal is of the feature that was looked at.
        let words: [(FeatureKind, String?)] = [
            (.synchronized, "synchronization"), (.amplitude, "dependence"), (.scalar, nil),
        ]
        for (feature, word) in words {
            var point = SweepPoint()
            (point.model, point.duration, point.feature) = ("rayleigh", 24, feature)
            let row = try await runner.row(point)
            #expect(row.point.feature == feature && row.pairs == 1200 && row.netKeyBits == 0)
            let told = words.compactMap(\.1).filter { row.refused.contains($0) }
            #expect(told == [word].compactMap(\.self) && !row.refused.isEmpty, "\(row.refused)")
        }
    }

    @Test func `a row survives the table`() throws {
        var row = Self.row(12.5, 1234.5)
        row.point.riceFactor = 20
        row.point.spectrum = .bell
        row.point.feature = .synchronized
        let again = try #require(SweepRow(line: row.line))
        #expect(
            again.point == row.point && again.bitsPerMinute == 1234.5
                && again.refused == "no  key   it says so")
        #expect(again.point.values[8] == "synchronized" && SweepPoint.columns[8] == "feature")
        let chosen = Self.row(12.5, 1234.5)
        #expect(chosen.point.values[8] == "auto")
        #expect(SweepRow(line: chosen.line)?.point == chosen.point)
        #expect(SweepRow(line: chosen.line.replacing(",auto,", with: ",phase,")) == nil)
        #expect(SweepRow(line: "a,b") == nil)
        #expect(SweepRow(line: row.line + ",x") == nil)
        #expect(
            row.line.split(separator: ",", omittingEmptySubsequences: false).count == SweepRow.columns.count)
        #expect(row.number("snr") == 12.5 && row.number("model") == nil && row.number("k-factor") == 20)
    }

    @Test func `a table is gone on with, without the line that a killed run left half`() throws {
        try Self.file { path in
            do {
                let table = try SweepFile(path: path, software: "qwave 1")
                #expect(table.rows.isEmpty)
                try table.append(Self.row(10, 5))
                try table.append(Self.row(20, 6))
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            let lastLine = whole.dropLast().lastIndex(of: 0x0A)!
            for cut in lastLine + 1..<whole.count {
                try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
                do {
                    let table = try SweepFile(path: path, software: "qwave 1")
                    #expect(table.rows.map(\.point.snr) == [10])
                    try table.append(Self.row(20, 6))
                }
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
            }
            // Cut inside its head, it begins anew.
            try whole.prefix(20).write(to: URL(fileURLWithPath: path))
            #expect(try SweepFile(path: path, software: "qwave 1").rows.isEmpty)
        }
    }

    @Test func `a table of another kind is left alone`() throws {
        try Self.file { path in
            try Data("a,b\n1,2\n".utf8).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: QWaveError.self) { try SweepFile(path: path, software: "qwave 1") }
            #expect(error?.code == .badInput)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("a,b\n1,2\n".utf8))
            // The table as it was before features were a column.
            let old =
                "# qwave sweep, qwave 1, 3b1f0e6c7a9d2458\nmodel,bandwidth,spectrum,snr,speed,k-factor,rate,"
                + "duration,quantizer,seed\ntgn-d,20,clarke,20.0,1.0,none,50.0,600.0,asbg,1\n"
            try Data(old.utf8).write(to: URL(fileURLWithPath: path))
            let outdated = #expect(throws: QWaveError.self) {
                try SweepFile(path: path, software: "qwave 1")
            }
            #expect(outdated?.code == .badInput)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(old.utf8))
            try Data().write(to: URL(fileURLWithPath: path))
            _ = try SweepFile(path: path, software: "qwave 1")
            #expect(throws: QWaveError.self) { try SweepFile(path: path, software: "qwave 2") }
            try (Data(contentsOf: URL(fileURLWithPath: path)) + Data("damaged\n".utf8))
                .write(to: URL(fileURLWithPath: path))
            #expect(throws: QWaveError.self) { try SweepFile(path: path, software: "qwave 1") }
        }
    }

    @Test func `points run over several workers, each once, and refusals are rows too`() async throws {
        var grid = SweepGrid()
        grid.models = ["rayleigh"]
        grid.durations = [60]
        grid.speeds = [0, 1]
        grid.quantizers = ["mathur", "asbg"]
        grid.seeds = [3]
        var runner = SweepRunner()
        runner.workers = 3
        let rows = Mutex<[SweepRow]>([])
        let points = try grid.points()
        try await runner.run(points) { row in rows.withLock { $0.append(row) } }
        let done = rows.withLock { $0 }
        #expect(done.count == 4 && Set(done.map(\.point)) == Set(points))
        #expect(done.filter { $0.point.speed == 0 }.allSatisfy { $0.netKeyBits == 0 && !$0.refused.isEmpty })
        #expect(done.allSatisfy { $0.bitsPerMinute <= $0.ceilingBitsPerMinute })
        // What the caller throws ends the sweep.
        await #expect(throws: QWaveError.self) {
            try await runner.run(points) { _ in throw QWaveError(.storage, "full") }
        }
    }

    @Test func `a picture has a line for each combination, the mean over seeds, and the ceiling`() {
        let rows = [
            Self.row(10, 100), Self.row(20, 300), Self.row(20, 500, seed: 2),
            Self.row(10, 50, quantizer: "asbg"),
        ]
        let chart = SweepPlot(rows: rows, x: "snr").chart
        #expect(chart.lines.map(\.name) == ["mathur", "asbg", "ceiling"])
        #expect(chart.lines[0].points.map(\.x) == [10, 20] && chart.lines[0].points.map(\.y) == [100, 400])
        #expect(chart.lines[1].points.map(\.y) == [50])
        #expect(chart.lines[2].points.map(\.y) == [750, 4000])
        let share = SweepPlot(rows: rows, x: "snr", y: "key-over-information").chart
        #expect(share.lines.count == 2 && share.lines[0].points.map(\.y) == [0.75, 0.75])
        // A feature is a line of its own, under the ceiling of its channel.
        let features = SweepPlot(
            rows: [
                Self.row(10, 100, quantizer: "equiprobable"),
                Self.row(10, 300, feature: .synchronized, quantizer: "equiprobable"),
            ], x: "snr"
        ).chart
        #expect(features.lines.map(\.name) == ["feature auto", "synchronized", "ceiling"])
        #expect(SweepPlot(rows: rows, x: "snr").svg.hasPrefix("<svg"))
    }
}
