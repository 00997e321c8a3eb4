// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `qwave reconcile` between two processes, and `qwave bench reconcile` on a user's own keys.
@Suite struct ReconcileCommandTests {
    /// Two texts of 0 and 1 that differ at every 40th place or so, different ones for each seed.
    private static func keys(count: Int, seed: UInt64) -> (String, String) {
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var first = ""
        var second = ""
        for _ in 0..<count {
            let bit = next() & 1
            first += "\(bit)"
            second += "\(next() % 40 == 0 ? 1 - bit : bit)"
        }
        return (first, second)
    }

    private static func ends(
        in folder: URL, _ initiator: [String], _ responder: [String]
    ) throws -> (Tool.Outcome, Tool.Outcome) {
        let listening = try RunningTool(
            ["reconcile", "--role", "responder", "--listen", "0", "--wait", "20", "--json"] + responder,
            in: folder)
        let port = try listening.port()
        let first = try Tool.run(
            ["reconcile", "--role", "initiator", "--connect", "127.0.0.1:\(port)", "--wait", "20", "--json"]
                + initiator, in: folder)
        return (first, try listening.wait())
    }

    @Test(arguments: ["auto", "cascade"]) func `two processes end with the initiator's key`(_ engine: String)
        throws
    {
        try Scratch.with { folder in
            let (alice, bob) = Self.keys(count: 9000, seed: 5)
            try Data(alice.utf8).write(to: folder.appendingPathComponent("a.bits"))
            try Data(bob.utf8).write(to: folder.appendingPathComponent("b.bits"))
            let common = ["--error-rate", "0.025", "--reconciler", engine, "--block", "4000"]
            let (first, second) = try Self.ends(
                in: folder, ["--in", "a.bits", "--out", "a.key"] + common,
                ["--in", "b.bits", "--out", "b.key"] + common)
            #expect(first.status == 0 && second.status == 0, "\(first.errors) \(second.errors)")
            let key = try Data(contentsOf: folder.appendingPathComponent("a.key"))
            #expect(try Data(contentsOf: folder.appendingPathComponent("b.key")) == key)
            // Packed as documented: bit i is bit i mod 8 of byte i/8.
            let bits = alice.utf8.map { $0 == 0x31 }
            #expect(key.count == 9000 / 8)
            #expect(bits.indices.allSatisfy { key[$0 / 8] >> ($0 % 8) & 1 == (bits[$0] ? 1 : 0) })
            let told = try [first.object(), second.object()]
            #expect(told[0]["blocks"] as? Int == 3)
            for field in ["leakForward", "leakBackward", "verificationBits", "leakBits", "messages"] {
                #expect(told[0][field] as? Double == told[1][field] as? Double, "\(field)")
            }
            #expect(told[0]["verificationBits"] as? Double == 192.0)
        }
    }

    @Test func `keys of two lengths give no key and a reason at either end`() throws {
        try Scratch.with { folder in
            try Data(Self.keys(count: 500, seed: 1).0.utf8).write(to: folder.appendingPathComponent("a"))
            try Data(Self.keys(count: 501, seed: 1).1.utf8).write(to: folder.appendingPathComponent("b"))
            let (first, second) = try Self.ends(
                in: folder, ["--in", "a", "--out", "a.key", "--error-rate", "0.03"],
                ["--in", "b", "--out", "b.key", "--error-rate", "0.03"])
            #expect(first.status != 0 && second.status == 76)
            #expect(second.errors.contains("500 bits"))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.sorted() == ["a", "b"])
        }
    }

    @Test func `bad options are told with their name`() throws {
        let cases: [([String], String)] = [
            (["--role", "initiator", "--error-rate", "0.6", "--listen", "0"], "--error-rate"),
            (["--role", "boss", "--error-rate", "0.1", "--listen", "0"], "boss"),
            (["--role", "initiator", "--error-rate", "0.1"], "--connect"),
            (
                ["--role", "initiator", "--error-rate", "0.1", "--listen", "0", "--likelihoods", "x"],
                "responder"
            ),
        ]
        for (arguments, word) in cases {
            let outcome = try Tool.run(["reconcile", "--in", "x"] + arguments)
            #expect(outcome.status == 64 && outcome.errors.contains(word), "\(arguments)")
        }
    }

    @Test func `a user's own keys are compared by every engine`() throws {
        try Scratch.with { folder in
            let (alice, bob) = Self.keys(count: 4096, seed: 9)
            try Data(alice.utf8).write(to: folder.appendingPathComponent("a"))
            try Data(bob.utf8).write(to: folder.appendingPathComponent("b"))
            let outcome = try Tool.run(
                ["bench", "reconcile", "--alice", "a", "--bob", "b", "--json", "--plot", "p.svg"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let rows = try #require(try outcome.object()["rows"] as? [[String: Any]])
            #expect(!rows.isEmpty)
            let wrong = zip(alice, bob).count { $0 != $1 }
            for row in rows {
                #expect(row["errorRate"] as? Double == Double(wrong) / 4096)
                #expect(row["frameErrorRate"] as? Double == 0)
            }
            let picture = try String(contentsOf: folder.appendingPathComponent("p.svg"), encoding: .utf8)
            #expect(picture.hasPrefix("<svg"))
        }
    }

    @Test func `a benchmark's table, its JSON and its CSV hold the same cases`() throws {
        let options = ["bench", "reconcile", "--protocol", "cascade", "--frame", "500,1e3", "--frames", "3"]
        let table = try Tool.run(options + ["--error-rate", "0.01,0.04"])
        let csv = try Tool.run(options + ["--error-rate", "0.01,0.04", "--csv"])
        let json = try Tool.run(options + ["--error-rate", "0.01,0.04", "--json"])
        #expect(table.output.split(separator: "\n").count == 5)
        let lines = csv.output.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(lines.count == 5)
        #expect(lines.allSatisfy { $0.count == lines[0].count })
        let rows = try #require(try json.object()["rows"] as? [[String: Any]])
        #expect(rows.count == 4)
        for (row, line) in zip(rows, lines.dropFirst()) {
            // Leak follows from the seed, so it is the same in every run.
            #expect(row["leakForward"] as? Double == Double(String(line[12])))
        }
    }
}
