// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

/// Sounding signals as a network places them: anywhere in the carrier, at other rates, off the receiver's carrier.
@Suite struct NRPlacementTests {
    /// One symbol by the sum over its tones, with a guard interval of `guardLength` in front; mean power 1.
    static func symbol(
        identity: Int, blocks: Int, comb: Int, offset: Int, shift: Int, firstTone: Int, length: Int,
        guardLength: Int
    ) -> [IQ] {
        let count = 12 * blocks / comb
        let values = NRSoundingTests.sequence(
            identity: identity, length: count, shift: shift, of: comb == 2 ? 8 : 12)
        let turns = (0..<length).map { 2 * Double.pi * Double($0) / Double(length) }.map {
            (cos($0), sin($0))
        }
        return (-guardLength..<length).map { n in
            var sum = (re: 0.0, im: 0.0)
            for (index, value) in values.enumerated() {
                let tone = firstTone + offset + comb * index
                let turn = turns[((tone + length) * (n + length)) % length]
                sum.re += value.0 * turn.0 - value.1 * turn.1
                sum.im += value.0 * turn.1 + value.1 * turn.0
            }
            let scale = 1 / Double(count).squareRoot()
            return IQ(Float(sum.re * scale), Float(sum.im * scale))
        }
    }

    struct Placement: Sendable {
        var blocks: Int
        var comb: Int
        var offset: Int
        var shift: Int
        var firstTone: Int
        var length: Int
        /// Of the carriers, in subcarriers.
        var carrier: Double
    }

