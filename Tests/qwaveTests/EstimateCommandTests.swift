// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import ChannelEstimation
import Foundation
import QWaveCore
import Testing

/// `estimate` from outside.
@Suite struct EstimateCommandTests {
    /// Three preambles at known places in silence and a little noise, as 16-bit samples of amplitude 2,000.
    static let starts = [500, 4000, 9000]
    static func recording(_ format: IQFormat) throws -> [UInt8] {
        var samples = [IQ](repeating: .zero, count: 12_000)
        var state: UInt32 = 1
        for index in samples.indices {
            state = state &* 1_664_525 &+ 1_013_904_223
            samples[index] = IQ(Float(state >> 24) / 2550 - 0.05, Float(state >> 16 & 0xFF) / 2550 - 0.05)
        }
        for start in starts {
            for (index, sample) in LegacyPreamble().samples.enumerated() {
                samples[start + index] = samples[start + index] + sample
            }
        }
        return try format.encode(samples, scale: format == .cu8 ? 40 : format == .sc16 ? 2000 : 1)
    }

    @Test(arguments: ["sc16", "fc32", "cu8"])
    func `frames are found at their places in each format, and the trace holds them`(format: String) throws {
        try Scratch.with { folder in
            try Data(Self.recording(try #require(IQFormat(rawValue: format))))
                .write(to: folder.appendingPathComponent("iq"))
            let outcome = try Tool.run(
                "estimate", "iq", "--rate", "20e6", "--format", format, "--carrier", "2437", "--out",
                "out.qwt",
                "--json", in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let object = try outcome.object()
            #expect(object["samples"] as? Int == 12_000 && object["standard"] as? String == "wifi")
            let frames = try #require(object["frames"] as? [[String: Any]])
            #expect(frames.compactMap { $0["sample"] as? Int } == Self.starts)
            #expect(
                frames.allSatisfy { ($0["snr"] as? Double ?? 0) > 20 && $0["format"] as? String == "non-ht" })
            let trace = try CaptureReader.read(path: folder.appendingPathComponent("out.qwt").path)
            #expect(trace.count == 3 && trace.shape(at: 0).subcarriers == 52)
            #expect(trace.description.toneIndices == LegacyPreamble().tones)
            #expect(trace.description.carrierFrequency == 2437e6)
            #expect(trace.description.subcarrierSpacing == 312_500)
            for index in 0..<3 { #expect(trace.time(at: index) == Double(Self.starts[index]) / 20e6) }
        }
    }

    @Test func `a SigMF recording tells its own rate, and text names each frame`() throws {
        try Scratch.with { folder in
            let meta =
                #"{"global": {"core:datatype": "ci16_le", "core:sample_rate": 20000000}, "captures": []}"#
            try Data(meta.utf8).write(to: folder.appendingPathComponent("a.sigmf-meta"))
            try Data(Self.recording(.sc16)).write(to: folder.appendingPathComponent("a.sigmf-data"))
            let outcome = try Tool.run("estimate", "a.sigmf-meta", "--format", "sigmf", in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("12000 samples") && outcome.output.contains("3 frames"))
        }
    }

    @Test func `standard input and a header in front are read`() throws {
        let outcome = try Tool.run(
            "estimate", "-", "--rate", "20e6", "--format", "fc32", "--skip", "7", "--json",
            input: [1, 2, 3, 4, 5, 6, 7] + Self.recording(.fc32))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect((try outcome.object()["frames"] as? [Any])?.count == 3)
    }

    @Test func `what can't be is refused with the status of its kind`() throws {
        try Scratch.with { folder in
            try Data([1, 2, 3]).write(to: folder.appendingPathComponent("cut"))
            for (arguments, status) in [
                (["estimate", "cut", "--rate", "20e6", "--format", "sc16"], 65),
                (["estimate", "missing", "--rate", "20e6", "--format", "sc16"], 69),
                (["estimate", "cut", "--format", "sc16"], 64),
                (["estimate", "cut", "--rate", "0", "--format", "sc16"], 64),
                (["estimate", "cut", "--rate", "nan", "--format", "sc16"], 64),
                (["estimate", "cut", "--rate", "1e300", "--format", "sc16"], 64),
                (["estimate", "cut", "--rate", "25e6", "--format", "sc16"], 64),
                (["estimate", "cut", "--rate", "40e6", "--bandwidth", "20", "--format", "sc16"], 64),
                (["estimate", "cut", "--rate", "20e6", "--bandwidth", "30", "--format", "sc16"], 64),
                (["estimate", "cut", "--rate", "20e6", "--format", "wav"], 64),
                (["estimate", "-", "--format", "sigmf"], 64),
            ] {
                let outcome = try Tool.run(arguments, in: folder)
                #expect(outcome.status == Int32(status), "\(arguments): \(outcome.errors)")
                #expect(outcome.output.isEmpty)
            }
        }
    }
}
