// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

/// `estimate --field` from outside: frames made tone by tone, each stream through a channel of its own.
@Suite struct EstimateFieldTests {
    /// A frame's kind: both symbols of its signal field as the 48 coded bits of their data tones, the lowest first
    /// (from a coder that was made from the standard's text in another language), and its streams.
    struct Kind {
        var isHT: Bool
        var first: UInt64
        var second: UInt64
        var streams = 1
    }

    static let ht1 = Kind(isHT: true, first: 0x2496_836C_0400, second: 0xDA17_950D_D504)
    static let ht2 = Kind(isHT: true, first: 0x99CF_D335_C242, second: 0xFA15_DD09_4194, streams: 2)
    static let vht20 = Kind(isHT: false, first: 0x4809_0492_4029, second: 0x3EDB_CACF_F436)
    static let vht80 = Kind(isHT: false, first: 0x4A48_2002_480D, second: 0xEE86_6481_4094)

    /// Two paths of each stream, at delays of 0 and 2 samples.
    static let paths: [[IQ]] = [[IQ(0.8, 0.2), IQ(0.1, -0.3)], [IQ(-0.3, 0.6), IQ(0.2, 0.2)]]

    static func response(_ stream: Int, _ tone: Int, _ length: Int) -> IQ {
        let angle = -2 * Double.pi * 2 * Double(tone) / Double(length)
        return paths[stream][0] + paths[stream][1] * IQ(Float(cos(angle)), Float(sin(angle)))
    }

    /// A symbol with guard interval, mean power 1, from what its tones carry.
    static func symbol(_ tones: [(tone: Int, value: IQ)], _ length: Int) -> [IQ] {
        let turns = (0..<length).map { 2 * Double.pi * Double($0) / Double(length) }.map {
            IQ(Float(cos($0)), Float(sin($0)))
        }
        let scale = 1 / tones.reduce(0) { $0 + $1.value.power }.squareRoot()
        let symbol = (0..<length).map { n in
            tones.reduce(IQ.zero) { $0 + $1.value * turns[($1.tone + length) * n % length] } * scale
        }
        return symbol.suffix(length / 4) + symbol
    }

    /// A symbol of a signal field at 20 or 80 MHz (IEEE 802.11-2020, 17.3.5.9 and 21.3.7.5).
    static func signal(_ bits: UInt64, _ width: ChannelWidth, turned: Bool) -> [IQ] {
        var tones: [(tone: Int, value: IQ)] = []
        for part in 0..<width.parts {
            var place = 0
            for index in -26...26 where index != 0 {
                let tone = 64 * part - 32 * (width.parts - 1) + index
                var value: Float = index == 21 ? -1 : 1
                if abs(index) != 7, abs(index) != 21 {
                    value = bits >> (47 - place) & 1 == 1 ? 1 : -1
                    place += 1
                }
                if width == .mhz80, tone >= -64 { value = -value }
                tones.append((tone, turned ? IQ(0, value) : IQ(value, 0)))
            }
        }
        return symbol(tones, width.fftLength)
    }

    /// Samples of a frame as they are received, from its first one on.
    static func frame(_ kind: Kind?, _ width: ChannelWidth = .mhz20) throws -> [IQ] {
        let length = width.fftLength
        var common = LegacyPreamble(width: width).samples
        common += signal(0xA5A5_F00F_3C3C, width, turned: false)
        common += signal(kind?.first ?? 0x1234_5678_9ABC, width, turned: kind?.isHT == true)
        common += signal(kind?.second ?? 0x0F1E_2D3C_4B5A, width, turned: kind != nil)
        common += LegacyPreamble(width: width).shortField.prefix(length * 5 / 4)
        var received = [IQ](repeating: .zero, count: 1600 * width.parts)
        for stream in 0..<(kind?.streams ?? 1) {
            var sent = stream == 0 ? common : [IQ](repeating: .zero, count: common.count)
            if let kind {
                // HTLTF −28 to 28 (19.3.9.4.6), which VHT has at 20 MHz too; the 80 MHz sequence is the library's,
                // which has tests of its own.
                let signs = "++++--++-+-++++++--++-+-++++0+--++-+-+-----++--+-+-++++--"
                let one =
                    width == .mhz20
                    ? symbol(
                        zip(-28...28, signs).filter { $0.1 != "0" }.map {
                            ($0.0, IQ($0.1 == "+" ? 1 : -1, 0))
                        },
                        length)
                    : try TrainingField(.vht, width: width).samples()
                // Signs of both streams in both symbols (19-27).
                let matrix: [[Float]] = [[1, -1], [1, 1]]
                for index in 0..<kind.streams { sent += one.map { $0 * matrix[stream][index] } }
            }
            for (index, sample) in sent.enumerated() {
                received[100 + index] = received[100 + index] + sample * paths[stream][0]
                received[102 + index] = received[102 + index] + sample * paths[stream][1]
            }
        }
        return received
    }

