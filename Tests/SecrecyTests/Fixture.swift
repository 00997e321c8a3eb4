// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Secrecy

/// The worked example of the key-length formula: M = 3, ρ_E = 0.4, no memory, leak 1.05 × 0.49 bit per symbol.
enum Example {
    /// Every test that a key of one component "a" has passed.
    static let passed = health(["a"])

    static func component(bits: Int = 3, name: String = "a", memory: Double = 0) -> ComponentModel.Component {
        ComponentModel.Component(
            name: name, bits: bits, helperBits: 3, correlation: 0.99, correlationLowerBound: 0.98,
            memoryCorrelation: memory, memoryCharge: ConfidenceBound.charge(correlation: memory),
            eveCharge: ConfidenceBound.charge(correlation: 0.4), deficit: 0,
            errorPatternCharge: [0.002, 0.05, 0.27, 0.51][bits - 1],
            errorRates: [0.02, 0.04, 0.08], softEntropies: [0.1, 0.15, 0.25])
    }

    static func inputs(symbols: Int = 65_536, bits: Int = 3) -> KeyLengthInputs {
        let leak = 1.05 * 0.49 * Double(symbols)
        var inputs = KeyLengthInputs(
            components: [.init(component: component(bits: bits), symbols: symbols)], threatModel: .passive(),
            leakForward: leak, leakBackward: 0, verification: 64, health: passed)
        inputs.reconciliationItems = [
            .init(name: "syndrome forward", bits: leak), .init(name: "outcome backward", bits: 0),
        ]
        inputs.patternCoversBackward = false
        return inputs
    }

    static let digest = String(repeating: "0123456789abcdef", count: 4)

    static let context = Certificate.Context(
        block: "00/0", threatModelHash: digest, codeHash: "sha256:" + digest, configurationHash: digest,
        captures: ["alice", "bob"],
        software: ["qwave": "1.0", "source": "sha256:" + digest], time: "2026-01-01T00:00:00Z")

    /// The certificate of an exchange: with its length messages charged, as both ends agreed.
    static func certificate(
        _ inputs: KeyLengthInputs = inputs(), context: Certificate.Context = context
    ) -> Certificate {
        let agreed = LengthAgreement(role: .initiator, inputs: inputs).result
        return Certificate(result: agreed, inputs: inputs, context: context)
    }

    static func test(_ name: String) -> HealthResult {
        HealthResult(name: name, passed: true, threshold: 11, localValue: 3)
    }

    /// The tests that a key of these components has passed, as their names tell what they are made of: classes of one
    /// recorded value, synchronized blocks, or gains.
    static func health(_ names: [String]) -> [HealthResult] {
        let ofClasses = names.allSatisfy { $0.hasPrefix("class ") }
        let sources = ofClasses ? Array(names.prefix(1)) : names
        var tests = [
            "alignment at commissioning", "alignment lag", "coherence floor of the selection",
            "static channel: diffuse power", "static channel: predictability", "start-up length",
            "predictor", "repeated stretch", "jumps", "loud rounds",
        ]
        tests += names.map { "variance floor \($0)" }
        for kind in ["repetition count", "adaptive proportion"] {
            tests += names.map { ofClasses ? "\(kind), start-up, \($0)" : "\(kind), start-up" }
            tests += names.map { "\(kind), \($0)" }
        }
        tests += sources.prefix(8).map { "periodicity, \($0)" }
        let isSynchronized = names.allSatisfy { $0.hasPrefix("synchronized ") }
        if !isSynchronized { tests.append("predictor at commissioning") }
        if !ofClasses, !isSynchronized {
            tests += names.indices.map { "coherence floor of component \($0)" }
        }
        return tests.map(test)
    }
}
