// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

/// Signal fields of HT and VHT frames.
@Suite struct SignalFieldTests {
    /// What a field says, and the 48 coded and interleaved bits of both its symbols, the lowest data tone first, as
    /// a coder wrote them that was made from the standard's text in another language.
    struct Case: Sendable {
        var format: TrainingField.Format
        var width: Int
        var streams: Int
        var scheme: Int?
        var first: UInt64
        var second: UInt64
        /// At which it is received: a narrow receiver sees a part of a wide frame, which says the same.
        var received = ChannelWidth.mhz20
    }

    static let cases: [Case] = [
        // 100 bytes; 1,500 bytes with the short guard interval; two streams; space-time coding of one.
        Case(
            format: .ht, width: 20, streams: 1, scheme: 0, first: 0x2496_836C_0400, second: 0xDA17_950D_D504),
        Case(
            format: .ht, width: 20, streams: 1, scheme: 7, first: 0xDA05_9428_E7DE, second: 0x63A1_1500_C1E9),
        Case(
            format: .ht, width: 20, streams: 2, scheme: 9, first: 0x99CF_D335_C242, second: 0xFA15_DD09_4194),
        Case(
            format: .ht, width: 20, streams: 2, scheme: 0, first: 0x6820_0A65_0492, second: 0xFB95_CDB1_B8A0),
        Case(
            format: .ht, width: 20, streams: 4, scheme: 31, first: 0x9E35_A1A7_73A1, second: 0xCCC7_C768_555F),
        Case(
            format: .ht, width: 20, streams: 2, scheme: 33, first: 0x91DB_376C_6CA6, second: 0xFE03_5745_57C6),
        Case(
            format: .ht, width: 20, streams: 4, scheme: 76, first: 0x2C29_2080_24B4, second: 0xDA81_0C49_438F),
        Case(
            format: .ht, width: 40, streams: 2, scheme: 8, first: 0x4816_F77B_79EF, second: 0x9FB1_7277_885F,
            received: .mhz40),
        Case(
            format: .ht, width: 40, streams: 1, scheme: 32, first: 0x6134_4B4A_6190, second: 0xFE83_5F0C_554D),
        Case(
            format: .ht, width: 40, streams: 1, scheme: 0, first: 0x64B6_5925_B6FF, second: 0xFACD_CB17_979D),
        Case(
            format: .vht, width: 20, streams: 1, scheme: 8, first: 0x4809_0492_4029, second: 0x3EDB_CACF_F436),
        Case(
            format: .vht, width: 40, streams: 1, scheme: 9, first: 0x9842_6A43_DECB, second: 0xAFD1_E517_BD90,
            received: .mhz40),
        Case(
            format: .vht, width: 80, streams: 1, scheme: 4, first: 0x4A48_2002_480D, second: 0xEE86_6481_4094,
            received: .mhz80),
        Case(
            format: .vht, width: 80, streams: 2, scheme: 7, first: 0x6E4C_A24B_681D, second: 0x37DB_5035_678D),
        Case(
            format: .vht, width: 160, streams: 1, scheme: 0, first: 0xDA01_0400_410D, second: 0x37F9_C0AA_76C0
        ),
        // Two users of one stream each.
        Case(
            format: .vht, width: 80, streams: 2, scheme: nil, first: 0x026A_3B92_08AF,
            second: 0x3779_C98F_D61B),
    ]

