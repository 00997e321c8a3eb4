// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
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
                (["estimate", "cut", "--rate", "20e6"], 64),
                (["estimate", "missing.sigmf"], 69),
                (["estimate", "cut", "--rate", "20e6", "--format", "sc16", "--threshold", "1.5"], 64),
                (["estimate", "cut", "--rate", "20e6", "--format", "sc16", "--false-alarms", "1e-30"], 64),
                (["estimate", "cut", "--rate", "20e6", "--format", "sc16", "--cell", "3"], 64),
                (
                    [
                        "estimate", "cut", "--rate", "20e6", "--format", "sc16", "--threshold", "0.3",
                        "--false-alarms", "1",
                    ], 64
                ),
                (["estimate", "-", "--rate", "20e6", "--format", "sc16", "--remove-image"], 64),
                (["estimate", "cut", "--standard", "lte", "--rate", "2e6", "--format", "sc16"], 64),
                (["estimate", "cut", "--standard", "lte", "--rate", "1.92e6", "--format", "cu8"], 65),
                (
                    [
                        "estimate", "cut", "--standard", "lte", "--rate", "1.92e6", "--format", "cu8",
                        "--cell", "504",
                    ], 64
                ),
                (
                    [
                        "estimate", "cut", "--standard", "lte", "--rate", "1.92e6", "--format", "cu8",
                        "--remove-image",
                    ], 64
                ),
            ] {
                let outcome = try Tool.run(arguments, in: folder)
                #expect(outcome.status == Int32(status), "\(arguments): \(outcome.errors)")
                #expect(outcome.output.isEmpty)
            }
        }
    }

    /// 120 ms of an LTE cell of two ports behind a header, as an RTL-SDR would have written them.
    static func cell() throws -> [UInt8] {
        let downlink = try LTEDownlink(cell: LTECell(identity: 321, ports: 2))
        let ports = [downlink.frame(port: 0), downlink.frame(port: 1)]
        var samples: [IQ] = []
        for _ in 0..<12 {
            samples += zip(ports[0], ports[1]).map { $0 * IQ(0.8, 0.3) + $1 * IQ(-0.2, 0.5) }
        }
        return [UInt8](repeating: 0xAB, count: 128) + (try IQFormat.cu8.encode(samples, scale: 40))
    }

    @Test func `an LTE cell behind a header is named, and each subframe is a snapshot of both its ports`()
        throws
    {
        try Scratch.with { folder in
            try Data(Self.cell()).write(to: folder.appendingPathComponent("cell"))
            let arguments = [
                "estimate", "cell", "--standard", "lte", "--rate", "1.92e6", "--format", "cu8", "--skip",
                "128",
                "--out", "cell.qwt",
            ]
            let outcome = try Tool.run(arguments + ["--json"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let object = try outcome.object()
            let cell = try #require(object["cell"] as? [String: Any])
            #expect(cell["identity"] as? Int == 321 && cell["ports"] as? Int == 2)
            #expect(cell["duplex"] as? String == "fdd" && cell["cyclicPrefix"] as? String == "normal")
            let snapshots = try #require(object["snapshots"] as? Int)
            #expect(snapshots >= 108)
            let trace = try CaptureReader.read(path: folder.appendingPathComponent("cell.qwt").path)
            #expect(trace.count == snapshots)
            #expect(trace.shape(at: 0) == SnapshotShape(transmitAntennas: 2, subcarriers: 24))
            #expect(trace.description.subcarrierSpacing == 15_000)
            // One common phase a port: |0.8 + 0.3j|·40 and |−0.2 + 0.5j|·40.
            for (index, gain) in trace.gains(at: snapshots - 1).enumerated() {
                #expect(abs(gain.amplitude - (index < 24 ? 34.2 : 21.5)) < 1.5)
            }
            let text = try Tool.run(arguments, in: folder)
            #expect(text.status == 0 && text.output.contains("Cell 321: FDD, normal prefix, 2 ports"))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.sorted() == ["cell", "cell.qwt"])
        }
    }

    @Test(.enabled(if: PrivateData.hasCaptures, "recorded captures aren't here; set QWAVE_CAPTURES"))
    func `the recorded LTE cell becomes a trace`() throws {
        try Scratch.with { folder in
            let outcome = try Tool.run(
                "estimate", PrivateData.capture("iq/lte/f1860_s1.92_g0_1s_strong.bin").path, "--standard",
                "lte",
                "--rate", "1.92e6", "--format", "cu8", "--skip", "128", "--out", "cell.qwt", "--json",
                in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let cell = try #require(try outcome.object()["cell"] as? [String: Any])
            #expect(cell["identity"] as? Int == 142 && cell["primaryRoot"] as? Int == 29)
            let trace = try CaptureReader.read(path: folder.appendingPathComponent("cell.qwt").path)
            #expect(trace.count > 700)
        }
    }

    @Test func `no cell is said to be none, and no trace is left behind`() throws {
        try Scratch.with { folder in
            try Data(
                Self.recording(.cu8) + Self.recording(.cu8) + Self.recording(.cu8) + Self.recording(.cu8)
            )
            .write(to: folder.appendingPathComponent("iq"))
            let outcome = try Tool.run(
                "estimate", "iq", "--standard", "lte", "--rate", "1.92e6", "--format", "cu8", "--out",
                "t.qwt",
                in: folder)
            #expect(outcome.status == 65 && outcome.errors.contains("no LTE cell"), "\(outcome.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["iq"])
        }
    }

    @Test func `a recording that breaks off leaves the trace of an earlier run as it was`() throws {
        try Scratch.with { folder in
            try Data(Self.recording(.sc16).dropLast()).write(to: folder.appendingPathComponent("iq"))
            try Data("before".utf8).write(to: folder.appendingPathComponent("t.qwt"))
            let outcome = try Tool.run(
                "estimate", "iq", "--rate", "20e6", "--format", "sc16", "--out", "t.qwt", in: folder)
            #expect(outcome.status == 65)
            #expect(try Data(contentsOf: folder.appendingPathComponent("t.qwt")) == Data("before".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
        }
    }

    @Test func `a threshold is what was asked for, or what the false alarms allow`() throws {
        try Scratch.with { folder in
            try Data(Self.recording(.sc16)).write(to: folder.appendingPathComponent("iq"))
            var thresholds: [Double] = []
            for options in [["--threshold", "0.5"], ["--false-alarms", "1e-3"], []] {
                let outcome = try Tool.run(
                    ["estimate", "iq", "--rate", "20e6", "--format", "sc16", "--json"] + options, in: folder)
                let object = try outcome.object()
                thresholds.append(try #require(object["threshold"] as? Double))
                #expect((object["frames"] as? [Any])?.count == 3)
            }
            #expect(thresholds[0] == 0.5)
            #expect(thresholds[1] < thresholds[2] && thresholds[2] <= 0.36)
        }
    }

    /// Far more samples than the address space that the process gets.
    @Test func `a recording of a gigabyte is read in little memory`() throws {
        try Scratch.with { folder in
            let path = folder.appendingPathComponent("iq")
            try Data().write(to: path)
            let file = try FileHandle(forWritingTo: path)
            // Sparse: holes are zeros.
            try file.seek(toOffset: 1 << 30)
            try file.write(contentsOf: Data(Self.recording(.sc16)))
            try file.close()
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = [
                "-c", "ulimit -v 700000; exec \"$0\" estimate iq --rate 20e6 --format sc16 --json >out",
                Tool.path,
            ]
            process.currentDirectoryURL = folder
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            let data = try Data(contentsOf: folder.appendingPathComponent("out"))
            let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            let frames = try #require(object["frames"] as? [[String: Any]])
            #expect(object["samples"] as? Int == (1 << 28) + 12_000)
            #expect(frames.compactMap { $0["sample"] as? Int } == Self.starts.map { $0 + (1 << 28) })
        }
    }
}
