// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import Foundation
import QWaveCore
import Quantization
import Secrecy
import TestSupport
import Testing

@testable import Pairing

/// Commissioning symbols of many exchanges, and what an assessment of them does to a key.
@Suite struct SymbolPoolTests {
    private static let kind = CommissioningSymbols.SymbolKind(feature: .scalar, bits: 1)

    private static func symbols(_ count: Int, seed: UInt64, bits: Int = 1) -> CommissioningSymbols {
        var random = SplitMix64(seed: seed)
        let values = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> UInt64(64 - bits)) }
        return CommissioningSymbols(series: [.init(feature: .scalar, bits: bits): values])
    }

    private static func binding(_ options: ExchangeOptions, environment: String = "office") throws
        -> SymbolPool.Binding
    {
        try SymbolPool.Binding(options, Traces.pair(8).0, environment: environment)
    }

    private static func run(
        _ options: ExchangeOptions, pools: [SymbolPool?],
        captures: (ChannelTrace, ChannelTrace) = Traces.pair()
    ) async throws -> (ExchangeOutcome, ExchangeOutcome) {
        let bytes = try SeededRandomSource(seed: 7).bytes(32 + 2 * 160)
        let (left, right) = Loopback.pair()
        func end(
            _ role: Party.Role, _ link: some Link, _ trace: ChannelTrace, _ pool: SymbolPool?
        ) throws -> Task<ExchangeOutcome, any Error> {
            let secrets = try EphemeralSecretSource(enrolled: SecretBuffer(copying: bytes), role: role)
            let exchange = Exchange(options: options, pool: pool, environment: "office")
            return Task { try await exchange.run(trace, over: link, as: role, secrets: secrets) }
        }
        let first = try end(.initiator, left, captures.0, pools[0])
        let second = try end(.responder, right, captures.1, pools[1])
        return (try await first.value, try await second.value)
    }

    @Test func `a pool survives its file, adds up, and counts the same symbols once`() throws {
        var pool = SymbolPool(binding: try Self.binding(Traces.quick))
        let added1 = pool.add(Self.symbols(1000, seed: 1), exchange: [1], captures: ["a"])
        #expect(added1)
        let added2 = pool.add(Self.symbols(500, seed: 2, bits: 3), exchange: [2], captures: ["b"])
        #expect(added2)
        let added3 = pool.add(Self.symbols(300, seed: 3), exchange: [3], captures: ["c"])
        #expect(added3)
        let added4 = pool.add(Self.symbols(1000, seed: 1), exchange: [4], captures: ["again"])
        #expect(!added4)
        let added5 = pool.add(CommissioningSymbols(series: [:]), exchange: [5], captures: [])
        #expect(!added5)
        let back = try SymbolPool(json: try pool.json())
        #expect(back == pool && back.sessions.count == 3)
        #expect(back.symbols(Self.kind).count == 1300)
        #expect(back.symbols(.init(feature: .scalar, bits: 3)).count == 500)
        #expect(try String(decoding: pool.json(), as: UTF8.self).contains("\"environment\" : \"office\""))
    }

    @Test func `a pool of another configuration, radio or environment is refused before anything is said`()
        async throws
    {
        let pool = SymbolPool(binding: try Self.binding(Traces.quick))
        var other = Traces.quick
        other.maximumBits = 2
        #expect(throws: QWaveError.self) { try pool.check(Self.binding(other)) }
        #expect(throws: QWaveError.self) { try pool.check(Self.binding(Traces.quick, environment: "yard")) }
        let radio = try SymbolPool.Binding(
            Traces.quick, ChannelTrace(description: .init(format: "other", quantity: .complexGain)),
            environment: "office")
        #expect(throws: QWaveError.self) { try pool.check(radio) }
        try pool.check(Self.binding(Traces.quick))
        // In an exchange the peer hears nothing but ABORT.
        let exchange = Exchange(options: other, pool: pool, environment: "office")
        let (left, right) = Loopback.pair()
        let secrets = try EphemeralSecretSource(
            enrolled: SecretBuffer(copying: SeededRandomSource(seed: 1).bytes(512)), role: .initiator)
        await #expect(throws: QWaveError.self) {
            _ = try await exchange.run(Traces.pair().0, over: left, as: .initiator, secrets: secrets)
        }
        let said = try? await right.receive()
        #expect(said == nil || said?.first == SessionMessage.abort)
    }

    @Test func `a touched-up pool isn't read`() throws {
        var pool = SymbolPool(binding: try Self.binding(Traces.quick))
        pool.add(Self.symbols(1000, seed: 1), exchange: [1], captures: ["a"])
        let text = String(decoding: try pool.json(), as: UTF8.self)
        let digits = String(Self.symbols(1000, seed: 1).series[Self.kind]?.map { "\($0)" }.joined() ?? "")
        #expect(text.contains(digits))
        for changed in [
            text.replacingOccurrences(of: digits, with: String(digits.dropLast())),
            text.replacingOccurrences(of: digits, with: "2" + digits.dropFirst()),
            text.replacingOccurrences(of: digits, with: "x" + digits.dropFirst()),
            text.replacingOccurrences(of: ": 1000", with: ": 999"),
            text.replacingOccurrences(of: ": 1000", with: ": -1000"),
            text.replacingOccurrences(of: "\"bits\" : 1", with: "\"bits\" : 99"),
            text.replacingOccurrences(of: "symbol pool 1", with: "symbol pool 9"), "", "{}", "[]",
        ] {
            #expect(throws: QWaveError.self) { try SymbolPool(json: Array(changed.utf8)) }
        }
    }

    @Test func `both ends pool the same symbols, and nothing keyed is among them`() async throws {
        let (a, b) = try await Self.run(Traces.quick, pools: [nil, nil])
        let symbols = try #require(a.commissioningSymbols)
        #expect(symbols == b.commissioningSymbols && a.poolBinding == b.poolBinding)
        let published = Traces.quick.commissionedPairs(of: Traces.pair().0.count)
        let count = symbols.series.values.reduce(0) { $0 + $1.count }
        #expect(count > 0 && count <= published)
        // Whatever is keyed, the symbols of the published part stay what they are.
        func changed(_ trace: ChannelTrace, _ offset: Int) -> ChannelTrace {
            var result = ChannelTrace(description: trace.description)
            let other = Traces.pair(seed: 55)
            for index in 0..<trace.count {
                let from = index < published ? trace : offset == 0 ? other.0 : other.1
                result.append(
                    sequence: UInt64(index), time: Double(index) / 50, shape: SnapshotShape(),
                    gains: from.gains(at: index))
            }
            return result
        }
        let plain = Traces.pair()
        let (c, _) = try await Self.run(
            Traces.quick, pools: [nil, nil], captures: (changed(plain.0, 0), changed(plain.1, 1)))
        #expect(c.commissioningSymbols == symbols)
    }

    @Test func `a million pooled symbols make "model+90B" with both values printed, at that end alone`()
        async throws
    {
        var pool = SymbolPool(binding: try Self.binding(Traces.quick))
        pool.add(Self.symbols(1_000_000, seed: 1), exchange: [1], captures: ["a"])
        let (a, b) = try await Self.run(Traces.quick, pools: [pool, nil])
        let certificate = try #require(a.certificate)
        #expect(certificate.assurance == "model+90B" && b.certificate?.assurance == "model")
        let value = try #require(certificate.assessments.values.first)
        #expect(value.symbols == 1_000_000 && value.assessed > 0.8 && value.control > 0.8)
        #expect(certificate.verifyArithmetic() == [])
        // A good source isn't gated: the model decides, and both ends have the same key.
        #expect(a.key != nil && a.key?.bits == b.key?.bits)
        #expect((certificate.assessedBits ?? 0) > 0)
    }

    @Test func `symbols that are easily guessed cost the key, at either end`() async throws {
        // A source that repeats itself with a tenth of its symbols flipped.
        var random = SplitMix64(seed: 3)
        let pattern = (0..<37).map { _ in UInt8(truncatingIfNeeded: random.next() & 1) }
        let guessed = (0..<1_000_000).map { row in
            pattern[row % 37] ^ (Double.random(in: 0..<1, using: &random) < 0.02 ? 1 : 0)
        }
        var pool = SymbolPool(binding: try Self.binding(Traces.quick))
        pool.add(CommissioningSymbols(series: [Self.kind: guessed]), exchange: [1], captures: ["a"])
        let (a, b) = try await Self.run(Traces.quick, pools: [nil, pool])
        #expect(a.key == nil && b.key == nil)
        #expect((b.certificate?.assessedBits ?? 0) < (b.certificate?.modelBits ?? 0))
        #expect(!a.refusals.isEmpty && !b.refusals.isEmpty)
    }

    @Test func `the strict rule takes the assessed value raw, and both ends must want it`() async throws {
        var options = Traces.quick
        options.entropy = .strict
        var pool = SymbolPool(binding: try Self.binding(options))
        pool.add(Self.symbols(1_000_000, seed: 1), exchange: [1], captures: ["a"])
        let (a, _) = try await Self.run(options, pools: [pool, pool])
        let certificate = try #require(a.certificate)
        let part = try #require(certificate.terms.components.first)
        #expect(part.h90B == certificate.assessments[part.name]?.assessed)
        #expect((part.h90B ?? 1) < 0.95)
        #expect(certificate.notes.contains { $0.contains("raw") })
        var bench = Bench()
        bench.responderOptions = options
        let result = try await bench.run(Traces.pair())
        #expect(result.initiator.key == nil && result.responder.key == nil)
    }
}
