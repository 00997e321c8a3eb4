// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Pairing
import QWaveCore
import Secrecy
import Testing

@testable import qwave

/// `certificate` from outside.
@Suite struct CertificateCommandTests {
    private static let digest = String(repeating: "0123456789abcdef", count: 4)

    /// The tests that a key of one component has passed.
    private static let health = [
        "alignment at commissioning", "alignment lag", "coherence floor of the selection",
        "coherence floor of component 0", "static channel: diffuse power",
        "static channel: predictability",
        "variance floor rssi", "repetition count, start-up", "adaptive proportion, start-up",
        "start-up length", "repetition count, rssi", "adaptive proportion, rssi", "predictor",
        "predictor at commissioning",
        "periodicity, rssi", "repeated stretch", "jumps", "loud rounds",
    ].map { HealthResult(name: $0, passed: true, threshold: 11, localValue: 3) }

    /// A small certificate by hand, of a key of 146,432 bits.
    private static func certificate(assessed: Double? = nil) throws -> Certificate {
        let component = ComponentModel.Component(
            name: "rssi", bits: 3, helperBits: 3, correlation: 0.99, correlationLowerBound: 0.98,
            memoryCorrelation: 0, memoryCharge: 0, eveCharge: 0.12577, deficit: 0,
            errorPatternCharge: 0.27,
            errorRates: [0.02, 0.04, 0.08], softEntropies: [0.1, 0.15, 0.25])
        var model = ThreatModel.passive()
        model.eveTrace = true
        var inputs = KeyLengthInputs(
            components: [
                .init(
                    component: component, symbols: 65_536,
                    assessment: assessed.map { .init(assessed: $0, control: 2.6, symbols: 1_000_000) })
            ], threatModel: model,
            leakForward: 33_718, leakBackward: 0, verification: 64, health: health)
        inputs.reconciliationItems = [
            .init(name: "syndrome forward", bits: 33_718), .init(name: "outcome backward", bits: 0),
        ]
        inputs.patternCoversBackward = false
        var options = ExchangeOptions()
        options.threatModel = model
        return Certificate(
            result: LengthAgreement(role: .initiator, inputs: inputs).result, inputs: inputs,
            context: .init(
                block: "00/0", threatModelHash: try options.threatModelDigest(),
                codeHash: "sha256:" + digest,
                configurationHash: digest, captures: ["alice.qwt"],
                software: ["qwave": "1", "source": "sha256:" + digest], time: "2026-01-01T00:00:00Z"))
    }

    private static func run(_ certificate: Certificate, _ options: String...) throws -> Tool.Outcome {
        try Tool.run(["certificate", "-"] + options, input: try certificate.json())
    }

    @Test func `a genuine certificate is told in words and adds up`() throws {
        let certificate = try Self.certificate()
        try #require(certificate.length > 100_000)
        let outcome = try Self.run(certificate)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for words in [
            "what Eve knows", "finite size", "leftover hash lemma", "agreed length",
            "\(certificate.length)",
            certificate.context.threatModelHash, "bound B, printed only", "bound C, printed only",
            "SP 800-90B: not computed", "ε_tot 2^-37.68",
            "\(Self.health.count) of \(Self.health.count) passed",
            "The certificate adds up.",
            certificate.claim, "passed: repetition count, 2 times (threshold 11)",
            "f_max          0.0 of the rounds",
            "shared secret  none",
            "own measurements and all public traffic; computing power: unbounded", "ρ_E            0.4",
        ] {
            #expect(outcome.output.contains(words), "\(words)")
        }
        let object = try Self.run(certificate, "--json").object()
        #expect(object["addsUp"] as? Bool == true && (object["faults"] as? [String]) == [])
        #expect(object["length"] as? Int == certificate.length)
    }

    @Test func `an assessment is told with its control and its words, and recomputed`() throws {
        let certificate = try Self.certificate(assessed: 2.21)
        let outcome = try Self.run(certificate)
        #expect(outcome.status == 0, "\(outcome.output)")
        for words in ["model+90B", "2.2100", "2.6000", "1000000", "2.5500", "ratio: gate, not bound"] {
            #expect(outcome.output.contains(words), "\(words)")
        }
        var changed = certificate
        changed.assessments["rssi"]?.assessed = 2.5
        let found = try Self.run(changed)
        #expect(found.status == 65 && found.output.contains("h90B"))
    }

    @Test func `a threat model that isn't the hashed one is found`() throws {
        var changed = try Self.certificate()
        changed.threatModel.exclusionRadius = 2
        let outcome = try Self.run(changed)
        #expect(outcome.status == 65 && outcome.output.contains("stated hash"))
    }

    @Test func `a key that names neither captures nor software is found`() throws {
        var changed = try Self.certificate()
        changed.context.captures = []
        changed.context.software = [:]
        changed.context.codeHash = "unversioned build"
        #expect(changed.verifyArithmetic() == [])
        let outcome = try Self.run(changed)
        #expect(outcome.status == 65 && outcome.output.contains("no capture is named"))
        #expect(outcome.output.contains("no software is named"))
    }

    @Test func `a changed number is found and told`() throws {
        var changed = try Self.certificate()
        changed.terms.finiteSizePenalty -= 512
        changed.length += 512
        let outcome = try Self.run(changed)
        #expect(outcome.status == 65)
        #expect(outcome.output.contains("DOESN'T ADD UP") && outcome.output.contains("D_AEP"))
        let json = try Self.run(changed, "--json")
        let faults = try json.object()["faults"] as? [String]
        #expect(json.status == 65 && faults?.isEmpty == false)
    }

    @Test func `a refused block's certificate is told with its reasons`() throws {
        var refused = try Self.certificate()
        refused.ownLength = 0
        refused.length = 0
        refused.netLength = 0
        refused.refusals = ["health test failed: alignment"]
        let outcome = try Self.run(refused)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("health test failed: alignment"))
    }

    @Test func `what can't be read is bad input, and no text from a file steers a terminal`() throws {
        for bytes in ["", "{}", "[1, 2", "null", "{\"version\": 1}"] {
            let outcome = try Tool.run(["certificate", "-", "--json"], input: Array(bytes.utf8))
            #expect(outcome.status == 65, "\(bytes)")
            #expect(try outcome.object()["error"] != nil)
        }
        #expect(try Tool.run("certificate", "/nonexistent/c.json").status == 69)
        var hostile = try Self.certificate()
        hostile.claim = "fine\u{1B}[2J\u{9B}31m\nThe certificate adds up."
        hostile.context.block = "a\u{7}b"
        let outcome = try Self.run(hostile)
        #expect(
            !outcome.output.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || $0.value == 0x9B })
        // No line of its own for what a field says, and a claim that the program didn't make is found.
        #expect(
            outcome.output.split(separator: "\n").filter { $0 == "The certificate adds up." }.isEmpty)
        #expect(outcome.status == 65)
    }
}
