// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Secrecy
import TestSupport
import Testing

@Suite struct CertificateTests {
    static func make(_ inputs: KeyLengthInputs = Example.inputs()) -> Certificate {
        Certificate(result: KeyLength.compute(inputs), inputs: inputs, context: Example.context)
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
            { $0.terms.finiteSizeGroups = [] },
        ]
        for (index, plant) in plants.enumerated() {
            var certificate = Self.make()
            plant(&certificate)
            #expect(!certificate.verifyArithmetic().isEmpty, "alteration \(index)")
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
