// SPDX-License-Identifier: GPL-3.0-or-later

/// What an attack found: checks with their numbers, and what it has to say besides.
public struct AttackEvidence: Sendable {
    /// A number that must lie on one side of another.
    public struct Check: Sendable, Hashable, Codable {
        public enum Relation: String, Sendable, Codable {
            case atMost = "≤"
            case atLeast = "≥"
            case equal = "="
        }

        public var what: String
        public var value: Double
        public var relation: Relation
        public var limit: Double
        /// How many independent trials a count of failures was taken from, where it is one.
        public var trials: Int?

        /// False for anything that isn't a number.
        public var holds: Bool {
            switch relation {
            case .atMost: value <= limit
            case .atLeast: value >= limit
            case .equal: value == limit
            }
        }
    }

    public private(set) var checks: [Check] = []
    /// Parts that were skipped, and why; figures without a criterion.
    public private(set) var notes: [String] = []

    public init() {}

    public var holds: Bool { !checks.isEmpty && checks.allSatisfy(\.holds) }

    mutating func atMost(_ what: String, _ value: Double, _ limit: Double) {
        checks.append(Check(what: what, value: value, relation: .atMost, limit: limit))
    }
    mutating func atLeast(_ what: String, _ value: Double, _ limit: Double) {
        checks.append(Check(what: what, value: value, relation: .atLeast, limit: limit))
    }
    mutating func equal(_ what: String, _ value: Int, _ limit: Int) {
        checks.append(Check(what: what, value: Double(value), relation: .equal, limit: Double(limit)))
    }
    /// None of some trials may fail.
    mutating func none(_ what: String, _ failures: Int, of trials: Int) {
        checks.append(
            Check(what: what, value: Double(failures), relation: .equal, limit: 0, trials: trials))
    }
    mutating func note(_ text: String) { notes.append(text) }
}