    @Test(arguments: [
        // 48 of 51 blocks at 23.04 MHz, as radios with a clock of 184.32 MHz give them.
        Placement(blocks: 48, comb: 2, offset: 1, shift: 3, firstTone: -306, length: 768, carrier: 0.1),
        Placement(blocks: 20, comb: 4, offset: 2, shift: 7, firstTone: 60, length: 768, carrier: -0.2),
        Placement(blocks: 16, comb: 2, offset: 0, shift: 0, firstTone: -192, length: 384, carrier: 0.3),
    ])
    func `gains are within the noise that is claimed, and the carrier offset is measured`(
        _ place: Placement
    ) throws {
        let guardLength = place.length * 9 / 128
        let symbol = Self.symbol(
            identity: 500, blocks: place.blocks, comb: place.comb, offset: place.offset, shift: place.shift,
            firstTone: place.firstTone, length: place.length, guardLength: guardLength)
        let air = Air(
            taps: [IQ(0.7, 0.2), IQ(0.1, -0.3), IQ(0.05, 0.05)],
            offset: 2 * .pi * place.carrier / Double(place.length), noise: 0.02)
        // The third follows the second without a gap, as an occasion of several symbols does.
        var starts = [1000, 4000, 4000 + place.length + guardLength, 9000]
        if place.length == 384 { starts.append(guardLength) }
        starts.sort()
        var samples = Air.silence(12_000)
        for start in starts { air.add(symbol, at: start - guardLength, to: &samples) }
        air.addNoise(to: &samples, seed: UInt64(place.blocks))
        let signal = try NRSoundingSignal(
            identity: 500, blocks: place.blocks, comb: place.comb, combOffset: place.offset,
            cyclicShift: place.shift, firstTone: place.firstTone)
        var receiver = try NRSoundingReceiver(signal, spacing: 30e3, sampleRate: 30e3 * Double(place.length))
        var soundings: [NRSounding] = []
        for begin in stride(from: 0, to: samples.count, by: 999) {
            soundings += receiver.receive(Array(samples[begin..<min(samples.count, begin + 999)]))
        }
        soundings += receiver.finish()
        #expect(soundings.count == starts.count)
        var (error, claimed, count) = (0.0, 0.0, 0)
        for (sounding, start) in zip(soundings, starts) {
            // A narrow signal's peak is several samples wide.
            let late = sounding.start - start
            #expect(abs(late) <= 1)
            if let repetition = sounding.repetition { #expect(repetition > 0.9) }
            #expect(abs(sounding.carrierOffset - place.carrier * 30e3) < 0.02 * 30e3)
            claimed += sounding.noiseVariance / Double(soundings.count)
            let middle = Double(sounding.start) + Double(place.length) / 2 - Double(place.length / 32)
            let angle = air.offset * middle
            for (tone, gain) in zip(receiver.tones(port: 0), sounding.gains[0]) {
                let response = air.response(Int(tone), place.length)
                let angle = angle + 2 * .pi * tone * Double(late) / Double(place.length)
                let truth =
                    IQ(Float(response.re), Float(response.im)) * IQ(Float(cos(angle)), Float(sin(angle)))
                error += Double((gain - truth).power)
                count += 1
            }
        }
        let bound = air.noise * Double(signal.length) / Double(place.length)
        #expect(error / Double(count) < 1.25 * bound, "\(error / Double(count) / bound)")
        #expect(error / Double(count) > 0.75 * bound)
        #expect(abs(claimed / bound - 1) < 0.25, "\(claimed / bound)")
    }

    @Test func `what isn't the signal is none, or its guard interval doesn't repeat`() throws {
        let length = 512
        let symbol = Self.symbol(
            identity: 5, blocks: 24, comb: 2, offset: 0, shift: 0, firstTone: -144, length: length,
            guardLength: 36)
        var samples = Air.silence(6000)
        for start in [500, 2500] { Air().add(symbol, at: start, to: &samples) }
        Air(noise: 0.01).addNoise(to: &samples, seed: 3)
        func soundings(
            _ identity: Int, _ firstTone: Int = -144, offset: Int = 0, comb: Int = 2, shift: Int = 0
        ) throws -> [NRSounding] {
            let signal = try NRSoundingSignal(
                identity: identity, blocks: 24, comb: comb, combOffset: offset, cyclicShift: shift,
                firstTone: firstTone)
            var receiver = try NRSoundingReceiver(signal, spacing: 30e3, sampleRate: 15.36e6)
            return receiver.receive(samples) + receiver.finish()
        }
        for sounding in try soundings(5) { #expect((sounding.repetition ?? 0) > 0.95) }
        #expect(try soundings(6).isEmpty && soundings(5, comb: 4).isEmpty)
        // A chirp that is shifted in frequency is one that is shifted in time.
        for shifted in try [
            soundings(5, -156), soundings(5, -96), soundings(5, offset: 1), soundings(5, shift: 1),
            soundings(5, shift: 4),
        ] {
            for sounding in shifted { #expect(abs(sounding.repetition ?? 1) < 0.3, "\(sounding.start)") }
        }
    }

    @Test func `a bandwidth configuration has the standard's blocks, and each level divides the one above`()
        throws
    {
        // Rows of 3GPP TS 38.211, table 6.4.1.4.3-1.
        for (configuration, blocks) in [
            (0, [4, 4, 4, 4]), (9, [32, 16, 8, 4]), (13, [48, 24, 12, 4]), (25, [104, 52, 4, 4]),
            (36, [144, 48, 24, 12]), (55, [240, 48, 16, 8]), (61, [272, 136, 68, 4]), (63, [272, 16, 8, 4]),
        ] {
            for level in 0...3 {
                #expect(
                    try NRSoundingBandwidth.blocks(configuration: configuration, level: level)
                        == blocks[level])
            }
        }
        var widest = 0
        for configuration in 0...63 {
            let blocks = try (0...3).map {
                try NRSoundingBandwidth.blocks(configuration: configuration, level: $0)
            }
            #expect(blocks[0] >= widest && blocks.allSatisfy { $0 % 4 == 0 && $0 > 0 })
            widest = blocks[0]
            for level in 1...3 { #expect(blocks[level - 1] % blocks[level] == 0) }
        }
        for (configuration, level) in [(-1, 0), (64, 0), (0, 4), (0, -1)] {
            #expect(throws: QWaveError.self) {
                try NRSoundingBandwidth.blocks(configuration: configuration, level: level)
            }
        }
    }

    @Test func `a signal that reaches beyond the carrier or the rate is refused with the rates that fit`()
        throws
    {
        for firstTone in [-1651, 1650 - 288 + 1] {
            #expect(throws: QWaveError.self) {
                try NRSoundingSignal(identity: 0, blocks: 24, firstTone: firstTone)
            }
        }
        let signal = try NRSoundingSignal(identity: 0, blocks: 24, firstTone: 0)
        #expect {
            try NRSoundingReceiver(signal, spacing: 30e3, sampleRate: 15.36e6)
        } throws: { error in
            (error as? QWaveError)?.message.contains("23.04e6") == true
        }
        _ = try NRSoundingReceiver(signal, spacing: 30e3, sampleRate: 23.04e6)
    }
}
