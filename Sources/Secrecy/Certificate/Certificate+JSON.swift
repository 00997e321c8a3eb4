// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

extension Certificate {
    /// One JSON object with sorted keys: equal certificates give equal bytes.
    ///
    /// Numbers that aren't finite (terms of a refused block) are the strings "nan", "inf" and "-inf".
    public func json() throws(QWaveError) -> [UInt8] { try Coding.encode(self, "certificate") }

    /// Reads what `json` wrote.
    public init(json: [UInt8]) throws(QWaveError) { self = try Coding.decode(json, "certificate") }
}

extension ThreatModel {
    /// One JSON object with sorted keys, for a file and for hashing.
    public func json() throws(QWaveError) -> [UInt8] { try Coding.encode(self, "threat model") }

    /// Reads a threat model; fields that are absent stay unsaid, and `refusals` names them.
    ///
    /// Throws `.badInput` that names the field whose value is of another kind, and for a field that there isn't: left
    /// out in silence, a misspelled `siteCorrelation` would be charged as none.
    public init(json: [UInt8]) throws(QWaveError) {
        self = try Coding.decode(json, "threat model")
        let object = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        let key = object?["preSharedKey"] as? [String: Any]
        let strangers =
            (object?.keys.filter { !Self.fields.contains($0) } ?? [])
            + (key?.keys.filter { !PreSharedKey.fields.contains($0) } ?? []).map { "preSharedKey.\($0)" }
        guard strangers.isEmpty else {
            throw QWaveError(
                .badInput,
                "the threat model has no field called \(strangers.sorted().joined(separator: ", ")): there are "
                    + "\(Self.fields.joined(separator: ", ")), and in preSharedKey "
                    + PreSharedKey.fields.joined(separator: ", "))
        }
    }

    private static let fields = [
        "eve", "eveAntennas", "exclusionRadius", "exclusionWavelengths", "richScattering", "lineOfSight",
        "controllableSurroundings", "eveTrace", "sideInformation", "injectedFraction", "preSharedKey",
        "computingPower", "siteCorrelation",
    ]
}

extension ThreatModel.PreSharedKey {
    fileprivate static let fields = ["source", "length", "reuseRule"]
}

extension HealthState {
    /// One JSON object: names and thresholds of what failed.
    public func json() throws(QWaveError) -> [UInt8] {
        try Coding.encode(self, "record of failed health tests")
    }

    /// Reads what `json` wrote.
    public init(json: [UInt8]) throws(QWaveError) {
        self = try Coding.decode(json, "record of failed health tests")
    }
}

private enum Coding {
    static func encode(_ value: some Encodable, _ what: String) throws(QWaveError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw QWaveError(.internalFault, "the \(what) could not be written as JSON", cause: error)
        }
    }

    static func decode<T: Decodable>(_ bytes: [UInt8], _ what: String) throws(QWaveError) -> T {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(T.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw QWaveError(
                .badInput, "the \(what) is no JSON of the expected form\(reason(error))", cause: error)
        } catch {
            throw QWaveError(.badInput, "the \(what) is no JSON of the expected form", cause: error)
        }
    }

    /// Which field, and what is wrong with it; nothing of its value.
    private static func reason(_ error: DecodingError) -> String {
        let context: DecodingError.Context
        switch error {
        case .keyNotFound(let key, let found):
            return ": field \(path(found.codingPath + [key])) is missing"
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        @unknown default: return ""
        }
        guard !context.codingPath.isEmpty else { return "" }
        return ": field \(path(context.codingPath)) has a value that it can't have"
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
}
