// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Laboratory

/// The benchmark's rows for a person.
enum BenchReconcileTable {
    static let header = line([
        "protocol", "bits", "error", "soft", "frames", "Mbit/s", "f", "limit", "leak/bit", "back/bit",
        "rounds", "99 %", "wire/leak", "FER", "undet.",
    ])

    static func line(_ row: ReconcileRow) -> String {
        let bits = Double(row.frameBits)
        return line([
            row.protocol, "\(row.frameBits)", number(row.errorRate, 4), row.soft ? "yes" : "no",
            "\(row.frames)", number(row.megabitsPerSecond, row.megabitsPerSecond < 10 ? 2 : 1),
            row.efficiency.map { number($0, 4) } ?? "-",
            row.finiteLengthEfficiency.map { number($0, 3) } ?? "-", number(row.leakForward / bits, 4),
            number(row.leakBackward / bits, 4), "\(row.rounds)", "\(row.rounds99)",
            row.leakForward > 0 ? number(row.publicBits / row.leakForward, 2) : "-",
            row.frameErrorRate == 0 ? "0" : String(format: "%.1e", row.frameErrorRate),
            "\(row.undetectedFailures)",
        ])
    }

    private static func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private static func line(_ cells: [String]) -> String {
        let widths = [22, 8, 7, 5, 7, 8, 7, 6, 8, 8, 6, 5, 9, 8, 6]
        return zip(cells, widths).enumerated().map { index, pair in
            let padding = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
            return index == 0 ? pair.0 + padding : padding + pair.0
        }.joined(separator: " ")
    }
}
