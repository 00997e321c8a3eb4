// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Quantization
import Secrecy
import TestSupport
import Testing

@testable import Pairing

/// What `replay --eve` prints beside the charge, against the closed forms of a Gaussian scene.
@Suite struct EveInformationTests {
    private static let snr = 15.0

    /// Her value is Alice's at a correlation, and noise.
    private static func eve(_ alice: ChannelTrace, correlation: Double) -> ChannelTrace {
        var random = SplitMix64(seed: 41)
        let rest = (1 - correlation * correlation).squareRoot()
        return Traces.trace(
            (0..<alice.count).map { index in
                let value = (Double(alice.gains(at: index).first?.re ?? 0) + 50) / 5
                return correlation * value + rest * Traces.gaussian(&random)
            })
    }

    /// I(A;B), I(A;B|E) and I(A;E) of that law, from variances: A = x + n, B = x + n′, E = ρ A + √(1 − ρ²) n″.
    private static func law(_ rho: Double) -> (shared: Double, left: Double, known: Double) {
        let noise = pow(10, -snr / 10)
        let own = 1 + noise
        let ofA = own - pow(rho * own, 2) / (rho * rho * own + 1 - rho * rho)
        // B is A's part of it and what A doesn't tell of it, which Eve doesn't know either.
        let slope = 1 / own
        let besides = own - 1 / own
        return (
            0.5 * log2(own / besides), 0.5 * log2((slope * slope * ofA + besides) / besides),
            0.5 * log2(own / ofA)
        )
    }

    @Test func `both formulas find what the law says, whatever Eve's correlation`() async throws {
        let captures = Traces.pair(8000, snr: Self.snr)
        let outcome = try await Bench().run(captures).initiator.get()
        #expect(outcome.statistics.plan?.components.isEmpty == false)
        var before = Double.infinity
        for rho in [0, 0.6, 0.95] {
            let found = try #require(
                try EveInformation(
                    outcome, initiator: captures.0, responder: captures.1,
                    eve: Self.eve(captures.0, correlation: rho)))
            let law = Self.law(rho)
            #expect(found.isKeyed && found.components == 1)
            // Classes of local power that aren't keyed are left out of the second half of 1,600.
            #expect((600...800).contains(found.rows) && found.nearestRows == found.rows)
            // 800 rows: 1/(√n ln 2) is 0.05 bit; a moving mean of 61 takes a little of everything.
            for (value, expected) in [
                (found.gaussian.shared, law.shared), (found.gaussian.left, law.left),
                (found.gaussian.known, law.known),
            ] { #expect(abs(value - expected) < 0.16, "ρ_E \(rho): \(value), \(expected)") }
            let nearest = try #require(found.nearest)
            for (value, expected) in [
                (nearest.shared, law.shared), (nearest.left, law.left), (nearest.known, law.known),
            ] { #expect(abs(value - expected) < 0.35, "nearest, ρ_E \(rho): \(value), \(expected)") }
            #expect(found.gaussian.left < before && found.chargedPast + found.chargedEve > 0)
            before = found.gaussian.left
        }
    }

    @Test func `an Eve who is Bob leaves nothing, and her refusal shows it`() async throws {
        let captures = Traces.pair(8000, snr: Self.snr)
        var bench = Bench()
        bench.options.threatModel.eveTrace = true
        bench.eve = captures.1
        let outcome = try await bench.run(captures).initiator.get()
        #expect(outcome.key == nil)
        let found = try #require(
            try EveInformation(
                outcome, initiator: captures.0, responder: captures.1, eve: captures.1))
        #expect(!found.isKeyed && found.gaussian.shared > 1.8)
        #expect(found.gaussian.left < 0.1 && found.gaussian.known > 1.8)
        #expect(try #require(found.nearest).left < 0.2)
    }

    @Test func `without a plan, or with too few pairs, there is nothing to measure`() throws {
        let captures = Traces.pair(400)
        let none = ExchangeOutcome.refused(captures.0, as: .initiator, because: "planted")
        #expect(
            try EveInformation(none, initiator: captures.0, responder: captures.1, eve: captures.1) == nil)
    }
}
