// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Laboratory

/// What `qwave replay --baseline` reports: a paper's count beside ours.
struct BaselineResult: CommandResult {
    var report: BaselineReport

    func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

    var text: String {
        let (theirs, ours) = (report.published, report.accounted)
        func percent(_ value: Double) -> String { String(format: "%.2f %%", 100 * value) }
        func minute(_ value: Double?) -> String { value.map { ", \(Int($0)) bit/min" } ?? "" }
        func row(_ name: String, _ bits: Double) -> String {
            let number = String(Int(bits.rounded()))
            return "  " + name.padding(toLength: 34)
                + String(repeating: " ", count: max(0, 10 - number.count)) + number
        }
        var lines = [
            "baseline    \(report.baseline.rawValue): \(report.paper)", "            \(report.summary)",
            "pairs       \(report.pairs), \(report.commissioned) published",
            "as published (every quantized bit counts)",
            row("bits", Double(theirs.bits)) + "  disagreement \(percent(theirs.disagreement))"
                + minute(theirs.bitsPerMinute),
            "as QWave counts (every \(ours.sampleStride). sample"
                + (ours.toneStride > 1 ? ", every \(ours.toneStride). tone" : "")
                + ": what leaves the most)", row("entropy of \(ours.bits) bits", ours.entropy),
            row("- past (memory, dependence)", -ours.memoryCharge),
            row("- Eve\(report.eveMeasured ? ", as measured" : ", assumed 0.4")", -ours.eveCharge),
            row("- finite size", -ours.finiteSize), row("- reconciliation, forward", -ours.leakForward),
            row("- reconciliation, backward", -ours.leakBackward),
            row("- verification, accept, hashing", -ours.overhead),
            row("= secret, in whole 256 bits", Double(ours.secretBits)),
            row("  net of authentication", Double(ours.netBits)) + minute(ours.bitsPerMinute),
        ]
        lines += ours.refused.map { "  - \($0)" }
        if report.simulated { lines.insert("SIMULATED CHANNEL.", at: 0) }
        return lines.joined(separator: "\n")
    }
}
