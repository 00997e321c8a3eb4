// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Pairing
@testable import Quantization

/// Strengths as radios report them: rounded.
@Suite struct WholeDecibelTests {
    private static func rounded(_ trace: ChannelTrace) -> ChannelTrace {
        var result = ChannelTrace(description: trace.description)
        for index in 0..<trace.count {
            result.append(
                sequence: trace.sequence(at: index), time: trace.time(at: index),
                shape: trace.shape(at: index),
                gains: trace.gains(at: index).map { IQ($0.re.rounded(), 0) })
        }
        return result
    }

    private static func captures(_ count: Int = 8_000) -> (ChannelTrace, ChannelTrace) {
        let (alice, bob) = Traces.pair(count)
        return (rounded(alice), rounded(bob))
    }

    /// What one end published of its strengths, off the wire.
    private static func published(_ wire: Wire, by role: Party.Role) throws -> [Float] {
        let message = try #require(wire.said(by: role).first { $0.bytes.first == SessionMessage.features })
        let bytes = Array(message.bytes.dropFirst(9))
        return try FeatureMatrix(encoded: bytes, rows: bytes.count / 4, columns: 1).values
    }

    @Test func `the initiator's values have a density before any of them is published or keyed`() async throws
    {
        let wire = Wire()
        let captures = Self.captures()
        let ends = try await Bench().run(captures, over: wire)
        #expect(ends.initiator.key?.bits == ends.responder.key?.bits && ends.initiator.key != nil)
        let own = try Self.published(wire, by: .initiator)
        let recorded = (0..<own.count).map { captures.0.gains(at: $0).first?.re ?? 0 }
        // Helper data of a value that takes a few numbers would tell which of them it is.
        #expect(Set(own).count > own.count * 9 / 10)
        #expect(zip(own, recorded).allSatisfy { abs($0 - $1) <= 0.5 })
        // The responder adds nothing: noise at both ends would cost twice.
        let theirs = try Self.published(wire, by: .responder)
        #expect(theirs.allSatisfy { $0 == $0.rounded() })
    }

    @Test func `rounded strengths are worth several bits a symbol, by likelihoods that were counted`()
        async throws
    {
        var options = Traces.quick
        options.reconciler = "auto"
        options.maximumBits = 4
        options.helperBits = 3
        let (a, b) = try await Replay(options: options).run(Self.captures(20_000).0, Self.captures(20_000).1)
        ReplayTests.expectKeys(a, b)
        let plan = try #require(a.statistics.plan)
        #expect(plan.components.allSatisfy { $0.bits >= 2 })
        // 25 dB hold 3.6 bits a pair; rounding to a fifth of the spread leaves about three, Eve 0.13 less.
        let keyed = Double(a.statistics.symbols)
        let perSymbol = Double(a.key?.count ?? 0) / keyed
        #expect(perSymbol > 1 && perSymbol < 3, "\(perSymbol)")
    }
}
