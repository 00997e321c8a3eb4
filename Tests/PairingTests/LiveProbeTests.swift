// SPDX-License-Identifier: GPL-3.0-or-later
import Authentication
import QWaveCore
import Secrecy
import Synchronization
import TestSupport
import Testing

@testable import Pairing

/// Sessions whose probes are agreed on over the link, with captures in place of radios.
struct LiveProbeTests {
    private static let terms = ProbeTerms(
        count: 6000, sacrificed: 0, rate: 50, minimumRate: 50, turnaround: 1e-3, sampleRate: 20e6,
        carrier: 2.437e9)

    private struct Outcome {
        var errors: [QWaveError?] = []
        var outcomes: [[ExchangeOutcome]] = [[], []]
        var agreed: [[ProbeTerms]] = [[], []]
        var keys: [[[UInt8]]] = [[], []]
        var secrets: [EphemeralSecretSource] = []
    }

    private final class Collected: Sendable {
        let outcome = Mutex(Outcome())
    }

    private static func run(
        _ own: [ProbeTerms] = [terms, terms], exchanges: Int = 1, rejected: Int = 0, wire: Wire = Wire()
    ) async throws -> Outcome {
        let bytes = try SeededRandomSource(seed: 7).bytes(32 + 2 * 640)
        let secrets = try [Party.Role.initiator, .responder].map {
            try EphemeralSecretSource(enrolled: SecretBuffer(copying: bytes), role: $0)
        }
        let (left, right) = Loopback.pair()
        let links = [wire.tap(left, .initiator), wire.tap(right, .responder)]
        let collected = Collected()
        collected.outcome.withLock { $0.secrets = secrets }
        let tasks = (0..<2).map { end -> Task<QWaveError?, Never> in
            let session = PairingSession(
                options: Traces.quick, store: MemoryStore(), secrets: secrets[end],
                random: SeededRandomSource(seed: 16 + UInt64(end)))
            let link = links[end]
            return Task {
                do throws(QWaveError) {
                    try await session.run(
                        over: link, as: end == 0 ? .initiator : .responder, count: exchanges, terms: own[end],
                        probe: { number, terms, key throws(QWaveError) in
                            let copy = key.withBytes { span in (0..<span.count).map { span[$0] } }
                            collected.outcome.withLock {
                                $0.agreed[end].append(terms)
                                $0.keys[end].append(copy)
                            }
                            let captures = Traces.pair(20_000, seed: 1 + number)
                            return (
                                end == 0 ? captures.0 : captures.1,
                                InjectionCount(heard: 6000, rejected: end == 1 ? rejected : 0)
                            )
                        },
                        finished: { outcome throws(QWaveError) in
                            collected.outcome.withLock { $0.outcomes[end].append(outcome) }
                        })
                    return nil
                } catch { return error }
            }
        }
        let errors = [await tasks[0].value, await tasks[1].value]
        return collected.outcome.withLock {
            $0.errors = errors
            return $0
        }
    }

    @Test func `both ends probe with the same terms and a fresh common key, and the certificate says so`()
        async throws
    {
        var slow = Self.terms
        slow.rate = 20
        slow.minimumRate = 20
        slow.turnaround = 7e-3
        let end = try await Self.run([Self.terms, slow], exchanges: 2)
        #expect(end.errors[0] == nil && end.errors[1] == nil)
        #expect(end.agreed[0] == end.agreed[1])
        let agreed = try #require(end.agreed[0].first)
        #expect(agreed.rate == 20 && agreed.minimumRate == 20 && agreed.turnaround == 7e-3)
        try #require(end.keys[0].count == 2)
        #expect(end.keys[0] == end.keys[1])
        #expect(end.keys[0][0] != end.keys[0][1] && end.keys[0][0].count == 16)
        // Two exchanges: three tags each way and, from the initiator, a seal and a key.
        #expect(end.secrets[0].remaining(.initiatorToResponder) == 640 - 2 * 5 * 16)
        #expect(end.secrets[1].remaining(.responderToInitiator) == 640 - 2 * 3 * 16)
        for outcome in end.outcomes.flatMap(\.self) {
            let certificate = try #require(outcome.certificate)
            #expect(certificate.injectionDetection.hasPrefix("computational"))
            #expect(certificate.authenticationBits == 8 * 128)
            #expect(certificate.netLength == certificate.length - 8 * 128)
            let passed = certificate.health.contains { $0.name == "injected probes" && $0.passed }
            #expect(passed)
        }
    }

    @Test func `more bursts under a wrong tag than chance explains leave no key at either end`() async throws
    {
        let end = try await Self.run(rejected: 64)
        for outcomes in end.outcomes { #expect(outcomes.allSatisfy { $0.key == nil }) }
        #expect(end.outcomes[1].first?.refusals.contains("health test failed: injected probes") == true)
        let fewer = try await Self.run(rejected: 63)
        #expect(fewer.outcomes.allSatisfy { $0.first?.key != nil })
    }

    @Test func `radios of other rates or frequencies, and other numbers of probes, are refused`() async throws
    {
        var others = [Self.terms, Self.terms, Self.terms]
        others[0].sampleRate = 10e6
        others[1].carrier = 5.2e9
        others[2].count = 100
        for other in others {
            let end = try await Self.run([other, Self.terms])
            #expect(end.errors[0]?.code == .refused)
            #expect(end.errors[1] != nil && end.agreed[1].isEmpty)
        }
    }

    @Test func `any changed bit of the agreement ends it before a probe`() async throws {
        let plain = Wire()
        _ = try await Self.run(wire: plain)
        for sender in Party.Role.allRoles {
            let offer = try #require(
                plain.said(by: sender).first { $0.bytes.first == SessionMessage.probing })
            var random = SplitMix64(seed: 5)
            for _ in 0..<12 {
                let bit = Int.random(in: 8..<offer.bytes.count * 8, using: &random)
                let wire = Wire { said in
                    guard said.sender == sender, said.index == offer.index else { return .pass(said.bytes) }
                    var bytes = said.bytes
                    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                    return .pass(bytes)
                }
                let end = try await Self.run(wire: wire)
                #expect(end.errors[1] != nil && end.agreed[1].isEmpty, "bit \(bit) of \(sender)")
                #expect(end.outcomes[0].isEmpty && end.outcomes[1].isEmpty)
            }
        }
    }
}
