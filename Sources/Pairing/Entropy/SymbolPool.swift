// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Quantization

/// Commissioning symbols of many exchanges of one radio, environment and configuration, until there are enough for
/// SP 800-90B: one exchange rarely has a million.
///
/// Each end keeps its own pool. It can only shorten a key (L_90B is a gate beside L_model, and of the two ends' lengths
/// the smaller counts), so the pool needs no agreement; what an assessment is worth (`EntropyRule`) is part of the
/// configuration that both ends compare. It holds published symbols only, and nothing of what was ever keyed.
///
/// As a file it is JSON that anybody can read: the binding, one line for each exchange, and the symbols as hexadecimal
/// digits.
public struct SymbolPool: Sendable, Hashable {
    /// What all symbols of a pool have in common.
    public struct Binding: Sendable, Hashable, Codable {
        /// The configuration hash.
        public var configuration: String
        /// The capture's format, quantity and size: the radio as far as a capture tells.
        public var radio: String
        /// The user's name for radio and surroundings, like "office, antennas 2 m apart".
        public var environment: String
        /// Symbols of a simulator never stand for those of a channel.
        public var simulated: Bool

        public init(configuration: String, radio: String, environment: String, simulated: Bool) {
            self.configuration = configuration
            self.radio = radio
            self.environment = environment
            self.simulated = simulated
        }
    }

    /// One exchange's part.
    public struct Session: Sendable, Hashable, Codable {
        /// The exchange's name, hexadecimal.
        public var exchange: String
        public var captures: [String]
        /// Symbols by kind.
        public var symbols: [String: Int]
        /// SHA-256 of the symbols: the same recording doesn't count twice.
        public var digest: String
    }

    /// Symbols of one kind that a pool holds at the most: the newest.
    public static let limit = 8_000_000

    public let binding: Binding
    public private(set) var sessions: [Session] = []
    private var series: [CommissioningSymbols.SymbolKind: [UInt8]] = [:]

    public init(binding: Binding) { self.binding = binding }

    public func symbols(_ kind: CommissioningSymbols.SymbolKind) -> [UInt8] { series[kind] ?? [] }

    /// The kinds of symbols that are there.
    public var kinds: [CommissioningSymbols.SymbolKind] { series.keys.sorted() }

    /// Whether the symbols may stand for those of an exchange; throws `.usage` naming what differs.
    public func check(_ binding: Binding) throws(QWaveError) {
        let pairs = [
            ("configuration", self.binding.configuration, binding.configuration),
            ("radio", self.binding.radio, binding.radio),
            ("environment", self.binding.environment, binding.environment),
            ("channel", Self.origin(self.binding), Self.origin(binding)),
        ]
        if let (what, own, other) = pairs.first(where: { $0.1 != $0.2 }) {
            throw QWaveError(
                .usage,
                "the pool of commissioning symbols is of another \(what): '\(own)' there, '\(other)' here; "
                    + "keep one pool for each radio, environment and configuration")
        }
    }

    private static func origin(_ binding: Binding) -> String { binding.simulated ? "simulated" : "recorded" }

    /// Adds an exchange's symbols; false where these very symbols are there already.
    @discardableResult
    public mutating func add(_ symbols: CommissioningSymbols, exchange: [UInt8], captures: [String]) -> Bool {
        let digest = Self.digest(symbols)
        guard !sessions.contains(where: { $0.digest == digest }),
            symbols.series.contains(where: { !$0.value.isEmpty })
        else { return false }
        var counts: [String: Int] = [:]
        for (kind, added) in symbols.series {
            counts[kind.description] = added.count
            series[kind] = Array(((series[kind] ?? []) + added).suffix(Self.limit))
        }
        sessions.append(
            Session(
                exchange: exchange.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
                captures: captures, symbols: counts, digest: digest))
        return true
    }

    private static func digest(_ symbols: CommissioningSymbols) -> String {
        var bytes: [UInt8] = []
        for kind in symbols.series.keys.sorted() {
            bytes += Array(kind.description.utf8) + [0] + (symbols.series[kind] ?? [])
        }
        return Digest.hexadecimal(bytes)
    }
}

extension SymbolPool {
    private static let format = "qwave symbol pool 1"

    private struct Document: Codable {
        struct Series: Codable {
            var kind: CommissioningSymbols.SymbolKind
            var symbols: String
        }
        var format: String
        var binding: Binding
        var sessions: [Session]
        var series: [Series]
    }

    /// The pool as JSON with sorted keys.
    public func json() throws(QWaveError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let digits = Array("0123456789abcdef".utf8)
        let document = Document(
            format: Self.format, binding: binding, sessions: sessions,
            series: kinds.map { kind in
                let text = String(
                    decoding: symbols(kind).flatMap { symbol in
                        (kind.bits > 4 ? [digits[Int(symbol >> 4)]] : []) + [digits[Int(symbol & 15)]]
                    }, as: UTF8.self)
                return Document.Series(kind: kind, symbols: text)
            })
        do { return Array(try encoder.encode(document)) } catch {
            throw QWaveError(.internalFault, "a pool of symbols can't be written as JSON", cause: error)
        }
    }

    /// Reads what `json` wrote; throws `.badInput` for anything else.
    public init(json bytes: [UInt8]) throws(QWaveError) {
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            throw QWaveError(.badInput, "this is no pool of commissioning symbols", cause: error)
        }
        guard document.format == Self.format else {
            throw QWaveError(.badInput, "this is a pool of format '\(document.format)', not '\(Self.format)'")
        }
        self.init(binding: document.binding)
        sessions = document.sessions
        for part in document.series {
            let kind = part.kind
            // One digit a symbol, two where it is wider than four bits.
            let width = kind.bits > 4 ? 2 : 1
            guard (1...8).contains(kind.bits), series[kind] == nil,
                part.symbols.utf8.count <= width * Self.limit, part.symbols.utf8.count % width == 0
            else {
                throw QWaveError(.badInput, "the pool's symbols of \(kind.bits) bits aren't of its format")
            }
            var symbols: [UInt8] = []
            symbols.reserveCapacity(part.symbols.utf8.count / width)
            var value = 0
            for (place, digit) in part.symbols.utf8.enumerated() {
                switch digit {
                case 0x30...0x39: value = value << 4 | Int(digit - 0x30)
                case 0x61...0x66: value = value << 4 | Int(digit - 0x57)
                default: value = 1 << kind.bits
                }
                guard value < 1 << kind.bits else {
                    throw QWaveError(.badInput, "the pool holds a symbol that isn't one of \(kind.bits) bits")
                }
                guard place % width == width - 1 else { continue }
                symbols.append(UInt8(value))
                value = 0
            }
            series[kind] = symbols
        }
        // The list of exchanges must account for every symbol, or for as many as a pool keeps.
        for kind in kinds {
            var listed = 0
            for session in sessions {
                let (sum, overflow) = listed.addingReportingOverflow(session.symbols[kind.description] ?? 0)
                guard !overflow, (session.symbols[kind.description] ?? 0) >= 0 else {
                    throw QWaveError(.badInput, "a count of the pool's exchanges makes no sense")
                }
                listed = sum
            }
            guard symbols(kind).count == min(listed, Self.limit) else {
                throw QWaveError(
                    .badInput,
                    "the pool holds \(symbols(kind).count) symbols of \(kind), its exchanges gave \(listed)")
            }
        }
    }
}
