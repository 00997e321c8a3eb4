// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Secrecy

/// The worked example of the key-length formula: M = 3, ρ_E = 0.4, no memory, leak 1.05 × 0.49 bit per symbol.
enum Example {
    static let passed = [HealthResult(name: "repetition count", passed: true, threshold: 11, localValue: 3)]

    static func component(bits: Int = 3, name: String = "a", memory: Double = 0) -> ComponentModel.Component {
        ComponentModel.Component(
            name: name, bits: bits, helperBits: 3, correlation: 0.99, correlationLowerBound: 0.98,
            memoryCorrelation: memory, memoryCharge: ConfidenceBound.charge(correlation: memory),
            eveCharge: ConfidenceBound.charge(correlation: 0.4), deficit: 0, errorPatternCharge: 0.16,
            errorRates: [0.02, 0.04, 0.08], softEntropies: [0.1, 0.15, 0.25])
    }

    static func inputs(symbols: Int = 65_536, bits: Int = 3) -> KeyLengthInputs {
        KeyLengthInputs(
            components: [.init(component: component(bits: bits), symbols: symbols)], threatModel: .passive(),
            leakForward: 1.05 * 0.49 * Double(symbols), leakBackward: 0, verification: 64, health: passed)
    }

    static let context = Certificate.Context(
        block: "00/0", threatModelHash: "aa", codeHash: "bb", configurationHash: "cc",
        captures: ["alice", "bob"],
        software: ["qwave": "1.0"], time: "2026-01-01T00:00:00Z")
}
