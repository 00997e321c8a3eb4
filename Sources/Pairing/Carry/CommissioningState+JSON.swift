// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Quantization

extension CommissioningState {
    /// Name and version of the file's format.
    public static let format = "qwave commissioning state 1"
    private static let mostRows = 1 << 20
    private static let mostColumns = 1 << 16
    private static let mostText = 256

    private struct Document: Codable {
        struct Window: Codable {
            var pairs: Int
            var starts: [Int]
            var breaks: [Int]
            var initiator: String
            var responder: String
        }
        var format: String
        var feature: FeatureKind
        var columns: Int
        var tones: [Int]
        var simulated: Bool
        var rate: Double?
        var environment: String
        var exchanges: Int
        var first: String
        var last: String
        var dropped: [String]?
        var digest: String
        var window: Window
    }

    /// Whether bytes begin like a file of this kind, of whatever version.
    public static func isState(_ bytes: some Sequence<UInt8>) -> Bool {
        let text = String(decoding: Array(bytes.prefix(4096)), as: UTF8.self)
        return text.hasPrefix("{") && text.contains("\"qwave commissioning state ")
    }

    /// The state as JSON with sorted keys.
    public func json() throws(QWaveError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let document = Document(
            format: Self.format, feature: kind.feature, columns: kind.columns, tones: kind.tones,
            simulated: kind.simulated, rate: rate, environment: environment, exchanges: exchanges,
            first: first,
            last: last, dropped: dropped.isEmpty ? nil : dropped, digest: digest,
            window: .init(
                pairs: pairs, starts: starts, breaks: breaks,
                initiator: Data(initiator.encoded).base64EncodedString(),
                responder: Data(responder.encoded).base64EncodedString()))
        do { return Array(try encoder.encode(document)) } catch {
            throw QWaveError(.internalFault, "a commissioning state can't be written as JSON", cause: error)
        }
    }

    /// Reads what `json` wrote.
    ///
    /// Throws `.badInput` for anything else: sizes that don't fit, samples that aren't numbers of sensible size, a digest
    /// that isn't the content's.
    public init(json bytes: [UInt8]) throws(QWaveError) {
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw QWaveError(
                .badInput, "this is no commissioning state, or a damaged one: \(Self.mend)", cause: error)
        }
        guard document.format == Self.format else {
            throw QWaveError(
                .badInput,
                "this is a commissioning state of format '\(document.format.prefix(64))', not '\(Self.format)': "
                    + Self.mend)
        }
        let window = document.window
        let (values, overflow) = window.pairs.multipliedReportingOverflow(by: document.columns)
        try Self.check(
            (Self.fewest...Self.mostRows).contains(window.pairs) && window.pairs % Self.unit == 0
                && (1...Self.mostColumns).contains(document.columns) && !overflow
                && values <= Self.mostValues,
            "\(window.pairs) pairs of \(document.columns) features are no window")
        try Self.check(
            document.tones.count <= Self.mostColumns && document.rate.map(ExchangeOptions.isRate) ?? true
                && document.environment.utf8.count <= Self.mostText
                && (document.dropped ?? []).count <= Self.mostText
                && (document.dropped ?? []).allSatisfy { $0.utf8.count <= Self.mostText },
            "its tones, rate or names make no sense")
        try Self.check(
            window.starts.first == 0 && Self.rises(window.starts, below: window.pairs)
                && window.starts.allSatisfy { $0 % Self.unit == 0 }
                && (window.breaks.first ?? 1) > 0 && Self.rises(window.breaks, below: window.pairs)
                && Set(window.breaks).isSuperset(of: window.starts.dropFirst())
                && (window.starts.count...1 << 40).contains(document.exchanges),
            "its list of runs or of breaks makes no sense")
        try Self.check(
            [document.first, document.last].allSatisfy { (try? Date($0, strategy: .iso8601)) != nil },
            "a date of it isn't ISO 8601")
        self.init(
            kind: Kind(
                feature: document.feature, columns: document.columns, tones: document.tones,
                simulated: document.simulated),
            rate: document.rate, environment: document.environment,
            initiator: try Self.samples(window.initiator, window.pairs, document.columns),
            responder: try Self.samples(window.responder, window.pairs, document.columns),
            starts: window.starts, breaks: window.breaks, exchanges: document.exchanges,
            first: document.first, last: document.last)
        dropped = document.dropped ?? []
        try Self.check(digest == document.digest, "its digest isn't that of its content")
    }

    /// What to do about a file that can't be used.
    static let mend = "remove the file, and the next exchange commissions anew"

    private static func check(_ holds: Bool, _ what: String) throws(QWaveError) {
        guard holds else {
            throw QWaveError(.badInput, "the commissioning state is damaged, \(what): \(mend)")
        }
    }

    /// Strictly rising, without a sum or difference that could overflow.
    private static func rises(_ rows: [Int], below end: Int) -> Bool {
        zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 } && (rows.last ?? 0) < end
    }

    private static func samples(_ text: String, _ rows: Int, _ columns: Int) throws(QWaveError)
        -> FeatureMatrix
    {
        guard let data = Data(base64Encoded: text), data.count == 4 * rows * columns else {
            throw QWaveError(
                .badInput, "the commissioning state doesn't hold the samples that it says: \(mend)")
        }
        do { return try FeatureMatrix(encoded: Array(data), rows: rows, columns: columns) } catch {
            throw QWaveError(
                .badInput, "the commissioning state holds a sample that is no sensible number: \(mend)")
        }
    }
}
