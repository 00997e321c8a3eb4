// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Something that an attacker does to the probes or to the channel, or a state of the channel that she knows.
///
/// What she knows of it exactly stands in her capture, as further receive antennas behind her own.
///
/// ```swift
/// parameters.fixtures = [try Fixture(parsing: "injector:fraction=0.1,level=6"), Fixture(.frozen)]
/// ```
public struct Fixture: Sendable, Hashable, Codable, CustomStringConvertible {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case injector, replay, blocker, contamination, surface, frozen, jammer, mobility
        case eveIsBob = "eve-is-bob"
    }

    /// One number that a kind of fixture takes.
    public struct Option: Sendable, Hashable {
        public var name: String
        public var standard: Double
        public var range: ClosedRange<Double>
        public var summary: String
    }

    public var kind: Kind
    /// Values of the kind's options; what isn't there has its standard value.
    public var values: [String: Double]

    public init(_ kind: Kind, _ values: [String: Double] = [:]) {
        self.kind = kind
        self.values = values
    }

    /// A fixture as the command line writes it: `jammer`, `jammer:duty=0.2,level=10`.
    ///
    /// Throws `.usage`, with what there is, for a kind, option or value that doesn't exist.
    public init(parsing text: String) throws(QWaveError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let kind = Kind(rawValue: String(parts[0])) else {
            let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw QWaveError(.usage, "no attack is called \"\(parts[0])\"; there are \(names)")
        }
        self.init(kind)
        guard parts.count == 2 else { return }
        for setting in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            let sides = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = Double(sides[1]) else {
                throw QWaveError(
                    .usage, "\(kind.rawValue) takes name=number by commas; '\(setting)' isn't one")
            }
            values[String(sides[0])] = value
        }
        try validate(.infinity)
    }

    public var description: String {
        let settings = kind.options.map { "\($0.name)=\(value($0.name))" }.joined(separator: ",")
        return settings.isEmpty ? kind.rawValue : "\(kind.rawValue):\(settings)"
    }

    func value(_ name: String) -> Double {
        values[name] ?? kind.options.first { $0.name == name }?.standard ?? 0
    }

    /// - Parameter riceFactor: line of sight over diffuse power, linear.
    func validate(_ riceFactor: Double) throws(QWaveError) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let option = kind.options.first(where: { $0.name == name }) else {
                let names = kind.options.map(\.name).joined(separator: ", ")
                throw QWaveError(
                    .usage,
                    "\(kind.rawValue) has no \(name)" + (names.isEmpty ? "" : "; it has \(names)"))
            }
            guard option.range.contains(value) else {
                throw QWaveError(
                    .usage,
                    "\(kind.rawValue)'s \(name) is \(value); it must lie between \(option.range.lowerBound) and "
                        + "\(option.range.upperBound)")
            }
        }
        guard kind != .blocker || riceFactor > 0 else {
            throw QWaveError(.usage, "a blocker needs a line of sight to block: give a K factor")
        }
    }
}
