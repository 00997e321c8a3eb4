// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A kind of radio that `--radio` can name.
///
/// `--radio SCHEME:ARGUMENTS` goes to the driver of that scheme; what has no known scheme goes, whole, to the
/// driver without one: UHD, whose own argument strings (`addr=192.168.10.2`, `type=b200`) stay as they are.
public protocol RadioDriver: Sendable {
    /// What stands before the colon, like "virtual"; nil takes whatever no other driver takes.
    var scheme: String? { get }
    /// One line for help texts.
    var help: String { get }

    /// Opens the radio. Throws `.usage` for arguments that make no sense, `.unavailable` where there is none,
    /// `.deviceClaimed` where another has it.
    ///
    /// - Parameters:
    ///   - arguments: what follows the colon, or the whole text for the driver without a scheme.
    ///   - role: an ether's ends differ; a device doesn't care.
    func open(
        _ arguments: String, as role: Party.Role, _ settings: RadioSettings
    ) async throws(QWaveError) -> any Transceiver
}

/// The radios that this program knows: an open set.
public struct RadioDrivers: Sendable {
    public var drivers: [any RadioDriver]

    public init(_ drivers: [any RadioDriver]) { self.drivers = drivers }

    /// Opens what `--radio` names.
    public func open(
        _ radio: String, as role: Party.Role, _ settings: RadioSettings = RadioSettings()
    ) async throws(QWaveError) -> any Transceiver {
        let (driver, arguments) = try find(radio)
        return try await driver.open(arguments, as: role, settings)
    }

    /// The driver of a text, and what it is given of it. Throws `.usage` where nobody takes it.
    func find(_ radio: String) throws(QWaveError) -> (any RadioDriver, String) {
        if let colon = radio.firstIndex(of: ":") {
            let scheme = radio[..<colon]
            if let driver = drivers.first(where: { $0.scheme == String(scheme) }) {
                return (driver, String(radio[radio.index(after: colon)...]))
            }
        }
        if let driver = drivers.first(where: { $0.scheme == nil }) { return (driver, radio) }
        let schemes = drivers.compactMap(\.scheme).map { "\($0):…" }.joined(separator: ", ")
        throw QWaveError(
            .usage,
            "no radio is named '\(radio)': this build knows \(schemes), and was made without libuhd for USRPs"
        )
    }
}

/// Arguments of the form `key=value,key=value`, read once each; a key alone is `key=`.
public struct RadioArguments: Sendable {
    private var values: [String: String] = [:]
    private let text: String

    /// Throws `.usage` for a key that is given twice.
    public init(_ text: String) throws(QWaveError) {
        self.text = text
        for field in text.split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].filter { $0 != " " }
            guard values[key] == nil else {
                throw QWaveError(.usage, "radio arguments '\(text)' give \(key) twice")
            }
            values[key] = parts.count > 1 ? String(parts[1]) : ""
        }
    }

    /// Takes a value out; nil where it isn't given.
    public mutating func take(_ key: String) -> String? { values.removeValue(forKey: key) }

    /// Takes a number out; throws `.usage` for what isn't one in the range.
    public mutating func take(_ key: String, in range: ClosedRange<Double>) throws(QWaveError) -> Double? {
        guard let value = take(key) else { return nil }
        guard let number = Double(value), range.contains(number) else {
            throw QWaveError(
                .usage,
                "radio argument \(key)=\(value) is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Throws `.usage` for what nobody took.
    public func finish(known: [String]) throws(QWaveError) {
        guard let key = values.keys.sorted().first else { return }
        throw QWaveError(
            .usage, "radio argument '\(key)' isn't known; there are \(known.joined(separator: ", "))")
    }
}
