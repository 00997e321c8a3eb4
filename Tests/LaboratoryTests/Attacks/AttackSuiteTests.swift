// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Laboratory

/// The adversary suite in its short form; the long one is `qwave attack --all --long`.
@Suite struct AttackSuiteTests {
    static let setting = AttackSetting(length: .quick, seed: 1)

    /// These measure the memory of the whole process, where other tests live beside them: `AttackCommandTests` gives
    /// each a process of its own.
    static let alone: Set = ["hostile-lengths", "half-open-links", "memory-disclosure"]

    @Test(arguments: AttackSuite.attacks.map(\.name).filter { !alone.contains($0) })
    func `the product holds and the known-bad build is caught`(name: String) async throws {
        let verdict = try await AttackSuite.run(try AttackSuite.named(name), Self.setting)
        #expect(verdict.result == .passed, "\(verdict.checks.filter { !$0.holds }) \(verdict.notes)")
        #expect(!verdict.checks.isEmpty && !verdict.caught.isEmpty)
    }

    @Test func `every attack says what it models, when it has failed, and how its control is broken`() {
        for attack in AttackSuite.attacks {
            for text in [attack.models, attack.criterion, attack.control] {
                #expect(text.count > 20 && text.hasSuffix("."), "\(attack.name): \(text)")
            }
            #expect(attack.name.allSatisfy { $0.isLowercase || $0 == "-" })
        }
        #expect(Set(AttackSuite.attacks.map(\.name)).count == AttackSuite.attacks.count)
        // Every row of the documentation's table has an attack.
        #expect(Set(AttackSuite.attacks.flatMap(\.rows)) == Set(1...23))
    }

    @Test func `an unknown name is a usage error that tells the names`() {
        let error = #expect(throws: QWaveError.self) { try AttackSuite.named("magic") }
        #expect(error?.code == .usage && error?.message.contains("frozen-channel") == true)
    }

    @Test(.enabled(if: PrivateData.hasCaptures, "no recorded captures: set QWAVE_CAPTURES"))
    func `trained attackers gain no more on recorded captures than was charged`() async throws {
        var setting = Self.setting
        setting.captures = PrivateData.captures
        let verdict = try await AttackSuite.run(TrainedAttacker(), setting)
        #expect(verdict.result == .passed, "\(verdict.checks.filter { !$0.holds })")
        #expect(verdict.notes.contains { $0.hasPrefix("recorded ") })
    }

    /// An attack whose criterion is what a test makes it.
    struct Planted: Attack {
        var name = "planted"
        var rows: [Int] = []
        var models = ""
        var criterion = ""
        var control = ""
        var values: [AttackedBuild: Double]

        func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
            var evidence = AttackEvidence()
            if let value = values[build] { evidence.atMost("value", value, 1) }
            return evidence
        }
    }

    @Test func `a criterion that the broken build passes breaks the suite, and nothing passes by silence`()
        async throws
    {
        let cases: [([AttackedBuild: Double], AttackVerdict.Result)] = [
            ([.product: 0, .broken: 2], .passed), ([.product: 2, .broken: 2], .failed),
            ([.product: 0, .broken: 1], .suiteBroken), ([.product: .nan, .broken: 2], .failed),
            ([.product: 0], .suiteBroken), ([.broken: 2], .failed),
        ]
        for (values, expected) in cases {
            let verdict = try await AttackSuite.run(Planted(values: values), Self.setting)
            #expect(verdict.result == expected, "\(values)")
        }
    }

    @Test func `a verdict's numbers survive JSON, also those that aren't finite`() throws {
        let checks = [1.5, .nan, -.infinity].map {
            AttackEvidence.Check(what: "x", value: $0, relation: .atMost, limit: 2)
        }
        let read = try JSONDecoder().decode(
            [AttackEvidence.Check].self, from: try JSONEncoder().encode(checks))
        #expect(read.map(\.holds) == [true, false, true])
        #expect(read[1].value.isNaN && read[2].value == -.infinity && read[0] == checks[0])
    }
}
