// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import TestSupport
import Testing

/// `estimate --standard nr` from outside: sounding signals made tone by tone from 3GPP TS 38.211.
@Suite struct EstimateSoundingTests {
    static let length = 512
    static let guardLength = 36
    /// Where the symbols start, behind their guard intervals.
    static let starts = [700, 3000, 3000 + 548, 7001, 11_000]
    static let paths: [IQ] = [IQ(0.7, -0.3), IQ(0.2, 0.2)]
    static let noise = 0.01

    /// Sequence 41, 24 blocks (C_SRS 7), every second tone from `first` on.
    static func recording(first: Int = -144) throws -> [UInt8] {
        // q = ⌊139·(41 mod 30 + 1)/31 + 1/2⌋; 139 is the largest prime below 144.
        let root = 54.0
        let values = (0..<144).map { n -> (Double, Double) in
            let m = Double(n % 139)
            let angle = -Double.pi * root * m * (m + 1) / 139
            return (cos(angle), sin(angle))
        }
        let symbol = (-guardLength..<length).map { n in
            var sum = (re: 0.0, im: 0.0)
            for (index, value) in values.enumerated() {
                let angle = 2 * Double.pi * Double((first + 2 * index) * n % length) / Double(length)
                sum.re += value.0 * cos(angle) - value.1 * sin(angle)
                sum.im += value.0 * sin(angle) + value.1 * cos(angle)
            }
            return IQ(Float(sum.re / 12), Float(sum.im / 12))
        }
        var random = SplitMix64(seed: 9)
        var samples = (0..<12_000).map { _ in
            let radius = (-noise * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
            let angle = Double.random(in: 0..<(2 * .pi), using: &random)
            return IQ(Float(radius * cos(angle)), Float(radius * sin(angle)))
        }
        for start in starts {
            for (index, sample) in symbol.enumerated() {
                for (path, gain) in paths.enumerated() {
                    let place = start - guardLength + index + 2 * path
                    samples[place] = samples[place] + sample * gain
                }
            }
        }
        return try IQFormat.fc32.encode(samples, scale: 1)
    }

    static let start = ["estimate", "iq", "--standard", "nr", "--rate", "15.36e6", "--format", "fc32"]

    @Test(arguments: [
        (-144, ["--c-srs", "7"]), (-150, ["--blocks", "24", "--grid", "25", "--first-block", "0"]),
    ])
    func `each symbol is a snapshot, with gains within the noise that is claimed`(
        first: Int, options: [String]
    ) throws {
        try Scratch.with { folder in
            try Data(Self.recording(first: first)).write(to: folder.appendingPathComponent("iq"))
            let arguments =
                Self.start + ["--sequence-id", "41", "--carrier", "3500", "--out", "t.qwt"] + options
            let outcome = try Tool.run(arguments + ["--json"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let object = try outcome.object()
            #expect(object["standard"] as? String == "nr" && object["samples"] as? Int == 12_000)
            let signal = try #require(object["signal"] as? [String: Any])
            #expect(signal["blocks"] as? Int == 24 && signal["firstTone"] as? Int == first)
            let soundings = try #require(object["soundings"] as? [[String: Any]])
            let places = soundings.compactMap { $0["sample"] as? Int }
            #expect(places.count == Self.starts.count)
            let trace = try CaptureReader.read(path: folder.appendingPathComponent("t.qwt").path)
            #expect(trace.count == soundings.count)
            #expect(trace.shape(at: 0) == SnapshotShape(subcarriers: 144))
            #expect(trace.description.toneIndices == (0..<144).map { first + 2 * $0 })
            #expect(trace.description.subcarrierSpacing == 30_000)
            #expect(trace.description.carrierFrequency == 3500e6)
            var (error, claimed) = (0.0, 0.0)
            for (index, place) in places.enumerated() {
                let late = place - Self.starts[index]
                #expect(abs(late) <= 1 && trace.time(at: index) == Double(place) / 15.36e6)
                claimed += try #require(soundings[index]["noiseVariance"] as? Double)
                for (tone, gain) in zip(trace.description.toneIndices, trace.gains(at: index)) {
                    func turn(_ delay: Int) -> IQ {
                        let angle = -2 * Double.pi * Double(tone * delay) / Double(Self.length)
                        return IQ(Float(cos(angle)), Float(sin(angle)))
                    }
                    let truth = Self.paths[0] * turn(-late) + Self.paths[1] * turn(2 - late)
                    error += Double((gain - truth).power) / 144
                }
            }
            #expect(error < 1.25 * claimed && error > 0.75 * claimed, "\(error / claimed)")
            // Noise of all 512 bins less that of the tones.
            #expect(abs(claimed / 5 / (Self.noise * 144 / 512) - 1) < 0.25)
            let text = try Tool.run(arguments, in: folder)
            #expect(text.status == 0 && text.output.contains("5 sounding signals"), "\(text.errors)")
        }
    }

    @Test func `a recording that ends within a symbol gives those before it, one within a sample none`()
        throws
    {
        try Scratch.with { folder in
            let bytes = try Self.recording()
            let url = folder.appendingPathComponent("iq")
            try Data(bytes.prefix(8 * (11_000 + 500))).write(to: url)
            let options = ["--sequence-id", "41", "--c-srs", "7", "--out", "t.qwt", "--json"]
            let outcome = try Tool.run(Self.start + options, in: folder)
            #expect((try outcome.object()["soundings"] as? [Any])?.count == 4, "\(outcome.errors)")
            try FileManager.default.removeItem(at: folder.appendingPathComponent("t.qwt"))
            try Data(bytes.dropLast(3)).write(to: url)
            let cut = try Tool.run(Self.start + options, in: folder)
            #expect(cut.status == 65 && cut.errors.contains("cut off"), "\(cut.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["iq"])
        }
    }

    @Test func `another signal and options that don't fit are refused with what would mend it`() throws {
        try Scratch.with { folder in
            try Data(Self.recording()).write(to: folder.appendingPathComponent("iq"))
            for (arguments, status, words) in [
                (["--c-srs", "7"], 64, "--sequence-id"),
                (["--sequence-id", "41"], 64, "--c-srs"),
                (["--sequence-id", "41", "--c-srs", "7", "--blocks", "24"], 64, "choose"),
                (["--sequence-id", "41", "--blocks", "24", "--b-srs", "1"], 64, "--b-srs"),
                (["--sequence-id", "1024", "--c-srs", "7"], 64, "0 to 1023"),
                (["--sequence-id", "41", "--c-srs", "64"], 64, "0 to 63"),
                (["--sequence-id", "41", "--blocks", "23"], 64, "4, 8"),
                (["--sequence-id", "41", "--c-srs", "7", "--comb", "3"], 64, "comb"),
                (["--sequence-id", "41", "--c-srs", "7", "--cyclic-shift", "8"], 64, "0 to 7"),
                (["--sequence-id", "41", "--c-srs", "7", "--ports", "4"], 64, "1 or 2"),
                (["--sequence-id", "41", "--c-srs", "7", "--spacing", "20"], 64, "30e3"),
                (["--sequence-id", "41", "--c-srs", "7", "--first-block", "1"], 64, "--grid"),
                (["--sequence-id", "41", "--c-srs", "7", "--grid", "23"], 64, "--grid"),
                (
                    ["--sequence-id", "41", "--c-srs", "7", "--grid", "40", "--first-block", "\(Int.max)"],
                    64,
                    "--first-block"
                ),
                (["--sequence-id", "41", "--c-srs", "61"], 64, "122.88e6"),
                (["--sequence-id", "41", "--c-srs", "7", "--cell", "1"], 64, "--cell"),
                (["--sequence-id", "41", "--c-srs", "7", "--field", "ht"], 64, "--field"),
                (["--sequence-id", "40", "--c-srs", "7"], 65, "no such sounding signal"),
                (["--sequence-id", "41", "--c-srs", "7", "--cyclic-shift", "3"], 65, "--cyclic-shift"),
                (["--sequence-id", "41", "--c-srs", "7", "--grid", "40"], 65, "--first-block"),
            ] {
                let outcome = try Tool.run(Self.start + arguments + ["--out", "t.qwt"], in: folder)
                #expect(outcome.status == Int32(status) && outcome.output.isEmpty, "\(arguments)")
                #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            }
            let wifi = try Tool.run(
                "estimate", "iq", "--rate", "15.36e6", "--format", "fc32", "--comb", "2", in: folder)
            #expect(wifi.status == 64 && wifi.errors.contains("--comb"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["iq"])
        }
    }
}
