// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import ChannelModels
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Radio

/// Bursts of somebody who doesn't know the key.
struct InjectionTests {
    private static func key(_ byte: UInt8) throws -> ProbeKey {
        try ProbeKey(SecretBuffer(copying: [UInt8](repeating: byte, count: 16).span))
    }

    @Test func `a burst's secret follows from key, number and sender, and from nothing else`() throws {
        let key = try Self.key(1)
        func samples(_ key: ProbeKey, _ number: UInt32, _ sender: Party.Role) throws -> [IQ] {
            SoundingBurst(
                sequence: number, sender: sender, secret: try #require(key.secret(number, sender))
            ).samples
        }
        let one = try samples(key, 7, .initiator)
        #expect(one == (try samples(try Self.key(1), 7, .initiator)))
        #expect(one != (try samples(try Self.key(2), 7, .initiator)))
        #expect(one != (try samples(key, 8, .initiator)))
        #expect(one != (try samples(key, 7, .responder)))
        #expect(throws: QWaveError.self) {
            try ProbeKey(SecretBuffer(copying: [UInt8](repeating: 0, count: 15).span))
        }
    }

    @Test func `probes under another key are counted as rejected and never enter a trace`() async throws {
        let ether = try Ether(EtherParameters(channel: try Rig.channel("tgn-b"), snr: 20))
        let alice = try ether.join(.alice)
        let bob = try ether.join(.bob)
        var plan = ProbePlan(count: 60, turnaround: .microseconds(400))
        plan.patience = .milliseconds(800)
        let hers = Prober(plan, key: try Self.key(1), role: .initiator)
        let his = Prober(plan, key: try Self.key(2), role: .responder)
        async let first = Rig.failure { try await hers.run(on: alice) }
        // He hears her bursts in his search and finds every tag wrong.
        let error = await Rig.failure { try await his.run(on: bob) }
        _ = await first
        #expect(error?.code == .timedOut)
    }

    /// Judges one burst that is made by hand, and tells what was counted.
    private static func judge(
        tag: ProbeKey, pilots: ProbeKey, sender: Party.Role = .initiator
    ) throws -> (taken: Int, tally: ProbeTally) {
        let number: UInt32 = 12
        let genuine = SoundingBurst(
            sequence: number, sender: sender, secret: try #require(tag.secret(number, sender))
        ).samples
        let other = SoundingBurst(
            sequence: number, sender: sender, secret: try #require(pilots.secret(number, sender))
        ).samples
        // Preamble and header of one, pilots of the other.
        let split = 320 + 7 * 80
        var random = SplitMix64(seed: 8)
        var samples = [IQ](repeating: .zero, count: 200) + genuine[..<split] + other[split...]
        samples += [IQ](repeating: .zero, count: 200)
        for index in samples.indices {
            samples[index] =
                samples[index]
                + IQ(
                    Float.random(in: -0.1...0.1, using: &random), Float.random(in: -0.1...0.1, using: &random)
                )
        }
        var judge = try BurstJudge(key: try key(1), peer: .initiator, rate: 20e6)
        var tally = ProbeTally()
        let start = DeviceTime(seconds: 3, fraction: 0)
        let found = judge.judge(ReceivedSamples(start: start, samples: samples), into: &tally)
        for genuine in found {
            #expect(genuine.probe.sequence == number)
            #expect(abs(genuine.probe.time.sample(at: 20e6) - start.sample(at: 20e6) - 200) <= 2)
        }
        return (found.count, tally)
    }

    @Test
    func `a right tag with pilots in another order is rejected, a wrong tag too, the peer's own is taken`()
        throws
    {
        let genuine = try Self.judge(tag: try Self.key(1), pilots: try Self.key(1))
        #expect(genuine.taken == 1 && genuine.tally.rejected == 0)
        let overlaid = try Self.judge(tag: try Self.key(1), pilots: try Self.key(2))
        #expect(overlaid.taken == 0 && overlaid.tally.lowCoherence == 1)
        let forged = try Self.judge(tag: try Self.key(2), pilots: try Self.key(2))
        #expect(forged.taken == 0 && forged.tally.wrongTag == 1)
        let echo = try Self.judge(tag: try Self.key(1), pilots: try Self.key(1), sender: .responder)
        #expect(echo.taken == 0 && echo.tally.rejected == 0)
    }
}
