// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct NRSoundingTests {
    /// 3GPP TS 38.211, 5.2.2.1 and 6.4.1.4.2, number by number.
    static func sequence(identity: Int, length: Int, shift: Int, of shifts: Int) -> [(Double, Double)] {
        let prime = (2..<length).last { number in (2..<number).allSatisfy { number % $0 != 0 } } ?? 0
        let mean = Double(prime * (identity % 30 + 1)) / 31
        let root = (mean + 0.5).rounded(.down)
        return (0..<length).map { n in
            let m = Double(n % prime)
            let angle =
                -Double.pi * root * m * (m + 1) / Double(prime)
                + 2 * .pi * Double(shift) / Double(shifts) * Double(n)
            return (cos(angle), sin(angle))
        }
    }

    @Test(arguments: [(0, 12, 2, 0, 1), (29, 16, 4, 7, 1), (531, 48, 2, 5, 2), (1023, 272, 4, 11, 4)])
    func `each port's tones carry the shifted sequence of the standard`(
        identity: Int, blocks: Int, comb: Int, shift: Int, ports: Int
    ) throws {
        let signal = try NRSoundingSignal(
            identity: identity, blocks: blocks, comb: comb, combOffset: comb - 1, cyclicShift: shift,
            ports: ports)
        let shifts = comb == 2 ? 8 : 12
        #expect(signal.length == 12 * blocks / comb)
        for port in 0..<ports {
            let expected = Self.sequence(
                identity: identity, length: signal.length, shift: (shift + shifts * port / ports) % shifts,
                of: shifts)
            for (value, truth) in zip(signal.values(port: port), expected) {
                #expect(abs(Double(value.re) - truth.0) < 1e-3 && abs(Double(value.im) - truth.1) < 1e-3)
            }
            // Of four ports with a large shift the odd ones stand half a comb aside.
            let offset = ports == 4 && shift >= shifts / 2 && port % 2 == 1 ? comb / 2 - 1 : comb - 1
            #expect(signal.tones(port: port).first == offset - 6 * blocks)
            #expect(
                Set(zip(signal.tones(port: port).dropFirst(), signal.tones(port: port)).map { $0 - $1 }) == [
                    comb
                ])
        }
    }

    @Test func `a base sequence has no likeness to its shifts, and little to those of other groups`() throws {
        func base(_ identity: Int) throws -> [IQ] {
            Array(try NRSoundingSignal(identity: identity, blocks: 64, comb: 4).values(port: 0).prefix(191))
        }
        func likeness(_ a: [IQ], _ b: [IQ], _ shift: Int) -> Float {
            var sum = IQ.zero
            for index in a.indices { sum = sum + a[index].conjugate * b[(index + shift) % b.count] }
            return sum.amplitude / Float(a.count)
        }
        let first = try base(3)
        for shift in 1..<191 { #expect(likeness(first, first, shift) < 1e-3) }
        for identity in [0, 1, 17, 29] {
            #expect(abs(likeness(first, try base(identity), 5) - 1 / Float(191).squareRoot()) < 1e-3)
        }
    }

    @Test(arguments: [(24, 2, 1), (48, 2, 2), (64, 4, 1), (48, 4, 2)])
    func `signals are found at their places, and gains are within the noise that is claimed`(
        blocks: Int, comb: Int, ports: Int
    ) throws {
        let length = 1024
        let signal = try NRSoundingSignal(
            identity: 77, blocks: blocks, comb: comb, combOffset: 1, cyclicShift: 1, ports: ports)
        // Little delay: groups of ports take the channel for flat over some tones.
        let airs = (0..<ports).map {
            Air(taps: ports == 1 ? [IQ(0.8, 0.1), IQ(0.1, -0.3)] : [IQ(0.9, 0.1 * Float($0))])
        }
        let noise = 0.05
        var samples = Air.silence(60_000)
        let starts = [3001, 9000, 20_480, 33_333, 57_000]
        for start in starts {
            for (port, air) in airs.enumerated() {
                let symbol = signal.samples(port: port, fftLength: length)
                air.add(symbol.suffix(80) + symbol, at: start - 80, to: &samples)
            }
        }
        Air(noise: noise).addNoise(to: &samples, seed: UInt64(blocks + comb))
        var receiver = try NRSoundingReceiver(signal, spacing: 30e3, sampleRate: 30.72e6)
        var soundings: [NRSounding] = []
        for begin in stride(from: 0, to: samples.count, by: 7001) {
            soundings += receiver.receive(Array(samples[begin..<min(samples.count, begin + 7001)]))
        }
        soundings += receiver.finish()
        #expect(soundings.map(\.start) == starts)
        var (error, claimed, count) = (0.0, 0.0, 0)
        for sounding in soundings {
            claimed += sounding.noiseVariance
            for port in 0..<ports {
                for (tone, gain) in zip(receiver.tones(port: port), sounding.gains[port]) {
                    var truth = (re: 0.0, im: 0.0)
                    for (path, tap) in airs[port].taps.enumerated() {
                        let angle = -2 * Double.pi * tone * Double(path) / Double(length)
                        truth.re += Double(tap.re) * cos(angle) - Double(tap.im) * sin(angle)
                        truth.im += Double(tap.re) * sin(angle) + Double(tap.im) * cos(angle)
                    }
                    error += Double((gain - IQ(Float(truth.re), Float(truth.im))).power)
                    count += 1
                }
            }
        }
        let bound = noise * Double(signal.length) / Double(length) / Double(ports)
        #expect(error / Double(count) < 1.2 * bound, "\(error / Double(count) / bound)")
        #expect(error / Double(count) > 0.8 * bound)
        #expect(abs(claimed / Double(soundings.count) / bound - 1) < 0.25)
    }

    @Test func `noise and another identity's signal are none`() throws {
        let signal = try NRSoundingSignal(identity: 77, blocks: 48)
        var receiver = try NRSoundingReceiver(signal, spacing: 15e3, sampleRate: 15.36e6)
        let other = try NRSoundingSignal(identity: 78, blocks: 48).samples(fftLength: 1024)
        let samples = CorrelatorTests.noise(200_000, seed: 4) + other + other + Air.silence(5000)
        #expect((receiver.receive(samples) + receiver.finish()).isEmpty)
    }

    @Test func `what the standard doesn't have or tabulates is refused`() {
        for (identity, blocks, comb, offset, shift, ports) in [
            (-1, 12, 2, 0, 0, 1), (1024, 12, 2, 0, 0, 1), (0, 5, 2, 0, 0, 1), (0, 276, 2, 0, 0, 1),
            (0, 12, 3, 0, 0, 1),
            (0, 12, 2, 2, 0, 1), (0, 12, 2, 0, 8, 1), (0, 12, 4, 0, 12, 1), (0, 12, 2, 0, 0, 3),
            (0, 4, 2, 0, 0, 1),
            (0, 8, 4, 0, 0, 1),
        ] {
            #expect(throws: QWaveError.self) {
                try NRSoundingSignal(
                    identity: identity, blocks: blocks, comb: comb, combOffset: offset, cyclicShift: shift,
                    ports: ports)
            }
        }
        #expect(throws: QWaveError.self) {
            try NRSoundingReceiver(
                NRSoundingSignal(identity: 0, blocks: 48, comb: 4, ports: 4), spacing: 15e3,
                sampleRate: 15.36e6)
        }
        for (spacing, rate) in [(15e3, 1e6), (20e3, 20.48e6), (15e3, 1.92e6)] {
            #expect(throws: QWaveError.self) {
                try NRSoundingReceiver(
                    NRSoundingSignal(identity: 0, blocks: 12), spacing: spacing, sampleRate: rate)
            }
        }
    }
}
