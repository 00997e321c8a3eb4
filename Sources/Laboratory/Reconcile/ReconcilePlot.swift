// SPDX-License-Identifier: GPL-3.0-or-later

/// Efficiency and throughput over the error rate, as a picture.
public struct ReconcilePlot: Sendable {
    let rows: [ReconcileRow]
    let channels: [KeyChannel]

    /// - Parameter channels: of each row, for the limits.
    public init(rows: [ReconcileRow], channels: [KeyChannel]) {
        precondition(rows.count == channels.count, "a channel for each row")
        self.rows = rows
        self.channels = channels
    }

    /// The picture, one SVG document.
    public var svg: String {
        let rates = rows.map { 100 * $0.errorRate }
        var efficiency = LineChart(
            title: "Efficiency", x: "disagreement, %", y: "f: forward leak / Shannon limit")
        efficiency.lines.append(.init("Shannon limit", [], isLimit: true, level: 1))
        for bits in Set(rows.map(\.frameBits)).sorted() {
            for isSoft in [false, true]
            where rows.contains(where: { $0.frameBits == bits && $0.soft == isSoft }) {
                efficiency.lines.append(
                    .init(
                        "one message, \(bits) bits, FER 0.001\(isSoft ? ", soft" : "")",
                        limit(bits, isSoft, rates), isLimit: true))
            }
        }
        var throughput = LineChart(
            title: "Throughput", x: "disagreement, %", y: "Mbit/s, both ends, one thread")
        throughput.isLogarithmic = true
        var names: [String] = []
        for row in rows where !names.contains(Self.name(row)) { names.append(Self.name(row)) }
        for name in names {
            let own = rows.filter { Self.name($0) == name }.sorted { $0.errorRate < $1.errorRate }
            efficiency.lines.append(
                .init(name, own.compactMap { row in row.efficiency.map { (100 * row.errorRate, $0) } }))
            throughput.lines.append(.init(name, own.map { (100 * $0.errorRate, $0.megabitsPerSecond) }))
        }
        return LineChart.page([efficiency, throughput])
    }

    private static func name(_ row: ReconcileRow) -> String {
        "\(row.protocol), \(row.frameBits) bits\(row.soft ? ", soft" : "")"
    }

    private func limit(_ bits: Int, _ isSoft: Bool, _ rates: [Double]) -> [(Double, Double)] {
        guard let low = rates.filter({ $0 > 0 }).min(), let high = rates.max() else { return [] }
        let steps = high > low ? 24 : 0
        return (0...steps).compactMap { step in
            let rate = low + (high - low) * Double(step) / Double(max(1, steps))
            let channel: KeyChannel =
                isSoft ? .gaussianSign(errorRate: rate / 100) : .binarySymmetric(errorRate: rate / 100)
            return FiniteLengthLimit.efficiency(bits: bits, channel: channel, failure: 1e-3).map {
                (rate, $0)
            }
        }
    }
}