    /// Frames one after the other in noise of −28 dB.
    static func recording(_ kinds: [Kind?], _ width: ChannelWidth = .mhz20) throws -> [UInt8] {
        var random = SplitMix64(seed: 5)
        let samples = try kinds.flatMap { try frame($0, width) }.map { sample in
            let radius = (-0.0016 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
            let angle = Double.random(in: 0..<(2 * .pi), using: &random)
            return sample + IQ(Float(radius * cos(angle)), Float(radius * sin(angle)))
        }
        return try IQFormat.fc32.encode(samples, scale: 1)
    }

    /// Mean |gain − truth|² of a trace over the noise variance that was claimed; of each snapshot a common turn, which
    /// an error of the carrier offset makes, is taken off.
    static func error(_ trace: ChannelTrace, _ claimed: [Double]) -> Double {
        var sum = 0.0
        for index in 0..<trace.count {
            let tones = trace.description.toneIndices
            let streams = trace.shape(at: index).transmitAntennas
            let truth = (0..<streams).flatMap { stream in
                tones.map { response(stream, $0, trace.description.fftLength ?? 64) }
            }
            let gains = trace.gains(at: index)
            let product = zip(gains, truth).reduce(IQ.zero) { $0 + $1.1.conjugate * $1.0 }
            let turn = product * (1 / product.amplitude)
            let rest = zip(gains, truth).reduce(0.0) { $0 + Double(($1.0 - $1.1 * turn).power) }
            sum += rest / Double(gains.count) / claimed[index]
        }
        return sum / Double(trace.count)
    }

    static let mixture: [Kind?] = {
        var damaged = ht1
        damaged.first ^= 0xFFF0_FFF0_0FFF
        return [ht1, ht2, nil, vht20, ht1, damaged, ht2, vht20, ht1]
    }()

    @Test(arguments: [("ht", 1, 3), ("ht", 2, 2), ("vht", 1, 2)])
    func `the gains of the field that was asked for are within the noise that is claimed`(
        field: String, streams: Int, count: Int
    ) throws {
        try Scratch.with { folder in
            try Data(Self.recording(Self.mixture)).write(to: folder.appendingPathComponent("iq"))
            let outcome = try Tool.run(
                ["estimate", "iq", "--rate", "20e6", "--format", "fc32", "--field", field, "--out", "t.qwt"]
                    + (field == "ht" ? ["--streams", "\(streams)"] : []) + ["--json"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let object = try outcome.object()
            let frames = try #require(object["frames"] as? [[String: Any]])
            #expect(
                frames.map { $0["format"] as? String } == [
                    "ht", "ht", "non-ht", "vht", "ht", "ht", "ht", "vht", "ht",
                ])
            #expect(frames.map { $0["streams"] as? Int } == [1, 2, nil, 1, 1, nil, 2, 1, 1])
            #expect(frames.map { $0["scheme"] as? Int } == [0, 9, nil, 8, 0, nil, 9, 8, 0])
            let claimed = frames.compactMap { ($0["field"] as? [String: Any])?["noiseVariance"] as? Double }
            #expect(object["snapshots"] as? Int == count && claimed.count == count)
            let left = try #require(object["leftOut"] as? [String: Any])
            #expect(left["otherFormat"] as? Int == (field == "ht" ? 3 : 7))
            #expect(left["damaged"] as? Int == (field == "ht" ? 1 : 0))
            let others = left["otherStreams"] as? [String: Int]
            #expect(others == (field == "vht" ? [:] : streams == 1 ? ["2": 2] : ["1": 3]))
            let trace = try CaptureReader.read(path: folder.appendingPathComponent("t.qwt").path)
            #expect(trace.count == count)
            #expect(trace.shape(at: 0) == SnapshotShape(transmitAntennas: streams, subcarriers: 56))
            #expect(trace.description.toneIndices == Array(-28...28).filter { $0 != 0 })
            let error = Self.error(trace, claimed)
            #expect(error > 0.6 && error < 1.4, "\(error)")
        }
    }

    @Test func `an 80 MHz VHT frame gives 242 gains`() throws {
        try Scratch.with { folder in
            try Data(Self.recording([Self.vht80], .mhz80)).write(to: folder.appendingPathComponent("iq"))
            let outcome = try Tool.run(
                "estimate", "iq", "--rate", "80e6", "--format", "fc32", "--field", "vht", "--out", "t.qwt",
                "--json", in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let frames = try #require(try outcome.object()["frames"] as? [[String: Any]])
            let claimed = frames.compactMap { ($0["field"] as? [String: Any])?["noiseVariance"] as? Double }
            let trace = try CaptureReader.read(path: folder.appendingPathComponent("t.qwt").path)
            #expect(trace.count == 1 && trace.shape(at: 0).subcarriers == 242)
            #expect(trace.description.toneIndices.first == -122 && claimed.count == 1)
            let error = Self.error(trace, claimed)
            #expect(error > 0.6 && error < 1.4, "\(error)")
        }
    }

    @Test func `a field that no frame has is an error that says why, and leaves no trace`() throws {
        try Scratch.with { folder in
            try Data(Self.recording([Self.ht2, nil, Self.ht2])).write(to: folder.appendingPathComponent("iq"))
            let start = ["estimate", "iq", "--rate", "20e6", "--format", "fc32", "--out", "t.qwt"]
            for (arguments, status, words) in [
                (["--field", "ht"], 65, "2 have 2 streams (--streams 2)"),
                (["--field", "vht"], 65, "3 are no VHT frames"),
                (["--field", "ht", "--streams", "5"], 64, "HT 1 to 4"),
                (["--streams", "2"], 64, "--field ht"),
                (["--field", "vht", "--streams", "1"], 64, "--field ht"),
                (["--field", "he"], 64, "--field"),
                (["--field", "ht", "--standard", "lte"], 64, "--field"),
            ] {
                let outcome = try Tool.run(start + arguments, in: folder)
                #expect(outcome.status == Int32(status) && outcome.output.isEmpty, "\(arguments)")
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["iq"])
        }
    }
}
