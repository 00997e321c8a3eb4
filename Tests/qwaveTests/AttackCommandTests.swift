// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Laboratory
import Testing

@testable import qwave

/// `attack` from outside.
@Suite struct AttackCommandTests {
    @Test func `the list tells every attack, its criterion and its control`() throws {
        let listed = try Tool.run("attack", "--list", "--json")
        #expect(listed.status == 0)
        let attacks = try #require(try listed.object()["attacks"] as? [[String: Any]])
        #expect(attacks.compactMap { $0["name"] as? String } == AttackSuite.attacks.map(\.name))
        #expect(
            attacks.allSatisfy { attack in
                ["name", "models", "criterion", "control"].allSatisfy {
                    (attack[$0] as? String)?.isEmpty == false
                } && attack.count == 5
            })
        #expect(Set(attacks.flatMap { $0["rows"] as? [Int] ?? [] }) == Set(1...23))
        let text = try Tool.run("attack", "--list").output
        #expect(AttackSuite.attacks.allSatisfy { text.contains($0.name) && text.contains($0.criterion) })
    }

    /// They look at the memory of their process, and want it for themselves.
    @Test(arguments: ["hostile-lengths", "half-open-links", "memory-disclosure"])
    func `attacks on a process hold, and their known-bad builds are caught`(name: String) throws {
        let run = try Tool.run("attack", name, "--quick", "--json")
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        let attacks = try #require(try run.object()["attacks"] as? [[String: Any]])
        #expect(attacks.count == 1 && attacks[0]["result"] as? String == "passed")
        #expect((attacks[0]["caught"] as? [Any])?.isEmpty == false)
    }

    @Test func `named attacks run in the order given, and their numbers follow from the seed`() throws {
        let arguments = [
            "attack", "certificate-faults", "hash-collisions", "--quick", "--seed", "5", "--json",
        ]
        let runs = try (0..<2).map { _ in try Tool.run(arguments) }
        for run in runs { #expect(run.status == 0, "\(run.errors)") }
        let reports = try runs.map { try $0.object() }
        for report in reports {
            #expect(report["passed"] as? Bool == true)
            let attacks = try #require(report["attacks"] as? [[String: Any]])
            #expect(
                attacks.compactMap { $0["name"] as? String } == ["certificate-faults", "hash-collisions"])
            for attack in attacks {
                #expect(attack["result"] as? String == "passed" && attack["seed"] as? Int == 5)
                #expect((attack["caught"] as? [Any])?.isEmpty == false)
            }
        }
        let checks = try reports.map { report in
            try (report["attacks"] as? [[String: Any]] ?? []).map {
                try JSONSerialization.data(withJSONObject: $0["checks"] ?? [], options: .sortedKeys)
            }
        }
        #expect(checks[0] == checks[1] && checks[0].count == 2)
    }

    @Test func `an unknown attack, no attack, or two lengths are usage errors`() throws {
        for arguments in [
            ["attack"], ["attack", "magic"], ["attack", "--all", "--list"],
            ["attack", "--all", "parity-leak"],
            ["attack", "--all", "--quick", "--long"], ["attack", "--all", "--captures", "/nowhere"],
        ] {
            #expect(try Tool.run(arguments).status == 64, "\(arguments)")
        }
    }

    @Test
    func `a failed attack and a control that wasn't caught are told, and nothing passes by being empty`()
        async throws
    {
        var verdicts: [AttackVerdict] = []
        for result in [AttackVerdict.Result.passed, .failed, .suiteBroken] {
            var verdict = try await AttackSuite.run(Silent(), AttackSetting())
            verdict.result = result
            verdicts.append(verdict)
        }
        #expect(!AttackReport([]).passed)
        let mixed = AttackReport(verdicts)
        #expect(!mixed.passed)
        #expect(mixed.text == "1 of 3 attacks passed, 1 FAILED, 1 CONTROL NOT CAUGHT")
        #expect(AttackReport.text(mixed.attacks[2]).contains("CONTROL NOT CAUGHT"))
    }
}

/// An attack that checks nothing.
private struct Silent: Attack {
    let name = "silent"
    let rows: [Int] = []
    let models = ""
    let criterion = ""
    let control = ""

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        AttackEvidence()
    }
}
