// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Secrecy
import Testing

/// Everything that must give 0 bits, each planted alone into inputs that give a key.
@Suite struct RefusalTests {
    static func refused(_ plant: (inout KeyLengthInputs) -> Void) -> Bool {
        var inputs = Example.inputs()
        plant(&inputs)
        let result = KeyLength.compute(inputs)
        return result.length == 0 && !result.refusals.isEmpty
    }

    @Test func `the inputs without a fault give a key`() {
        #expect(!Self.refused { _ in })
    }

    @Test func `missing terms refuse`() {
        #expect(Self.refused { $0.leakForward = nil })
        #expect(Self.refused { $0.leakBackward = nil })
        #expect(Self.refused { $0.verification = nil })
        #expect(Self.refused { $0.components = [] })
        #expect(Self.refused { $0.health = [] })
        #expect(Self.refused { $0.threatModel = ThreatModel() })
    }

    @Test(arguments: [Double.nan, -1, .infinity, -.infinity])
    func `terms that are no number of bits refuse`(value: Double) {
        #expect(Self.refused { $0.leakForward = value })
        #expect(Self.refused { $0.leakBackward = value })
        #expect(Self.refused { $0.verification = value })
        #expect(Self.refused { $0.outcome = value })
        #expect(Self.refused { $0.otherItems = [.init(name: "x", bits: value)] })
        #expect(Self.refused { $0.components[0].component.memoryCharge = value })
        #expect(Self.refused { $0.components[0].component.eveCharge = value })
        #expect(Self.refused { $0.components[0].component.deficit = value })
        #expect(Self.refused { $0.components[0].component.errorPatternCharge = value })
        #expect(Self.refused { $0.epsilons.smoothing = value })
        #expect(Self.refused { $0.epsilons.amplification = value })
        #expect(Self.refused { $0.epsilons.correctness = value })
    }

    @Test func `a failed health test or a refusal of the caller refuses`() {
        let failed = HealthResult(name: "alignment", passed: false, threshold: 0.3, localValue: 0.1)
        #expect(Self.refused { $0.health.append(failed) })
        #expect(Self.refused { $0.refusals = ["stop"] })
    }

    @Test func `a component that the past and Eve know refuses, even beside good ones`() {
        #expect(
            Self.refused {
                var known = Example.component(name: "known")
                known.memoryCharge = 3
                $0.components.append(.init(component: known, symbols: 1))
            })
    }

    @Test func `charges below what the stated correlations demand refuse`() {
        #expect(Self.refused { $0.components[0].component.memoryCorrelation = 0.9 })
        #expect(Self.refused { $0.components[0].component.memoryCorrelation = .nan })
        #expect(Self.refused { $0.components[0].component.eveCharge = 0.1 })
        #expect(Self.refused { $0.threatModel.lineOfSight = true })
        #expect(Self.refused { $0.components[0].component.correlationLowerBound = 0.995 })
        #expect(Self.refused { $0.components[0].component.correlation = 1.2 })
    }

    @Test func `the charge for Eve pays for no memory, unless her trace stands in the correlation`() {
        func lowered(_ inputs: inout KeyLengthInputs) {
            var component = Example.component(memory: 0.5)
            component.memoryCharge -= component.eveCharge
            inputs.components[0].component = component
        }
        #expect(!Self.refused { $0.components[0].component = Example.component(memory: 0.5) })
        #expect(Self.refused { lowered(&$0) })
        #expect(
            !Self.refused {
                lowered(&$0)
                $0.threatModel.eveTrace = true
            })
    }

    @Test func `a pre-shared key that is shorter than what it is said to do refuses`() {
        let rule = "hash key recycled, every tag masked with fresh bits"
        for (length, reuse, isRefused) in [
            (1, rule, true), (255, rule, true), (256, rule, false), (256, "once", true), (511, "once", true),
            (512, "once", false), (4096, rule, false), (0, "none", false),
        ] {
            let refused = Self.refused {
                $0.threatModel.preSharedKey = .init(source: "enrolled", length: length, reuseRule: reuse)
                $0.authenticationBits = 512
            }
            #expect(refused == isRefused, "\(length) \(reuse)")
        }
    }

    @Test func `an Eve trace replaces the assumed correlation, except for an Eve who is close`() {
        func measured(_ inputs: inout KeyLengthInputs) {
            inputs.components[0].component.eveCharge = 0
            inputs.threatModel.eveTrace = true
        }
        #expect(!Self.refused { measured(&$0) })
        #expect(
            Self.refused {
                measured(&$0)
                $0.threatModel.lineOfSight = true
            })
        #expect(
            Self.refused {
                measured(&$0)
                $0.threatModel.exclusionWavelengths = 0.1
            })
    }

    @Test func `senseless counts refuse and don't trap`() {
        #expect(Self.refused { $0.components[0].symbols = -5 })
        #expect(Self.refused { $0.components[0].symbols = .max })
        #expect(Self.refused { $0.components[0].component.bits = 0 })
        #expect(Self.refused { $0.components[0].component.bits = 77 })
        #expect(Self.refused { $0.epsilons.amplification = 0.9 })
        #expect(Self.refused { $0.authenticationBits = -1 })
    }

    @Test func `an exchange that spends more authentication than it makes is key exhaustion`() {
        #expect(Self.refused { $0.authenticationBits = 146_433 })
        #expect(!Self.refused { $0.authenticationBits = 512 })
    }
}
