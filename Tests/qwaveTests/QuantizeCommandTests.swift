// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `qwave quantize` on files and between two processes.
@Suite struct QuantizeCommandTests {
    /// Slow streams of two ends, as text.
    static func samples(_ count: Int) -> (String, String) {
        var state: UInt64 = 7
        func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) / Double(1 << 31) - 0.5
        }
        var fading = 0.0
        var (a, b) = ("", "")
        for _ in 0..<count {
            fading = 0.9 * fading + next()
            a += "\(fading + 0.02 * next())\n"
            b += "\(fading + 0.02 * next()), "
        }
        return (a, b)
    }

    static func write(_ count: Int, _ folder: URL) throws {
        let (a, b) = samples(count)
        try Data(a.utf8).write(to: folder.appendingPathComponent("a.txt"))
        try Data(b.utf8).write(to: folder.appendingPathComponent("b.txt"))
    }

    @Test(arguments: [
        ("guard-band", true), ("level-crossing", true), ("asbg", true), ("asbg-multi", true),
        ("equiprobable", false),
        ("maq", false), ("quantile-helper", false), ("soft", false),
    ])
    func `every quantizer makes nearly equal bits of both ends' files, lists charged`(
        name: String, charged: Bool
    )
        throws
    {
        try Scratch.with { folder in
            try Self.write(2000, folder)
            let outcome = try Tool.run(
                "quantize", "--quantizer", name, "a.txt", "b.txt", "--out", "a.bits", "--peer-out", "b.bits",
                "--json", in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let object = try outcome.object()
            let bits = try #require(object["bits"] as? Int)
            #expect(bits > 100 && object["samples"] as? Int == 2000)
            #expect(try #require(object["disagreement"] as? Double) < (name == "asbg-multi" ? 0.2 : 0.1))
            #expect((try #require(object["leakBits"] as? Double) > 0) == charged)
            for file in ["a.bits", "b.bits"] {
                let url = folder.appendingPathComponent(file)
                let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
                #expect(text.count == bits + 1 && text.dropLast().allSatisfy { "01".contains($0) })
                let mode = try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions]
                #expect(mode as? Int == 0o600)
            }
        }
    }

    @Test func `two processes come to the bits of one, and the responder's likelihoods`() throws {
        try Scratch.with { folder in
            try Self.write(1000, folder)
            let here = try Tool.run("quantize", "a.txt", "b.txt", "--out", "both.bits", in: folder)
            #expect(here.status == 0, "\(here.errors)")
            let listening = try RunningTool(
                [
                    "quantize", "b.txt", "--role", "responder", "--listen", "0", "--wait", "20",
                    "--likelihoods",
                    "b.llr", "--json",
                ], in: folder)
            let port = try listening.port()
            let first = try Tool.run(
                "quantize", "a.txt", "--role", "initiator", "--connect", "127.0.0.1:\(port)", "--wait", "20",
                "--out",
                "a.bits", "--json", in: folder)
            let second = try listening.wait()
            #expect(first.status == 0 && second.status == 0, "\(first.errors) \(second.errors)")
            let bits = try Data(contentsOf: folder.appendingPathComponent("a.bits"))
            #expect(try Data(contentsOf: folder.appendingPathComponent("both.bits")) == bits)
            #expect(try Data(contentsOf: folder.appendingPathComponent("b.llr")).count == bits.count - 1)
            #expect(try first.object()["disagreement"] is NSNull)
        }
    }

    @Test(
        arguments: [
            (["a.txt", "b.txt", "--quantizer", "none"], 64), (["a.txt", "b.txt", "--alpha", "0.3"], 64),
            (["a.txt", "b.txt", "--quantizer", "maq", "--bits", "9"], 64), (["a.txt"], 64),
            (["a.txt", "b.txt", "--role", "initiator"], 64), (["a.txt", "nosuch"], 69),
            (["a.txt", "words"], 65),
            (["a.txt", "short"], 65), (["a.txt", "b.txt", "--quantizer", "maq", "--likelihoods", "x"], 64),
        ] as [([String], Int32)])
    func `what makes no sense is refused, and nothing is written`(arguments: [String], status: Int32) throws {
        try Scratch.with { folder in
            try Self.write(100, folder)
            try Data("no numbers".utf8).write(to: folder.appendingPathComponent("words"))
            try Data("1 2 3".utf8).write(to: folder.appendingPathComponent("short"))
            let outcome = try Tool.run(["quantize"] + arguments, in: folder)
            #expect(outcome.status == status, "\(outcome.errors)")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.sorted() == ["a.txt", "b.txt", "short", "words"])
        }
    }
}
