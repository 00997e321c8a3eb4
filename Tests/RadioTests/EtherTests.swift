// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import ChannelModels
import Foundation
import QWaveCore
import Testing

@testable import Radio

struct EtherTests {
    private static func pair(
        _ change: (inout EtherParameters) -> Void = { _ in }
    ) throws -> (Ether, VirtualTransceiver, VirtualTransceiver) {
        var parameters = EtherParameters(channel: try Rig.channel(), snr: 20)
        change(&parameters)
        let ether = try Ether(parameters)
        return (ether, try ether.join(.alice), try ether.join(.bob))
    }

    private static func burst() throws -> [IQ] {
        SoundingBurst(
            sequence: 5, sender: .initiator, secret: try #require(ProbeKey.known.secret(5, .initiator))
        ).samples
    }

    /// What Bob receives of one burst of Alice's.
    private static func exchange(
        _ change: (inout EtherParameters) -> Void = { _ in }
    ) async throws -> [IQ] {
        let (_, alice, bob) = try pair(change)
        let start = try await alice.now().advanced(by: .milliseconds(1)).onGrid(of: 20e6)
        try await alice.transmit(TransmitBurst(id: 1, start: start, samples: try burst()))
        await alice.rest()
        let begin = try await bob.now().advanced(by: .microseconds(900)).onGrid(of: 20e6)
        let received = try await bob.receive(ReceiveWindow(start: begin, count: 4000))
        #expect(received.trouble == nil && received.samples.count == 4000)
        #expect(received.start == begin)
        return received.samples
    }

    @Test func `the same seed gives the same samples, another gives others`() async throws {
        let first = try await Self.exchange()
        #expect(first == (try await Self.exchange()))
        let other = try await Self.exchange { $0.waveform.channel.bobSeed = 2 }
        #expect(first != other)
    }

    @Test func `a burst that is handed over too late isn't sent, and a window isn't received`() async throws {
        let (_, alice, bob) = try Self.pair()
        let now = try await alice.now()
        try await alice.transmit(TransmitBurst(id: 9, start: now, samples: try Self.burst()))
        let events = try await alice.events()
        #expect(events.map(\.kind) == [.late] && events.first?.burst == 9)
        let received = try await bob.receive(ReceiveWindow(start: try await bob.now(), count: 100))
        #expect(received.samples.isEmpty && received.trouble?.kind == .late)
    }

    @Test func `a burst is acknowledged when it is over, and not before`() async throws {
        let (_, alice, bob) = try Self.pair()
        _ = try await bob.now()
        await bob.rest()
        let start = try await alice.now().advanced(by: .milliseconds(1)).onGrid(of: 20e6)
        try await alice.transmit(TransmitBurst(id: 3, start: start, samples: try Self.burst()))
        #expect(try await alice.events().isEmpty)
        _ = try await alice.receive(
            ReceiveWindow(start: start.advanced(by: .milliseconds(1)).onGrid(of: 20e6), count: 100))
        #expect(try await alice.events().map(\.kind) == [.acknowledged])
        #expect(try await alice.events().isEmpty)
    }

    @Test func `no time passes before both ends are there, and none waits for one that is done`() async throws
    {
        let (_, alice, bob) = try Self.pair()
        async let early = alice.receive(ReceiveWindow(start: nil, count: 1000))
        try await Task.sleep(for: .milliseconds(20))
        // Bob's first window is where Alice's is: she waited.
        let his = try await bob.receive(ReceiveWindow(start: nil, count: 1000))
        let hers = try await early
        #expect(his.start == hers.start)
        await bob.rest()
        for _ in 0..<20 { _ = try await alice.receive(ReceiveWindow(start: nil, count: 1000)) }
        // Rested and back: he is as far as she is.
        await alice.rest()
        let times = (try await alice.now(), try await bob.now())
        #expect(times.0 == times.1)
    }