    /// A symbol with these bits on the data tones of each 20 MHz, rotated as the preamble is, turned by j where
    /// asked for (IEEE 802.11-2020, 17.3.5.9 and 21.3.7.5).
    static func symbol(_ bits: UInt64, _ width: ChannelWidth, turned: Bool) -> [IQ] {
        let length = width.fftLength
        var spectrum: [(tone: Int, re: Double, im: Double)] = []
        for part in 0..<width.parts {
            var place = 0
            for index in -26...26 where index != 0 {
                let tone = 64 * part - 32 * (width.parts - 1) + index
                var value = index == 21 ? -1.0 : 1
                if abs(index) != 7, abs(index) != 21 {
                    value = bits >> (47 - place) & 1 == 1 ? 1 : -1
                    place += 1
                }
                if width == .mhz80, tone >= -64 { value = -value }
                let isTurned = turned != (width == .mhz40 && tone >= 0)
                // Turned twice is −1.
                if turned, width == .mhz40, tone >= 0 { value = -value }
                spectrum.append((tone, isTurned ? 0 : value, isTurned ? value : 0))
            }
        }
        let scale = 1 / Double(spectrum.count).squareRoot()
        let turns = (0..<length).map { 2 * Double.pi * Double($0) / Double(length) }.map {
            (cos($0), sin($0))
        }
        let symbol = (0..<length).map { n in
            var sum = (re: 0.0, im: 0.0)
            for (tone, re, im) in spectrum {
                let turn = turns[(tone + length) * n % length]
                sum.re += re * turn.0 - im * turn.1
                sum.im += re * turn.1 + im * turn.0
            }
            return IQ(Float(sum.re * scale), Float(sum.im * scale))
        }
        return symbol.suffix(length / 4) + symbol
    }

    /// A frame up to its signal field, and a symbol more.
    static func frame(_ test: Case, _ width: ChannelWidth) -> [IQ] {
        var samples = LegacyPreamble(width: width).samples
        samples += symbol(0xA5A5_F00F_3C3C, width, turned: false)
        samples += symbol(test.first, width, turned: test.format == .ht)
        samples += symbol(test.second, width, turned: true)
        return samples + LegacyPreamble(width: width).shortField
    }

    static func signals(_ samples: [IQ], _ width: ChannelWidth) throws -> [SignalField?] {
        let estimator = TrainingEstimator(try TrainingField(.vht, width: width))
        return try PreambleTests.frames(samples, LegacyPreamble(width: width), kept: estimator.reach).map {
            estimator.signal(of: $0, sampleRate: width.sampleRate)
        }
    }

    @Test func `a signal field tells format, width, streams and scheme of its frame through a channel`()
        throws
    {
        for (index, test) in Self.cases.enumerated() {
            let width = test.received
            // 10 dB in a sample, and a carrier offset.
            let air = Air(taps: Air.fourTaps, offset: 2 * .pi * 40e3 / width.sampleRate, noise: 0.1)
            var samples = Air.silence(1500 * width.parts)
            air.add(Self.frame(test, width), at: 200, to: &samples)
            air.addNoise(to: &samples, seed: UInt64(index))
            let found = try Self.signals(samples, width)
            let signal = try #require(found.first ?? nil, "\(test)")
            #expect(found.count == 1)
            #expect(signal.format == test.format && signal.width == test.width, "\(test)")
            #expect(signal.streams == test.streams && signal.scheme == test.scheme, "\(test)")
        }
    }

    @Test func `a damaged field is none, whichever part of it is hit`() throws {
        let width = ChannelWidth.mhz20
        var samples: [IQ] = []
        for shift in stride(from: 0, to: 48, by: 6) {
            var test = Self.cases[1]
            // Nine code bits in a row are more than the code corrects.
            test.first ^= 0x1FF << UInt64(min(shift, 39))
            test.first ^= 0x1FF << UInt64((shift + 20) % 40)
            samples += Air.silence(100) + Self.frame(test, width) + Air.silence(900)
        }
        let found = try Self.signals(samples, width)
        #expect(found.count == 8 && found.allSatisfy { $0 == nil })
    }

    @Test func `a frame that ends within its signal field has none`() throws {
        let samples = Self.frame(Self.cases[0], .mhz20)
        // Preamble, L-SIG and the field's two symbols are 560 samples.
        for kept in Array(320...333) + Array(395...405) + Array(475...559) {
            let found = try Self.signals(Air.silence(50) + Array(samples[..<kept]), .mhz20)
            #expect(found.count == 1 && found[0] == nil)
        }
    }

