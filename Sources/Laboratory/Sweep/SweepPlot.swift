// SPDX-License-Identifier: GPL-3.0-or-later

/// A sweep as a picture: one column over another, a line for each combination of the others, the mean over seeds.
public struct SweepPlot: Sendable {
    let rows: [SweepRow]
    let x: String
    let y: String
    let title: String

    /// - Parameters:
    ///   - x: a column of numbers of a point.
    ///   - y: a column of numbers of a row; the ceiling is drawn beside bits a minute.
    public init(rows: [SweepRow], x: String, y: String = "bits-per-minute", title: String = "Key rate") {
        self.rows = rows
        self.x = x
        self.y = y
        self.title = title
    }

    /// Units of the axes.
    private static let units = [
        "snr": "SNR, dB", "speed": "speed, m/s", "k-factor": "K, dB", "rate": "probe pairs/s",
        "duration": "block, s",
        "bits-per-minute": "net bit/min", "published-bits-per-minute": "bit/min as published",
        "key-over-information": "net key / information",
    ]

    /// The picture, one SVG document.
    public var svg: String { LineChart.page([chart]) }

    var chart: LineChart {
        var chart = LineChart(title: title, x: Self.units[x] ?? x, y: Self.units[y] ?? y)
        let names = SweepPoint.columns.indices.filter { index in
            let column = SweepPoint.columns[index]
            return column != x && column != "seed" && Set(rows.map { $0.point.values[index] }).count > 1
        }
        func name(_ row: SweepRow, without hidden: Set<String> = []) -> String {
            let parts = names.filter { !hidden.contains(SweepPoint.columns[$0]) }.map { index in
                let column = SweepPoint.columns[index]
                let value = row.point.values[index]
                let isName =
                    ["model", "quantizer", "spectrum"].contains(column)
                    || column == "feature" && value != SweepPoint.chosenFeature
                return isName ? value : "\(column) \(value)"
            }
            return parts.joined(separator: ", ")
        }
        var order: [String] = []
        for row in rows where !order.contains(name(row)) { order.append(name(row)) }
        for line in order {
            chart.lines.append(
                .init(line.isEmpty ? "QWave" : line, Self.means(rows.filter { name($0) == line }, x, value)))
        }
        guard y == "bits-per-minute" else { return chart }
        // The channel's ceiling doesn't depend on who makes a key of it, nor of what.
        let makers: Set = ["feature", "quantizer"]
        var channels: [String] = []
        for row in rows {
            let channel = name(row, without: makers)
            guard !channels.contains(channel) else { continue }
            channels.append(channel)
            let same = rows.filter { name($0, without: makers) == channel }
            chart.lines.append(
                .init(
                    "ceiling" + (channel.isEmpty ? "" : ", \(channel)"),
                    Self.means(same, x) { $0.ceilingBitsPerMinute }, isLimit: true))
        }
        return chart
    }

    private func value(_ row: SweepRow) -> Double? {
        guard y == "key-over-information" else { return row.number(y) }
        let information = row.informationPerProbe * Double(row.pairs)
        return information > 0 ? Double(row.netKeyBits) / information : nil
    }

    private static func means(
        _ rows: [SweepRow], _ x: String, _ value: (SweepRow) -> Double?
    ) -> [(Double, Double)] {
        var sums: [Double: (sum: Double, count: Int)] = [:]
        for row in rows {
            guard let place = row.number(x), let value = value(row), value.isFinite else { continue }
            sums[place, default: (0, 0)].sum += value
            sums[place, default: (0, 0)].count += 1
        }
        return sums.map { ($0.key, $0.value.sum / Double($0.value.count)) }.sorted { $0.0 < $1.0 }
    }
}
