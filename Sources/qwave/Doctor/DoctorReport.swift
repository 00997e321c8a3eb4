// SPDX-License-Identifier: GPL-3.0-or-later
internal import Radio

/// One thing that was looked at.
struct Finding: Encodable, Sendable {
    enum Verdict: String, Encodable, Sendable {
        case good, warning, failure
    }

    /// One word, stable for programs.
    var check: String
    var verdict: Verdict
    /// What was found.
    var detail: String
    /// What to do about it, where there is something to do.
    var advice: String?

    init(_ check: String, _ verdict: Verdict, _ detail: String, advice: String? = nil) {
        self.check = check
        self.verdict = verdict
        self.detail = detail
        self.advice = advice
    }
}

/// All findings about one machine.
struct DoctorReport: CommandResult, Sendable {
    var version: String
    var findings: [Finding]
    /// True when no check failed.
    var healthy: Bool

    init(_ findings: [Finding]) {
        version = Version.text
        self.findings = findings
        healthy = !findings.contains { $0.verdict == .failure }
    }

    var text: String {
        let width = findings.map(\.check.count).max() ?? 0
        let lines = findings.map { finding in
            let mark =
                switch finding.verdict {
                case .good: "ok     "
                case .warning: "warning"
                case .failure: "FAILED "
                }
            let name = finding.check.padding(toLength: width)
            return "\(mark)  \(name)  \(finding.detail)" + (finding.advice.map { "; \($0)" } ?? "")
        }
        let verdict =
            healthy ? "qwave can work here." : "qwave can't work here until the failures are mended."
        return (lines + [verdict]).joined(separator: "\n")
    }

    /// Looks at everything, in a fixed order.
    ///
    /// - Parameter radio: one to open and try, besides what is looked at anyway.
    static func examine(
        padFolder: String, radio: String? = nil, settings: RadioSettings = RadioSettings()
    ) async -> DoctorReport {
        var findings = [
            MachineChecks.processor(),
            MachineChecks.randomness(),
            MachineChecks.transforms(),
            MachineChecks.clock(),
            StorageChecks.durability(in: padFolder),
            StorageChecks.freeSpace(in: padFolder),
            await NetworkChecks.loopback(),
            RadioChecks.library(),
            RadioChecks.devices(),
            RadioChecks.permission(),
            RadioChecks.buffers(),
            RadioChecks.priority(),
        ]
        if let radio { findings += await RadioTrial.run(radio, settings) }
        return DoctorReport(findings)
    }
}

extension String {
    /// The text with blanks behind it, `length` characters at least.
    func padding(toLength length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}
