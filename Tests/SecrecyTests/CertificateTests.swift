// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Secrecy
import TestSupport
import Testing

@Suite struct CertificateTests {
    static func make(_ inputs: KeyLengthInputs = Example.inputs()) -> Certificate {
        Example.certificate(inputs)
    }

    @Test func `a certificate adds up and survives its file, byte for byte`() throws {
        let certificate = Self.make()
        #expect(certificate.verifyArithmetic() == [])
        let json = try certificate.json()
        let back = try Certificate(json: json)
        #expect(back.verifyArithmetic() == [])
        #expect(try back.json() == json)
        #expect(back.length == 146_432)
        let keys = String(decoding: json, as: UTF8.self)
        #expect(keys.contains("\"assurance\" : \"model\""))
        #expect(keys.contains("\"injectionDetection\" : \"none: the probes carried no tag\""))
    }

    @Test func `a refused block has a certificate too, with its missing terms`() throws {
        var inputs = Example.inputs()
        inputs.leakForward = nil
        inputs.leakBackward = nil
        inputs.reconciliationItems = []
        let certificate = Self.make(inputs)
        #expect(certificate.length == 0 && certificate.claim == "no key")
        #expect(certificate.verifyArithmetic() == [])
        #expect(try Certificate(json: certificate.json()).terms.leakForward.isNaN)
    }

    @Test func `every altered number is noticed`() {
        let plants: [(inout Certificate) -> Void] = [
            { $0.length += 256 }, { $0.length = 100 }, { $0.ownLength += 256 }, { $0.modelBits = 150_000 },
            { $0.terms.entropy += 1 }, { $0.terms.symbols += 1 }, { $0.terms.finiteSizePenalty -= 1 },
            { $0.terms.leakReconciliation -= 1 }, { $0.terms.leakForward -= 1 },
            { $0.terms.errorPattern += 1 },
            { $0.terms.leakOther = 1 }, { $0.terms.verification = 0 }, { $0.terms.acceptFlag = 0 },
            { $0.terms.amplification = 0 }, { $0.terms.components[0].charge = 0 },
            { $0.terms.components[0].symbols *= 2 }, { $0.terms.components[0].eveCharge = 0 },
            { $0.epsilons.smoothing = 0x1p-20 }, { $0.epsilonTotal = 0 }, { $0.netLength += 1 },
            { $0.refusals = ["why"] }, { $0.health = [] }, { $0.context.codeHash = "" },
            { $0.assurance = "model+90B" }, { $0.authenticationBits = 1 }, { $0.assessedBits = 5 },
            { $0.health[0] = HealthResult(name: "a", passed: false, threshold: 1, localValue: 1) },
            { $0.terms.finiteSizeGroups = [] }, { $0.terms.renyi = nil },
            { $0.terms.renyi?.minEntropy += 1 }, { $0.terms.renyi?.order = 1 },
            { $0.terms.renyi?.penalty -= 1 }, { $0.terms.renyi?.entropies = [] },
            { $0.terms.mostConservativePenalty -= 1 }, { $0.version = 1 },
            { $0.threatModel.lineOfSight = true }, { $0.threatModel.eveAntennas = 4 },
            { $0.threatModel.injectedFraction = 0.1 }, { $0.threatModel.exclusionRadius = nil },
            {
                $0.terms.patternCoversBackward = false; $0.terms.leakRule = .errorPattern
            },
            { $0.claim = "unconditionally secure" }, { $0.laboratory = true }, { $0.context.time = "" },
            {
                $0.epsilons.correctness = -1; $0.epsilonTotal = $0.epsilons.total
            },
            { $0.terms.components[0].correlationLowerBound = 1 },
            { $0.terms.components[0].memoryCorrelation = 0.9 }, { $0.terms.components[0].h90B = 2 },
        ]
        for (index, plant) in plants.enumerated() {
            var certificate = Self.make()
            plant(&certificate)
            #expect(!certificate.verifyArithmetic().isEmpty, "alteration \(index)")
        }
    }

