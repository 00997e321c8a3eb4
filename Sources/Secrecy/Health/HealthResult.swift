// SPDX-License-Identifier: GPL-3.0-or-later

/// What a health test found: passed or failed, and against which threshold.
///
/// The measured value is a statistic, maybe of keyed samples, so it never leaves its end: it has no coded form
/// and no description. Only `localValue` shows it, for a file that stays here (mode 0600).
public struct HealthResult: Sendable, Hashable, Codable, CustomStringConvertible, CustomReflectable {
    public let name: String
    public let passed: Bool
    /// From the commissioned model alone. NaN where none could be computed, which fails.
    public let threshold: Double
    /// What was measured; nil after decoding.
    public let localValue: Double?

    private enum CodingKeys: String, CodingKey { case name, passed, threshold }

    public init(name: String, passed: Bool, threshold: Double, localValue: Double) {
        self.name = name
        self.passed = passed && threshold.isFinite && localValue.isFinite
        self.threshold = threshold
        self.localValue = localValue
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        passed = try container.decode(Bool.self, forKey: .passed)
        threshold = try container.decode(Double.self, forKey: .threshold)
        localValue = nil
    }

    /// A failure without a value: the test couldn't be run.
    static func failure(_ name: String, threshold: Double = .nan) -> HealthResult {
        HealthResult(name: name, passed: false, threshold: threshold, localValue: .nan)
    }

    public var description: String { "\(name): \(passed ? "pass" : "fail") (threshold \(threshold))" }
    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "passed": passed, "threshold": threshold])
    }
}

/// A memory for failures: one failed test refuses every block until somebody commissions anew or says so.
public struct HealthState: Sendable, Hashable, Codable {
    /// The tests that have failed since the last reset.
    public private(set) var failures: [HealthResult] = []

    public init() {}

    public var isHealthy: Bool { failures.isEmpty }

    /// Remembers what failed.
    public mutating func absorb(_ results: [HealthResult]) {
        for result in results where !result.passed && !failures.contains(where: { $0.name == result.name }) {
            failures.append(result)
        }
    }

    /// Forgets all failures: after a new commissioning, or by an operator's decision.
    public mutating func reset() { failures = [] }

    /// What a block is refused with, for `KeyLengthInputs.refusals`.
    public var refusals: [String] {
        failures.map { "health test failed before, and nobody has commissioned since: \($0.name)" }
    }
}
