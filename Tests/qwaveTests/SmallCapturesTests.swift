// SPDX-License-Identifier: GPL-3.0-or-later
import CaptureFormats
import Foundation
import QWaveCore
import Testing

/// The captures that the repository carries.
@Suite struct SmallCapturesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Captures")

    /// The commands of Captures/README.md, as words after `qwave`.
    private static func commands() throws -> [[String]] {
        let page = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
        return page.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            return words.prefix(2) == ["qwave", "simulate"] ? Array(words.dropFirst()) : nil
        }
    }

    private static func files(_ folder: URL) throws -> Set<String> {
        let root = folder.path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root)
        return Set(
            paths.filter { path in
                let type =
                    try? FileManager.default.attributesOfItem(atPath: root + "/" + path)[.type]
                    as? FileAttributeType
                return type == .typeRegular
            })
    }

    @Test func `their page's commands write every one of them again, byte for byte`() throws {
        let commands = try Self.commands()
        #expect(commands.count == 5)
        try Scratch.with { scratch in
            for command in commands {
                let outcome = try Tool.run(command, in: scratch)
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            let written = try Self.files(scratch)
            #expect(written == (try Self.files(Self.folder)).subtracting(["README.md"]))
            for name in written.sorted() {
                let ours = try Data(contentsOf: Self.folder.appendingPathComponent(name))
                let again = try Data(contentsOf: scratch.appendingPathComponent(name))
                #expect(ours == again, "\(name) differs")
            }
        }
    }

    @Test(arguments: [
        ("qwt/alice.qwt", 50, 1, 1, 52), ("qwt/bob.qwt", 50, 1, 1, 52), ("qwt/eve.qwt", 50, 1, 2, 52),
        ("intel/alice.dat", 100, 1, 1, 30), ("intel/bob.dat", 100, 1, 1, 30),
        ("intel/eve.dat", 100, 1, 2, 30),
        ("esp32/alice.csv", 50, 1, 1, 64), ("esp32/bob.csv", 50, 1, 1, 64),
        ("esp32/eve-of-alice.csv", 50, 1, 1, 64), ("esp32/eve-of-bob.csv", 50, 1, 1, 64),
        ("nexmon/alice.pcap", 50, 1, 1, 64), ("nexmon/bob.pcap", 50, 1, 1, 64),
        ("nexmon/eve.pcap", 50, 1, 2, 64),
        ("csv/alice.csv", 1000, 1, 1, 1), ("csv/bob.csv", 1000, 1, 1, 1), ("csv/eve.csv", 1000, 2, 1, 1),
    ])
    func `each is read to its end, with the shape that its page tells`(
        name: String, probes: Int, receiveAntennas: Int, transmitAntennas: Int, subcarriers: Int
    ) throws {
        // A table of several columns wants them named; Eve's are what she heard of each end.
        let column = name == "csv/eve.csv" ? "rx0_tx0_sc0_db,rx0_tx1_sc0_db" : nil
        let trace = try CaptureReader.read(
            path: Self.folder.appendingPathComponent(name).path, column: column)
        #expect(trace.count == probes)
        for index in 0..<trace.count {
            #expect(trace.sequence(at: index) == UInt64(index))
            let shape = trace.shape(at: index)
            #expect(shape.receiveAntennas == receiveAntennas)
            #expect(shape.transmitAntennas == transmitAntennas)
            #expect(shape.subcarriers == subcarriers)
        }
    }

    @Test func `all of them together stay small`() throws {
        let sizes = try Self.files(Self.folder).map {
            try Data(contentsOf: Self.folder.appendingPathComponent($0)).count
        }
        #expect(sizes.reduce(0, +) < 500_000)
    }

    @Test func `they are too short for a key, and replay says so`() throws {
        for folder in ["qwt", "csv"] {
            let outcome = try Tool.run(
                "replay", "\(folder)/alice.\(folder)", "\(folder)/bob.\(folder)", "--json", in: Self.folder)
            #expect(outcome.status == 3, "\(outcome.errors)")
            let object = try outcome.object()
            #expect(object["keyBits"] as? Int == 0)
            let reasons = try #require(object["refused"] as? [String])
            #expect(reasons.contains { $0.contains("record longer") }, "\(reasons)")
        }
    }
}
