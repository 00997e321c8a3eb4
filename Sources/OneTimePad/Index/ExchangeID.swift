// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The name of one key exchange, drawn at random and said by both ends: 16 bytes.
public struct ExchangeID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Throws: `.badInput` unless there are 16 bytes.
    public init(_ bytes: some Collection<UInt8>) throws(QWaveError) {
        guard bytes.count == 16 else {
            throw QWaveError(.badInput, "an exchange identifier has 16 bytes, not \(bytes.count)")
        }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    public var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - $0 % 8 * 8)) }
    }
}

extension ExchangeID: CustomStringConvertible, Codable {
    /// 32 hexadecimal digits.
    public var description: String {
        func hex(_ word: UInt64) -> String {
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return hex(high) + hex(low)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = Array(try container.decode(String.self).utf8)
        let digits = String(decoding: text, as: UTF8.self)
        guard text.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.dropFirst(16), radix: 16)
        else { throw QWaveError(.badInput, "an exchange identifier has 32 hexadecimal digits") }
        self.high = high
        self.low = low
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What an end knows of an exchange.
public enum ExchangeState: UInt8, Sendable, Codable {
    /// Never heard of here.
    case unknown = 0
    /// Written durably; the peer's COMMIT isn't here yet.
    case pending = 1
    /// Agreed: both ends hold it. It has offsets as soon as every earlier exchange is decided.
    case usable = 2
    /// Never to be used, for ever.
    case burnt = 3

    /// True when this end has the key: what the peer needs to know for the rule of two.
    public var isHeld: Bool { self == .pending || self == .usable }
}

/// A block whose fate isn't known here, as `PadStore.uncertain` lists it for the peer.
public struct UncertainExchange: Hashable, Sendable, Codable {
    public let id: ExchangeID
    public let sequence: UInt64
}