    @Test(.enabled(if: PrivateData.hasCaptures, "recorded captures aren't here; set QWAVE_CAPTURES"))
    func `recorded HT frames say what was sent`() throws {
        let estimator = TrainingEstimator(try TrainingField(.ht, width: .mhz20))
        func signals(_ name: String) throws -> [(frame: PreambleFrame, signal: SignalField?)] {
            try RecordedFramesTests.frames(name, kept: estimator.reach).filter {
                estimator.format(of: $0, sampleRate: 20e6) == .ht
            }.map { ($0, estimator.signal(of: $0, sampleRate: 20e6)) }
        }
        // 7.2 Mbit/s is scheme 0 with the short guard interval.
        let cable = try signals("conducted_dot11n_7.2mbps")
        #expect(cable.count == 9)
        for (_, signal) in cable {
            #expect(signal?.scheme == 0 && signal?.streams == 1 && signal?.width == 20)
        }
        // 26 Mbit/s is scheme 3 with the long one; the other radio, at another carrier offset, answers with two
        // streams.
        let air = try signals("radiated_dot11n_26mbps")
        #expect(air.count == 10)
        for (frame, signal) in air {
            let signal = try #require(signal)
            let isFirst = frame.carrierOffset < -25e3
            #expect(signal.streams == (isFirst ? 1 : 2) && signal.width == 20)
            #expect(isFirst ? signal.scheme == 3 : (8...15).contains(signal.scheme ?? 0))
        }
    }

    /// Both antennas send the preamble at once, and their streams apart: the sum of both gains must be the preamble's.
    @Test(.enabled(if: PrivateData.hasCaptures, "recorded captures aren't here; set QWAVE_CAPTURES"))
    func `the two streams of a recorded frame add up to its preamble`() throws {
        let estimator = TrainingEstimator(try TrainingField(.ht, width: .mhz20, streams: 2))
        let preamble = LegacyPreamble()
        var read = 0
        for frame in try RecordedFramesTests.frames("radiated_dot11n_26mbps", kept: estimator.reach)
        where estimator.signal(of: frame, sampleRate: 20e6)?.streams == 2 {
            let result = try #require(estimator.estimate(frame, sampleRate: 20e6))
            // The second stream is sent 400 ns early in the HT part (IEEE 802.11-2020, table 19-10).
            let streams = result.gains.enumerated().map { stream, gains in
                zip(estimator.field.tones, gains).filter { preamble.tones.contains($0.0) }.map { tone, gain in
                    let angle = stream == 0 ? 0 : -2 * Double.pi * Double(8 * tone) / 64
                    return gain * IQ(Float(cos(angle)), Float(sin(angle)))
                }
            }
            // A common factor, for the preamble's tones are fewer, and the left carrier offset turns the field.
            let sums = zip(streams[0], streams[1]).map { $0 + $1 }
            let factor =
                zip(sums, frame.gains).reduce(IQ.zero) { $0 + $1.0.conjugate * $1.1 }
                * (1 / sums.reduce(0) { $0 + $1.power })
            #expect(abs(factor.amplitude - (52.0 / 56 as Float).squareRoot()) < 0.03)
            let count = Double(sums.count)
            var (rest, one) = (0.0, 0.0)
            for index in sums.indices {
                rest += Double((frame.gains[index] - sums[index] * factor).power)
                one += Double((frame.gains[index] - streams[0][index] * factor).power)
            }
            let claimed = frame.noiseVariance + 2 * Double(factor.power) * result.noiseVariance
            #expect(rest / count < 1.5 * claimed, "\(rest / count / claimed)")
            #expect(one / count > 100 * claimed)
            read += 1
        }
        #expect(read == 5)
    }
}