    /// Changes that a forger makes consistently, so that every sum is right.
    @Test func `costs that are negative are no costs, however well they add up`() {
        func lengthen(_ c: inout Certificate, by bits: Int) {
            c.modelBits = c.modelBits.map { $0 + bits }
            c.ownLength = (c.modelBits ?? 0) / 256 * 256
            c.length = c.ownLength
            c.netLength = c.length
        }
        let plants: [(inout Certificate) -> Void] = [
            { c in
                c.terms.otherItems = [.init(name: "list", bits: 5000), .init(name: "gift", bits: -5000)]
            },
            { c in
                c.terms.components[0].memoryCharge = -1
                c.terms.components[0].charge -= 1
                c.terms.entropy += 65_536
                lengthen(&c, by: 65_536)
            },
            { c in
                c.terms.verification = -2560
                lengthen(&c, by: 2624)
            },
            { c in
                c.authenticationBits = -256
                c.netLength = c.length + 256
            },
        ]
        for (index, plant) in plants.enumerated() {
            var certificate = Self.make()
            plant(&certificate)
            #expect(!certificate.verifyArithmetic().isEmpty, "forgery \(index)")
        }
    }

    @Test func `an assessed entropy adds up from its own values, and no other value does`() throws {
        for rule in EntropyRule.allCases {
            var inputs = Example.inputs()
            inputs.entropyRule = rule
            inputs.components[0].assessment = .init(assessed: 2.2, control: 2.6, symbols: 1_000_000)
            let certificate = Self.make(inputs)
            #expect(certificate.verifyArithmetic() == [])
            #expect(certificate.assurance == "model+90B")
            #expect(certificate.notes.contains { $0.contains("ratio: gate, not bound") })
            let back = try Certificate(json: certificate.json())
            #expect(back.assessments["a"]?.control == 2.6 && back.verifyArithmetic() == [])
            let plants: [(inout Certificate) -> Void] = [
                { $0.assessments["a"]?.assessed = 2.3 }, { $0.assessments = [:] },
                { $0.assessments["a"]?.symbols = 999_999 }, { $0.notes = [] },
                { $0.terms.entropyRule = rule == .ratio ? .strict : .ratio },
                { $0.terms.components[0].h90B = 2.9 }, { $0.terms.components[0].assessedEveCharge = 0 },
                { $0.assessedBits = nil }, { $0.assurance = "model" },
            ]
            for (index, plant) in plants.enumerated() {
                var changed = certificate
                plant(&changed)
                #expect(!changed.verifyArithmetic().isEmpty, "\(rule) \(index)")
            }
        }
    }

    @Test func `the claim never says more than the threat model allows`() {
        var inputs = Example.inputs()
        #expect(!Self.make(inputs).claim.contains("information"))
        #expect(Self.make(inputs).claim.contains("passive"))
        inputs.threatModel.preSharedKey = .init(source: "enrolled", length: 4096, reuseRule: "once")
        #expect(Self.make(inputs).claim.contains("key expansion"))
        inputs.threatModel.computingPower = .bounded
        #expect(Self.make(inputs).claim == "computationally secret")
        var context = Example.context
        context.simulated = true
        let simulated = Certificate(result: KeyLength.compute(inputs), inputs: inputs, context: context)
        #expect(simulated.laboratory && simulated.claim.contains("simulated"))
    }

    @Test func `no statistic of keyed samples stands in a certificate`() throws {
        var inputs = Example.inputs()
        inputs.health = [
            HealthResult(name: "mismatch ceiling", passed: true, threshold: 0.5, localValue: 0.40625)
        ]
        let text = String(decoding: try Self.make(inputs).json(), as: UTF8.self)
        #expect(!text.contains("0.40625"))
        #expect(!text.contains("localValue"))
    }

    @Test func `foreign bytes are an error and senseless numbers never trap`() throws {
        #expect(throws: QWaveError.self) { try Certificate(json: Array("[]".utf8)) }
        var text = String(decoding: try Self.make().json(), as: UTF8.self)
        text = text.replacingOccurrences(of: ": 65536", with: ": 9223372036854775807")
        text = text.replacingOccurrences(of: "\"bits\" : 3", with: "\"bits\" : -9223372036854775808")
        #expect(!(try Certificate(json: Array(text.utf8))).verifyArithmetic().isEmpty)
    }
}
