// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

/// A failed health test on keyed samples, from outside: nothing is keyed until somebody has looked.
@Suite(.serialized) struct StickyFailureTests {
    /// What makes commissioning take milliseconds.
    private static let quick = [
        "--feature", "scalar", "--stride", "1", "--bits", "1", "--helper-bits", "2", "--trend-window", "61",
        "--reconciler", "cascade-few-rounds",
    ]

    /// A table of both ends' strengths over one fading channel, with packets far above its level in some rows.
    private static func write(_ name: String, rows: Int, loud: Range<Int>, seed: UInt64, in folder: URL)
        throws
    {
        var generator = SplitMix64(seed: seed)
        func gaussian() -> Double {
            let u = Double.random(in: 1e-12..<1, using: &generator)
            return (-2 * log(u)).squareRoot()
                * cos(2 * Double.pi * Double.random(in: 0..<1, using: &generator))
        }
        var text = "alice_dbm,bob_dbm\n"
        for row in 0..<rows {
            let fading = loud.contains(row) && row % 200 == 0 ? 7 : gaussian()
            let heard = (0..<2).map { _ in
                String(format: "%.3f", -50 + 5 * (fading + 0.05 * gaussian()))
            }
            text += heard.joined(separator: ",") + "\n"
        }
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    @Test(arguments: [[], ["--commissioning", "room.state"]])
    func `no block of a replay is keyed behind one whose keyed samples failed a test`(carry: [String]) throws
    {
        try Scratch.with { folder in
            try Self.write("pair.csv", rows: 18_000, loud: 8500..<12_000, seed: 3, in: folder)
            let outcome = try Tool.run(
                [
                    "replay", "pair.csv:alice_dbm", "pair.csv:bob_dbm", "--block", "6000", "--json",
                    "--certificate", "c",
                ] + Self.quick + carry, in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let blocks = try #require(outcome.object()["blocks"] as? [[String: Any]])
            let bits = blocks.map { $0["keyBits"] as? Int ?? -1 }
            #expect(bits.count == 3 && bits[0] > 0 && bits[1] == 0 && bits[2] == 0, "\(bits)")
            let reasons = blocks.map { ($0["refused"] as? [String] ?? []).joined(separator: "; ") }
            #expect(reasons[1].contains("health test failed: jumps"), "\(reasons)")
            #expect(reasons[2].contains("jumps") && reasons[2].contains("--recommission"), "\(reasons)")
            for number in 1...3 {
                let told = try Tool.run("certificate", "c.\(number)", "--json", in: folder)
                #expect(told.status == 0, "\(told.output)")
                #expect(try told.object()["length"] as? Int == bits[number - 1])
            }
            let anew = try Tool.run(
                [
                    "replay", "pair.csv:alice_dbm", "pair.csv:bob_dbm", "--block", "6000", "--json",
                    "--recommission",
                ] + Self.quick + carry.map { $0.replacingOccurrences(of: "room", with: "other") },
                in: folder)
            let freed = try #require(anew.object()["blocks"] as? [[String: Any]])
            #expect(freed.map { ($0["keyBits"] as? Int ?? 0) > 0 } == [true, false, true])
            let commissioned = freed.map { ($0["probes"] as? [String: Any])?["commissioned"] as? Int }
            #expect(commissioned == (carry.isEmpty ? [1200, 1200, 1200] : [1200, 384, 1200]))
            guard !carry.isEmpty else { return }
            // The window is that of the first block, and serves nobody.
            #expect(outcome.errors.contains("room.state serves no longer"))
            let state = try Tool.run("inspect", "room.state", "--json", in: folder).object()
            #expect(state["exchanges"] as? Int == 1)
            try Self.write("later.csv", rows: 6000, loud: 0..<0, seed: 4, in: folder)
            let later = try Tool.run(
                [
                    "replay", "later.csv:alice_dbm", "later.csv:bob_dbm", "--certificate", "c.1",
                    "--key-out", "key",
                ] + Self.quick + carry, in: folder)
            #expect(later.status == 3 && later.errors.contains("remove room.state"), "\(later.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("key").path))
            // The key of the first block isn't this replay's.
            let refused = try Tool.run("certificate", "c.1", in: folder)
            #expect(refused.status == 0 && refused.output.contains("remove room.state"))
        }
    }

    @Test func `pair notes a failure on keyed samples even where no certificate can be written`() throws {
        try Ends.with { ends in
            try Self.write("pair.csv", rows: 6000, loud: 2000..<6000, seed: 5, in: ends.folder)
            // A file is where the folder should be.
            try Data().write(to: ends.folder.appendingPathComponent("taken"))
            let (alice, bob) = try ends.pair(
                connect: ["--capture", "pair.csv:alice_dbm", "--certificates", "taken"] + Self.quick,
                listen: ["--capture", "pair.csv:bob_dbm", "--certificates", "b"] + Self.quick)
            #expect(alice.status == 70 && alice.errors.contains("taken"), "\(alice.errors)")
            #expect(bob.status == 3, "\(bob.errors)")
            for (end, name) in [(alice, "alice"), (bob, "bob")] {
                #expect(end.errors.contains("no exchange begins again before --recommission"))
                let record = ends.folder.appendingPathComponent("\(name).health")
                let text = String(decoding: try Data(contentsOf: record), as: UTF8.self)
                #expect(text.contains("jumps"), "\(text)")
            }
            let again = try Tool.run(
                [
                    "pair", "connect", "127.0.0.1", "--pad", "alice", "--port", "1", "--wait", "1",
                    "--simulate", "--channel-seed", "1",
                ], in: ends.folder)
            #expect(again.status == 3 && again.errors.contains("--recommission"), "\(again.errors)")
            let told = try Tool.run("certificate", "b/exchange-0.json", in: ends.folder)
            #expect(told.status == 0 && told.output.contains("jumps"), "\(told.output) \(told.errors)")
        }
    }
}
