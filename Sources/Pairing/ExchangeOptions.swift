// SPDX-License-Identifier: GPL-3.0-or-later
internal import Crypto
internal import Foundation
public import QWaveCore
public import Quantization
internal import Reconciliation
public import Secrecy

/// What both ends must have in common before an exchange: every choice, fixed before a probe is looked at.
///
/// Encoded with sorted keys; its SHA-256 is the certificate's configuration hash, and both ends compare it.
public struct ExchangeOptions: Sendable, Hashable, Codable {
    public var labels = QuantizationPlan.Labels.helper
    public var feature: FeatureKind?
    public var decorrelation = Decorrelation.klt
    public var timeBlock = 1
    public var maximumBits = 6
    public var helperBits: Int?
    public var stride: Int?
    public var trendWindow: Int?
    /// Pairs a second, where neither capture knows.
    public var rate: Double?
    /// Fraction of the pairs that commissions the model; at least 1,024 pairs do.
    public var commissioning = 0.2
    /// What an SP 800-90B assessment of commissioning symbols is worth, where there are enough of them.
    public var entropy = EntropyRule.ratio
    /// The engine's name, or auto.
    public var reconciler = "auto"
    public var epsilons = Epsilons()
    public var threatModel = ThreatModel.passive(
        preSharedKey: .init(
            source: "enrolled", length: 8 * Replay.enrolledBytes,
            reuseRule: "hash key recycled, every tag masked with fresh bits (Portmann, arXiv:1202.1229)"))

    public init() {}

    /// How many of `pairs` pairs commission: max(fraction, 1,024), never more than there are.
    public func commissionedPairs(of pairs: Int) -> Int {
        min(pairs, max(1024, Int((Double(pairs) * commissioning).rounded(.up))))
    }

    /// Whether a number can be a rate of pairs a second: captures and peers may say anything.
    static func isRate(_ value: Double) -> Bool { value > 0 && value <= 1e6 }

    /// Throws `.usage` for values that make no sense.
    public func validate() throws(QWaveError) {
        guard commissioning > 0, commissioning < 1 else {
            throw QWaveError(.usage, "--commission is a fraction between 0 and 1, not \(commissioning)")
        }
        guard (1...7).contains(maximumBits) else {
            throw QWaveError(.usage, "--bits is 1 to 7 bits a symbol, not \(maximumBits)")
        }
        guard helperBits.map((0...6).contains) ?? true else {
            throw QWaveError(.usage, "--helper-bits is 0 to 6")
        }
        guard stride.map((1...1024).contains) ?? true, (1...64).contains(timeBlock) else {
            throw QWaveError(.usage, "--stride is 1 to 1024 and --time-block 1 to 64")
        }
        guard trendWindow.map((3...100_000).contains) ?? true, rate.map(Self.isRate) ?? true else {
            throw QWaveError(.usage, "--trend-window is 3 to 100000 pairs and --rate above 0")
        }
        _ = try engine()
    }

    /// The reconciliation of an exchange: auto goes by the log-likelihoods.
    func engine() throws(QWaveError) -> any Reconciler {
        reconciler == "auto" ? Reconcilers.wireless : try Reconcilers.named(reconciler)
    }

    func json() throws(QWaveError) -> [UInt8] { try SessionJSON.encode(self) }

    /// SHA-256 of the encoding, in hexadecimal.
    public func digest() throws(QWaveError) -> String { Digest.hexadecimal(try json()) }

    /// SHA-256 of the threat model's encoding, in hexadecimal.
    public func threatModelDigest() throws(QWaveError) -> String {
        Digest.hexadecimal(try SessionJSON.encode(threatModel))
    }
}

/// SHA-256 in hexadecimal, of public values only.
enum Digest {
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}

/// JSON with sorted keys: the same value gives the same bytes.
enum SessionJSON {
    static func encode(_ value: some Encodable) throws(QWaveError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch {
            throw QWaveError(.internalFault, "a session parameter can't be encoded", cause: error)
        }
    }

    static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8], what: String) throws(QWaveError) -> T {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw QWaveError(.protocolViolation, "the peer's \(what) can't be read", cause: error)
        }
    }
}