    @Test func `an end is held by one radio at a time, and free when that is closed`() async throws {
        let (ether, alice, _) = try Self.pair()
        #expect(throws: QWaveError.self) { try ether.join(.alice) }
        await alice.close()
        let error = await #expect(throws: QWaveError.self) {
            _ = try await alice.receive(ReceiveWindow(start: nil, count: 1))
        }
        #expect(error?.code == .radioFault)
        _ = try ether.join(.alice)
    }

    @Test func `absurd times and lengths are answered, not trapped on`() async throws {
        let (_, alice, bob) = try Self.pair()
        _ = try await bob.now()
        await bob.rest()
        for seconds in [Int64.max, .min, 1 << 40] {
            let time = DeviceTime(seconds: seconds, fraction: 0.5)
            try await alice.transmit(TransmitBurst(id: 1, start: time, samples: []))
            let received = try await alice.receive(ReceiveWindow(start: time, count: 10))
            #expect(received.samples.isEmpty && received.trouble?.kind == .late)
        }
        _ = try await alice.receive(ReceiveWindow(start: nil, count: -5))
        _ = try await alice.receive(ReceiveWindow(start: nil, count: .max))
    }

    /// A naive sum in the time domain, at instants that the clocks' definition gives, against the ether's transforms.
    @Test func `what arrives is the burst through every tap, at the receiver's own instants`() throws {
        let rate = 20e6
        var channel = try Rig.channel("tgn-b", speed: 1, seed: 3)
        channel.carrierFrequency = 2.4e9
        var parameters = WaveformParameters(channel: channel, sampleRate: rate, sampleSNR: 100)
        parameters.alice = EndClock(rate: 20, drift: 0.01, carrierOffset: 7e3)
        parameters.bob = EndClock(rate: -20, drift: -0.01, carrierOffset: -5e3)
        var air = try WaveformChannel(parameters)
        // A band-limited burst that can be asked for at any instant: tones under a smooth window.
        let count = 1024
        func sent(_ x: Double) -> (Double, Double) {
            guard x > 0, x < Double(count) else { return (0, 0) }
            let window = pow(sin(.pi * x / Double(count)), 4)
            let phase = 2 * Double.pi * (0.11 * x)
            let other = 2 * Double.pi * (-0.27 * x) + 1
            return (window * (cos(phase) + 0.5 * cos(other)), window * (sin(phase) + 0.5 * sin(other)))
        }
        let burst = (0..<count).map { x in
            let value = sent(Double(x))
            return IQ(Float(value.0), Float(value.1))
        }
        let first = 9_000_000
        let arrival = air.arrival(of: burst, first: first, from: .alice, at: .bob)
        let fading = try TwoSidedSimulator(channel).channel
        let (alice, bob) = (parameters.alice, parameters.bob)
        var worst = 0.0
        for index in stride(from: 0, to: arrival.samples.count, by: 7) {
            let time = bob.trueTime(elapsed: Double(arrival.first + index) / rate)
            var (re, im) = (0.0, 0.0)
            for (tap, gain) in zip(channel.model.taps, fading.tapGains(at: time)) {
                let left = time - parameters.propagation - tap.delay * 1e-9
                let value = sent(alice.elapsed(at: left) * rate - Double(first))
                re += Double(gain.re) * value.0 - Double(gain.im) * value.1
                im += Double(gain.re) * value.1 + Double(gain.im) * value.0
            }
            // Both carriers as they were when the wave left: the way's own turn is the taps'.
            let left = time - parameters.propagation
            let turn =
                2 * Double.pi
                * (12e3 * left + 2.4e9 * 0.02e-6 * left * left / 2).truncatingRemainder(dividingBy: 1)
            let expected = (re * cos(turn) - im * sin(turn), re * sin(turn) + im * cos(turn))
            let found = arrival.samples[index]
            worst = max(
                worst, abs(expected.0 - Double(found.re)) + abs(expected.1 - Double(found.im)))
        }
        #expect(worst < 3e-3)
    }

    @Test func `the channel is the same in both directions`() throws {
        let parameters = WaveformParameters(
            channel: try Rig.channel("tgn-d", speed: 1, seed: 5), sampleRate: 20e6, sampleSNR: 100)
        var air = try WaveformChannel(parameters)
        let burst = try Self.burst()
        let there = air.arrival(of: burst, first: 1000, from: .alice, at: .bob)
        let back = air.arrival(of: burst, first: 1000, from: .bob, at: .alice)
        #expect(there.samples == back.samples && there.first == back.first)
        let eve = air.arrival(of: burst, first: 1000, from: .alice, at: .eve)
        #expect(eve.samples != there.samples)
    }
}
