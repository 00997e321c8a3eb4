// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Laboratory

/// The report of a run of the suite, as a page of the documentation.
struct AttackPage {
    let text: String

    init(_ verdicts: [AttackVerdict], seed: UInt64, length: AttackSetting.Length, hasCaptures: Bool) {
        let passed = verdicts.count { $0.result == .passed }
        let seconds = verdicts.reduce(0) { $0 + $1.seconds }
        var lines = [
            "# Attack report", "",
            "Written by `Scripts/attack-report`; what the attacks do and must hold: [attacks.md](attacks.md).",
            "",
            "\(passed) of \(verdicts.count) attacks passed: the product holds, and the known-bad build is caught. "
                + "Length `\(length.rawValue)`, seed \(seed), recorded captures \(hasCaptures ? "included" : "not at hand"), "
                + "\(Self.machine), \(Date.now.formatted(.iso8601.year().month().day())), "
                + "\(Int(seconds)) s by the clock.", "",
            "\"0 of N\" proves a rate below the limit beside it, at 99 % (Clopper and Pearson: 1 − 0.01^(1/N), about "
                + "4.61/N), and no more than that.", "",
            "| rows | attack | result | checks that hold | failed by the known-bad build | seconds |",
            "|---|---|---|---|---|---|",
        ]
        for verdict in verdicts {
            let holding = verdict.checks.count(where: \.holds)
            lines.append(
                "| \(verdict.rows.map(String.init).joined(separator: ", ")) | `\(verdict.name)` "
                    + "| \(verdict.result.rawValue) | \(holding) of \(verdict.checks.count) | \(verdict.caught.count) "
                    + "| \(Int(verdict.seconds.rounded(.up))) |")
        }
        for verdict in verdicts { lines += Self.section(verdict) }
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ verdict: AttackVerdict) -> [String] {
        var lines = ["", "## \(verdict.name)", ""]
        lines += ["| check | value | must be | N | rate below (99 %) |", "|---|---|---|---|---|"]
        for check in verdict.checks {
            let limit = check.trials.map { $0 > 0 && check.value == 0 ? 1 - pow(0.01, 1 / Double($0)) : .nan }
            lines.append(
                "| \(check.holds ? "" : "**FAILED** ")\(check.what) | \(number(check.value)) "
                    + "| \(check.relation.rawValue) \(number(check.limit)) | \(check.trials.map(String.init) ?? "") "
                    + "| \(limit.map { $0.isNaN ? "" : String(format: "%.2g", $0) } ?? "") |")
        }
        if let caught = verdict.caught.first {
            lines += ["", "Known-bad build: \(caught.what), \(number(caught.value))."]
        }
        if !verdict.notes.isEmpty { lines += [""] + verdict.notes.map { "- \($0)" } }
        return lines
    }

    static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return String(format: "%.4g", value)
    }

    /// Processor and cores, where the system tells.
    private static var machine: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        return "\(name ?? "unknown processor"), \(cores) cores"
    }
}
