// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Laboratory

/// The rows as one JSON object.
struct BenchEstimateResult: Encodable {
    var rows: [EstimateRow]
    var seed: UInt64
}

/// The characteristic's rows as one JSON object.
struct BenchROCResult: Encodable {
    var rows: [ROCRow]
    var seed: UInt64
}

/// The benchmark's rows for a person.
enum BenchEstimateTable {
    static let header =
        "waveform  channel   SNR  limit stride  found    wrong  offset Hz  gains dB  /bound  false/ms <  Msample/s"

    private static func number(_ value: Double?, _ format: String, _ width: Int) -> String {
        let text = value.map { String(format: format, $0) } ?? "-"
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    static func header(_ row: ROCRow) -> String {
        "waveform  channel limit candidates/ms  false  false/ms <"
            + row.snr.map { number($0, "%.0f dB", 9) }.joined() + "    wrong  Msample/s"
    }

    static func line(_ row: ROCRow) -> String {
        row.waveform.padding(toLength: 10, withPad: " ", startingAt: 0)
            + row.channel.padding(toLength: 7, withPad: " ", startingAt: 0)
            + number(Double(row.threshold), "%.3f", 6) + number(row.candidatesPerMillisecond, "%.2e", 14)
            + number(Double(row.falseAlarms), "%.0f", 7)
            + number(row.falseAlarmsPerMillisecondBound, "%.1e", 12)
            + row.detectionProbability.map { number($0, "%.4f", 9) }.joined()
            + number(Double(row.wrongFrames), "%.0f", 9) + number(row.megasamplesPerSecond, "%.0f", 11)
    }

    static func line(_ row: EstimateRow) -> String {
        return row.waveform.padding(toLength: 10, withPad: " ", startingAt: 0)
            + row.channel.padding(toLength: 6, withPad: " ", startingAt: 0)
            + number(row.snr, "%.1f", 7) + number(Double(row.threshold), "%.3f", 7)
            + number(Double(row.stride), "%.0f", 7) + number(row.detectionProbability, "%.4f", 9)
            + number(Double(row.wrongFrames), "%.0f", 7) + number(row.carrierError, "%.0f", 11)
            + number(row.gainError, "%.2f", 10) + number(row.gainErrorOverBound, "%.3f", 8)
            + number(row.falseAlarmsPerMillisecondBound, "%.1e", 12)
            + number(row.megasamplesPerSecond, "%.0f", 11)
    }
}
