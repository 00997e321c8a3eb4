// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Laboratory

/// What `qwave attack` tells at the end.
struct AttackReport: CommandResult {
    var attacks: [AttackVerdict]
    var passed: Bool

    init(_ verdicts: [AttackVerdict]) {
        attacks = verdicts
        passed = !verdicts.isEmpty && verdicts.allSatisfy { $0.result == .passed }
    }

    var text: String {
        let count = { (result: AttackVerdict.Result) in attacks.count { $0.result == result } }
        let broken = count(.suiteBroken)
        return "\(count(.passed)) of \(attacks.count) attacks passed"
            + (count(.failed) > 0 ? ", \(count(.failed)) FAILED" : "")
            + (broken > 0 ? ", \(broken) CONTROL\(broken > 1 ? "S" : "") NOT CAUGHT" : "")
    }

    /// One attack for a person: the tightest checks, and what the control failed.
    static func text(_ verdict: AttackVerdict) -> String {
        let name = verdict.name.padding(toLength: 20, withPad: " ", startingAt: 0)
        let word =
            switch verdict.result {
            case .passed: "passed"
            case .failed: "FAILED"
            case .suiteBroken: "CONTROL NOT CAUGHT"
            }
        let failed = verdict.checks.count { !$0.holds }
        var lines = [
            "\(name) \(word): \(verdict.checks.count - failed) of \(verdict.checks.count) checks hold, "
                + "known-bad build caught by \(verdict.caught.count), \(AttackPage.number(verdict.seconds)) s"
        ]
        lines += verdict.checks.map { "  \($0.holds ? " " : "!") \(line($0))" }
        lines += verdict.caught.prefix(3).map { "    known-bad: \(line($0))" }
        lines += verdict.notes.map { "    note: \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func line(_ check: AttackEvidence.Check) -> String {
        "\(check.what): \(AttackPage.number(check.value)) \(check.relation.rawValue) \(AttackPage.number(check.limit))"
    }
}
