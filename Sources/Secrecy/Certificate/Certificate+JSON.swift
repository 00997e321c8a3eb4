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
    public init(json: [UInt8]) throws(QWaveError) { self = try Coding.decode(json, "threat model") }
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
        } catch {
            throw QWaveError(.badInput, "the \(what) is no JSON of the expected form", cause: error)
        }
    }
}
