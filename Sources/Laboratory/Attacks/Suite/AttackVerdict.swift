// SPDX-License-Identifier: GPL-3.0-or-later

/// What came of one attack.
public struct AttackVerdict: Sendable, Encodable {
    public enum Result: String, Sendable, Codable {
        /// The product held and the known-bad build was caught.
        case passed
        /// The product didn't hold.
        case failed
        /// The known-bad build passed: the criterion can't see what it is for.
        case suiteBroken = "suite broken"
    }

    public var name: String
    public var rows: [Int]
    public var result: Result
    public var seed: UInt64
    public var length: AttackSetting.Length
    public var seconds: Double
    /// What was asked of the product.
    public var checks: [AttackEvidence.Check]
    /// What the known-bad build failed.
    public var caught: [AttackEvidence.Check]
    public var notes: [String]

    init(
        _ attack: any Attack, _ setting: AttackSetting, product: AttackEvidence, broken: AttackEvidence,
        seconds: Double
    ) {
        name = attack.name
        rows = attack.rows
        seed = setting.seed
        length = setting.length
        self.seconds = seconds
        checks = product.checks
        caught = broken.checks.filter { !$0.holds }
        notes = product.notes
        result = !product.holds ? .failed : caught.isEmpty ? .suiteBroken : .passed
    }
}

/// A number that isn't finite has no place in JSON: it becomes a string.
extension AttackEvidence.Check {
    private enum CodingKeys: String, CodingKey { case what, value, relation, limit, trials, holds }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double {
            if let value = try? container.decode(Double.self, forKey: key) { return value }
            return Double(try container.decode(String.self, forKey: key)) ?? .nan
        }
        what = try container.decode(String.self, forKey: .what)
        relation = try container.decode(Relation.self, forKey: .relation)
        value = try number(.value)
        limit = try number(.limit)
        trials = try container.decodeIfPresent(Int.self, forKey: .trials)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func write(_ number: Double, _ key: CodingKeys) throws {
            if number.isFinite {
                try container.encode(number, forKey: key)
            } else {
                try container.encode("\(number)", forKey: key)
            }
        }
        try container.encode(what, forKey: .what)
        try container.encode(relation, forKey: .relation)
        try write(value, .value)
        try write(limit, .limit)
        try container.encodeIfPresent(trials, forKey: .trials)
        try container.encode(holds, forKey: .holds)
    }
}
