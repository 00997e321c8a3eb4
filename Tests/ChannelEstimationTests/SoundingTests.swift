// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing
import Transforms

@Suite struct SoundingTests {
    /// Stands for the pseudorandom function of the exchange's key.
    static func secret(_ sequence: UInt32, _ sender: Party.Role, key: UInt64 = 1) throws -> SoundingSecret {
        var random = SplitMix64(seed: key &* 1_000_003 &+ UInt64(sequence) << 1 | UInt64(sender.rawValue))
        return try SoundingSecret(
            bytes: (0..<SoundingSecret.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    static func receiver(key: UInt64 = 1) throws -> SoundingReceiver {
        try SoundingReceiver(sampleRate: 20e6) { sequence, sender in
            try? secret(sequence, sender, key: key)
        }
    }

    @Test func `all parts of a burst have unit power and the tones of a Wi-Fi frame`() throws {
        let burst = SoundingBurst(
            sequence: 7, sender: .responder, secret: try Self.secret(7, .responder))
        let samples = burst.samples
        #expect(samples.count == SoundingBurst.count && samples.count == 1200)
        let transform = FFT(length: 64)
        for symbol in 0..<11 {
            let start = 320 + 80 * symbol
            let whole = Array(samples[start + 16..<start + 80])
            #expect(abs(whole.reduce(0) { $0 + $1.power } / 64 - 1) < 1e-4)
            #expect(
                zip(samples[start..<start + 16], whole.suffix(16)).allSatisfy { ($0 - $1).amplitude < 1e-6 })
            let spectrum = transform.forward(whole)
            for tone in -32..<32 where !SoundingBurst.tones.contains(tone) {
                #expect(spectrum[(tone + 64) % 64].amplitude < 1e-4)
            }
        }
    }

    @Test(arguments: [10.0, 20], [(-20e3, 0.37), (0, 0), (20e3, 0), (20e3, 0.37), (20e3, -0.5)])
    func `gains are within 1.2 of the Cramér-Rao bound, with offset and fractional delay`(
        snr: Double, impairment: (offset: Double, delay: Double)
    ) throws {
        let (offset, delay) = impairment
        let noise = pow(10, -snr / 10)
        let air = Air(taps: Air.fourTaps, delay: delay, offset: 2 * .pi * offset / 20e6, noise: noise)
        var random = SplitMix64(seed: UInt64(snr))
        let bursts = 60
        var samples = Air.silence(bursts * 2000)
        var starts: [Int] = []
        for index in 0..<bursts {
            let sender: Party.Role = index % 2 == 0 ? .initiator : .responder
            let secret = try Self.secret(UInt32(index), sender)
            starts.append(index * 2000 + Int.random(in: 100..<700, using: &random))
            air.add(
                SoundingBurst(sequence: UInt32(index), sender: sender, secret: secret).samples,
                at: starts[index], to: &samples)
        }
        air.addNoise(to: &samples, seed: UInt64(snr + offset + 1e6))
        var receiver = try Self.receiver()
        let soundings = receiver.receive(samples) + receiver.finish()
        #expect(soundings.map(\.sequence) == (0..<UInt32(bursts)).map { $0 })
        var (error, claimed, carrier) = (0.0, 0.0, 0.0)
        for (index, sounding) in soundings.enumerated() {
            #expect(sounding.sender == (index % 2 == 0 ? .initiator : .responder))
            #expect(sounding.tagIsRight && sounding.coherence > 0.95)
            claimed += sounding.noiseVariance
            carrier += pow(sounding.carrierOffset - offset, 2)
            // The middle of the pilots: 880 samples, three and a half symbols of which the last begins at 240.
            let center = Double(sounding.start) + 880 + 120 + 42
            let late = Double(starts[Int(sounding.sequence)] - sounding.start)
            for (tone, gain) in zip(SoundingBurst.tones, sounding.gains) {
                let truth = air.response(tone, 64)
                let angle = air.offset * center - 2 * .pi * Double(tone) * late / 64
                let turn = IQ(Float(cos(angle)), Float(sin(angle)))
                error += Double((gain - IQ(Float(truth.re), Float(truth.im)) * turn).power)
            }
        }
        let bound = noise * 52 / 64 / 4
        #expect(error / Double(52 * soundings.count) < 1.2 * bound)
        #expect(abs(claimed / Double(soundings.count) / bound - 1) < 0.15)
        #expect((carrier / Double(soundings.count)).squareRoot() < 1000)
    }

    @Test func `at 3 dB nine bursts in ten come through`() throws {
        let air = Air(taps: Air.fourTaps, offset: 0.004, noise: 0.5)
        var samples = Air.silence(100 * 1500)
        for index in 0..<100 {
            let secret = try Self.secret(UInt32(index), .initiator)
            air.add(
                SoundingBurst(sequence: UInt32(index), sender: .initiator, secret: secret).samples,
                at: index * 1500 + 77, to: &samples)
        }
        air.addNoise(to: &samples, seed: 4)
        var receiver = try Self.receiver()
        let soundings = receiver.receive(samples) + receiver.finish()
        #expect(soundings.count >= 90)
    }

    @Test func `a burst made with another key has a wrong tag and incoherent pilots`() throws {
        let air = Air(taps: Air.fourTaps, offset: 0.002, noise: 0.01)
        var samples = Air.silence(3000)
        let forged = SoundingBurst(
            sequence: 5, sender: .initiator, secret: try Self.secret(5, .initiator, key: 2))
        air.add(forged.samples, at: 300, to: &samples)
        air.addNoise(to: &samples, seed: 9)
        var receiver = try Self.receiver()
        let sounding = try #require((receiver.receive(samples) + receiver.finish()).first)
        #expect(sounding.sequence == 5 && !sounding.tagIsRight && sounding.coherence < 0.5)
    }

    @Test func `a cut, damaged or unknown burst is passed over`() throws {
        let burst = SoundingBurst(sequence: 1, sender: .initiator, secret: try Self.secret(1, .initiator))
        let whole = Air.silence(200) + burst.samples
        var receiver = try Self.receiver()
        #expect((receiver.receive(whole) + receiver.finish()).count == 1)
        #expect((receiver.receive(Array(whole.dropLast())) + receiver.finish()).isEmpty)
        var damaged = whole
        for index in 550..<900 { damaged[index] = damaged[index] * -1 }
        #expect((receiver.receive(damaged) + receiver.finish()).isEmpty)
        var stranger = try SoundingReceiver(sampleRate: 20e6) { _, _ in nil }
        #expect((stranger.receive(whole) + stranger.finish()).isEmpty)
    }

    @Test func `bursts of other secrets have other pilots`() throws {
        let bursts = try [(1, 1), (1, 2), (2, 1)].map { sequence, key in
            SoundingBurst(
                sequence: UInt32(sequence), sender: .initiator,
                secret: try Self.secret(UInt32(sequence), .initiator, key: UInt64(key))
            ).samples.suffix(320)
        }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            var (re, im): (Float, Float) = (0, 0)
            for (x, y) in zip(bursts[a], bursts[b]) {
                re += (x * y.conjugate).re
                im += (x * y.conjugate).im
            }
            #expect((re * re + im * im).squareRoot() / 320 < 0.35)
        }
    }

    @Test func `a secret takes its number of bytes`() throws {
        for count in [0, SoundingSecret.byteCount - 1, SoundingSecret.byteCount + 1] {
            #expect(throws: QWaveError.self) {
                try SoundingSecret(bytes: [UInt8](repeating: 0, count: count))
            }
        }
    }
}
