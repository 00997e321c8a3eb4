// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import ChannelModels
import Foundation
import QWaveCore
import Testing

/// `simulate` and `inspect` from outside.
@Suite struct CaptureCommandTests {
    @Test func `CH-1 one command makes both ends, Eve and the truth, the same of the same seed`() throws {
        try Scratch.with { folder in
            for (name, seed) in [("a", "7"), ("b", "7"), ("c", "8")] {
                let outcome = try Tool.run("simulate", "--duration", "2", "--seed", seed, name, in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            for file in ["alice.qwt", "bob.qwt", "eve.qwt", "truth.json"] {
                let contents = try ["a", "b", "c"].map {
                    try Data(contentsOf: folder.appendingPathComponent($0).appendingPathComponent(file))
                }
                #expect(contents[0] == contents[1])
                #expect(contents[0] != contents[2])
            }
        }
    }

    @Test func `a seed that nobody gave is shown, and makes the same run again`() throws {
        try Scratch.with { folder in
            let first = try Tool.run("simulate", "--duration", "1", "first", "--json", in: folder)
            let seed = try #require(try first.object()["seed"] as? NSNumber)
            #expect(try first.object()["simulated"] as? Bool == true)
            let second = try Tool.run(
                "simulate", "--duration", "1", "--seed", "\(seed)", "second", in: folder)
            #expect(second.status == 0)
            let files = try ["first", "second"].map {
                try Data(contentsOf: folder.appendingPathComponent("\($0)/bob.qwt"))
            }
            #expect(files[0] == files[1])
        }
    }

    @Test(arguments: [
        ("qwt", "alice.qwt", 52), ("intel", "alice.dat", 30), ("esp32", "alice.csv", 64),
        ("nexmon", "alice.pcap", 64),
        ("csv", "alice.csv", 1),
    ])
    func `CH-8 each format is written so that inspect finds every probe in it`(
        format: String, file: String, subcarriers: Int
    ) throws {
        try Scratch.with { folder in
            let made = try Tool.run("simulate", "--duration", "2", "--format", format, ".", in: folder)
            #expect(made.status == 0, "\(made.errors)")
            let inspected = try Tool.run("inspect", file, "--json", in: folder)
            #expect(inspected.status == 0, "\(inspected.errors)")
            let object = try inspected.object()
            #expect(object["packets"] as? Int == 100)
            #expect(object["subcarriers"] as? Int == subcarriers)
            #expect(object["receiveAntennas"] as? Int == 1)
            #expect(object["lastSequence"] as? Int == 99)
        }
    }

    @Test func `both of Eve's receptions survive every format`() throws {
        try Scratch.with { folder in
            for (format, files) in [
                ("qwt", ["eve.qwt"]), ("intel", ["eve.dat"]), ("nexmon", ["eve.pcap"]), ("csv", ["eve.csv"]),
                ("esp32", ["eve-of-alice.csv", "eve-of-bob.csv"]),
            ] {
                let made = try Tool.run(
                    "simulate", "--duration", "1", "--format", format, format, "--json", in: folder)
                let object = try made.object()
                #expect((object["files"] as? [String: [String]])?["eve"] == files)
                var pairs = 0
                for file in files {
                    let summary = try Tool.run("inspect", "\(format)/\(file)", "--json", in: folder).object()
                    let receive = try #require(summary["receiveAntennas"] as? Int)
                    let transmit = try #require(summary["transmitAntennas"] as? Int)
                    pairs += receive * transmit
                }
                #expect(pairs == 2, "\(format)")
            }
        }
    }

    @Test func `inspect shows a packet's gains exactly as the simulator made them`() throws {
        try Scratch.with { folder in
            let made = try Tool.run(
                "simulate", "--duration", "1", "--snr", "-3.5", "--model", "rayleigh", "--seed", "5", ".",
                in: folder)
            #expect(made.status == 0, "\(made.errors)")
            let object = try Tool.run("inspect", "bob.qwt", "--packet", "17", "--json", in: folder).object()
            let shown = try #require(object["gains"] as? [[Double]])
            let parameters = SimulationParameters(
                model: .rayleigh, snr: -3.5, duration: 1, seed: 5)
            let expected = try TwoSidedSimulator(parameters).trace(.bob)[17]
            #expect(shown.map { IQ(Float($0[0]), Float($0[1])) } == expected.gains)
            #expect(object["time"] as? Double == expected.time)
        }
    }

    @Test func `truth tells who Eve is, and says that it is simulated`() throws {
        try Scratch.with { folder in
            _ = try Tool.run(
                "simulate", "--duration", "1", "--eve-distance", "0", "--k-factor", "3", ".", in: folder)
            let data = try Data(contentsOf: folder.appendingPathComponent("truth.json"))
            let truth = try JSONDecoder().decode(GroundTruth.self, from: data)
            #expect(truth.simulated)
            #expect(abs(truth.eveCorrelation.magnitude - 1) < 1e-9)
            #expect(abs(truth.riceFactor - 1.9952623) < 1e-6)
        }
    }

    @Test func `an earlier run is not overwritten unasked`() throws {
        try Scratch.with { folder in
            let arguments = ["simulate", "--duration", "1", "."]
            #expect(try Tool.run(arguments, in: folder).status == 0)
            let file = folder.appendingPathComponent("alice.qwt")
            let before = try Data(contentsOf: file)
            let refused = try Tool.run(arguments, in: folder)
            #expect(refused.status == 64)
            #expect(refused.errors.contains("--force"))
            let kept = try Data(contentsOf: file)
            #expect(kept == before)
            #expect(try Tool.run(arguments + ["--force"], in: folder).status == 0)
            let replaced = try Data(contentsOf: file)
            #expect(replaced != before)
        }
    }

    @Test(
        arguments: [
            (["simulate", "--model", "nosuch", "x"], 64), (["simulate", "--bandwidth", "30", "x"], 64),
            (["simulate", "--rate", "0", "x"], 64), (["simulate", "--duration", "nan", "x"], 64),
            (["simulate", "--format", "esp32", "--bandwidth", "40", "x"], 64),
            (["simulate", "--snr", "-500", "x"], 64),
            (["simulate"], 64), (["inspect", "nosuch.qwt"], 69), (["inspect", "noise"], 65),
            (["inspect", "empty"], 65), (["inspect", "noise", "--format", "qwt"], 65),
            (["inspect", "noise", "--format", "bogus"], 64),
        ] as [([String], Int32)])
    func `what makes no sense ends with the right status, one error object, and nothing made`(
        arguments: [String], status: Int32
    ) throws {
        try Scratch.with { folder in
            try Data((0..<999).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 3) }).write(
                to: folder.appendingPathComponent("noise"))
            try Data().write(to: folder.appendingPathComponent("empty"))
            let outcome = try Tool.run(arguments + ["--json"], in: folder)
            #expect(outcome.status == status, "\(outcome.errors)")
            let error = try #require(try outcome.object()["error"] as? [String: String])
            #expect(error["code"]?.isEmpty == false && error["message"]?.isEmpty == false)
            #expect(!outcome.errors.isEmpty)
            let made = FileManager.default.fileExists(atPath: folder.appendingPathComponent("x").path)
            #expect(!made)
        }
    }

    @Test func `a packet that is not there is a usage error that says which are`() throws {
        try Scratch.with { folder in
            _ = try Tool.run("simulate", "--duration", "1", ".", in: folder)
            let outcome = try Tool.run("inspect", "alice.qwt", "--packet", "50", in: folder)
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains("0 to 49"))
        }
    }

    @Test func `a capture comes through standard input, too`() throws {
        try Scratch.with { folder in
            _ = try Tool.run("simulate", "--duration", "1", ".", in: folder)
            let bytes = Array(try Data(contentsOf: folder.appendingPathComponent("alice.qwt")))
            let outcome = try Tool.run("inspect", "-", "--json", input: bytes)
            #expect(try outcome.object()["packets"] as? Int == 50)
            let cut = try Tool.run("inspect", "-", input: Array(bytes.dropLast(100)))
            #expect(cut.status == 65)
            let accepted = try Tool.run(
                "inspect", "-", "--truncated", "--json", input: Array(bytes.dropLast(100)))
            #expect(accepted.status == 0)
            #expect(try accepted.object()["truncation"] is String)
        }
    }
}
