// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Secrecy
import Testing

@testable import Pairing

/// The certificate of an exchange that was refused before there was a length.
@Suite struct RefusalCertificateTests {
    /// 0 bits, the reasons, and sums that anybody can add up.
    private static func expectRefusal(_ certificate: Certificate, _ reasons: [String]) throws {
        #expect(certificate.length == 0 && certificate.ownLength == 0 && certificate.claim == "no key")
        #expect(certificate.refusals == reasons && !reasons.isEmpty)
        #expect(certificate.verifyArithmetic() == [])
        // It can be kept.
        let back = try Certificate(json: try certificate.json())
        #expect(back.verifyArithmetic() == [] && back.refusals == reasons)
    }

    @Test func `a channel that is refused before it is keyed costs nothing and shows the failed tests`()
        async throws
    {
        let flat = Traces.trace([Double](repeating: 0, count: 6000))
        let bench = Bench()
        let ends = try await bench.run((flat, flat))
        let model = try bench.options.threatModelDigest()
        for end in [ends.initiator, ends.responder] {
            let outcome = try end.get()
            #expect(outcome.certificate == nil)
            let certificate = try #require(outcome.refusalCertificate)
            try Self.expectRefusal(certificate, outcome.refusals)
            #expect(certificate.terms.components.isEmpty && certificate.authenticationBits == 0)
            #expect(certificate.terms.leakReconciliation == 0 && certificate.modelBits == -79)
            #expect(certificate.context.threatModelHash == model)
            #expect(certificate.laboratory && certificate.context.simulated)
        }
        let noisy = try await bench.run(Traces.pair(snr: -10))
        let certificate = try #require(noisy.initiator.outcome?.refusalCertificate)
        #expect(certificate.health.contains { !$0.passed })
        try Self.expectRefusal(certificate, noisy.initiator.refusals)
    }

    @Test func `ends that don't come to an exchange have one too`() async throws {
        let bench = Bench(responderOptions: ExchangeOptions())
        let ends = try await bench.run(Traces.pair())
        for end in [ends.initiator, ends.responder] {
            guard let outcome = end.outcome else { continue }
            try Self.expectRefusal(try #require(outcome.refusalCertificate), outcome.refusals)
        }
        #expect(ends.initiator.outcome?.refusals.isEmpty == false)
        let outcome = ExchangeOutcome.refused(
            Traces.pair(20).0, as: .initiator, because: "planted", of: Replay(options: Traces.quick))
        try Self.expectRefusal(try #require(outcome.refusalCertificate), ["planted"])
        #expect(outcome.refusalCertificate?.context.block == "none")
    }

    @Test func `what was keyed and said before a refusal stands in it, and what is missing stays missing`()
        async throws
    {
        let symbols = 4096
        var inputs = KeyLengthInputs(
            components: [
                .init(
                    component: .init(
                        name: "a", bits: 1, helperBits: 2, correlation: 0.99, correlationLowerBound: 0.98,
                        memoryCorrelation: 0, memoryCharge: 0, eveCharge: 0.2, deficit: 0,
                        errorPatternCharge: 0.1, errorRates: [0.05], softEntropies: [0.2]), symbols: symbols)
            ], threatModel: Traces.quick.threatModel, leakForward: 1000, leakBackward: 20,
            verification: nil, health: [])
        inputs.authenticationBits = 256
        let context = try Certificate.Context(
            [1, 2], options: Traces.quick, captures: [], software: [:], simulated: false)
        let certificate = Certificate.refusal(inputs, because: ["planted"], context: context)
        try Self.expectRefusal(certificate, ["planted"])
        #expect(certificate.terms.symbols == symbols && certificate.terms.leakForward == 1000)
        #expect(certificate.terms.verification.isNaN && certificate.modelBits == nil)
        #expect(certificate.netLength == -256)
    }

    @Test func `a key, and a length of 0 that was computed, have their own certificate and no other`()
        async throws
    {
        let good = try await Bench().run(Traces.pair())
        #expect(good.initiator.outcome?.certificate != nil)
        #expect(good.initiator.outcome?.refusalCertificate == nil)
        let short = try await Bench().run(Traces.pair(1400))
        let outcome = try short.initiator.get()
        #expect(outcome.key == nil && (outcome.certificate == nil) != (outcome.refusalCertificate == nil))
    }
}
