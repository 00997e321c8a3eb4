// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// A commissioning state from outside: `replay`, `pair` and `inspect`.
@Suite(.serialized) struct CarryCommandTests {
    private func simulate(_ name: String, seed: Int, snr: Int = 35, in folder: URL) throws {
        let made = try Tool.run(
            "simulate", "--model", "rayleigh", "--snr", "\(snr)", "--rate", "32", "--duration", "400",
            "--seed", "\(seed)", name, in: folder)
        try #require(made.status == 0, "\(made.errors)")
    }

    private func replay(_ name: String, _ more: [String] = [], in folder: URL) throws -> Tool.Outcome {
        try Tool.run(
            ["replay", "\(name)/alice.qwt", "\(name)/bob.qwt", "--json", "--commissioning", "room.state"]
                + Ends.options + more, in: folder)
    }

    @Test
    func `a second recording publishes a refresh, and another channel is refused until the file is gone`()
        throws
    {
        try Scratch.with { folder in
            try simulate("one", seed: 3, in: folder)
            try simulate("two", seed: 4, in: folder)
            try simulate("noisy", seed: 5, snr: 15, in: folder)
            let file = folder.appendingPathComponent("room.state")

            let first = try replay("one", in: folder)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.errors.contains("commissioning in full"))
            let probes = try #require(first.object()["probes"] as? [String: Any])
            #expect(probes["commissioned"] as? Int == 4480 && probes["carried"] as? Int == 0)

            // The same recording again: its first part stands in the file.
            let again = try replay("one", in: folder)
            #expect(again.status == 3 && again.output.contains("published by an exchange before"))

            let second = try replay("two", in: folder)
            #expect(second.status == 0, "\(second.errors)")
            #expect(second.errors.contains("of earlier exchanges"))
            let later = try #require(second.object()["probes"] as? [String: Any])
            #expect(later["commissioned"] as? Int == 640 && later["carried"] as? Int == 4480)
            #expect(try second.object()["keysEqual"] as? Bool == true)
            let (before, after) = (
                try #require(first.object()["keyBits"] as? Int),
                try #require(second.object()["keyBits"] as? Int)
            )
            #expect(after > before)

            let shown = try Tool.run("inspect", "room.state", "--json", in: folder)
            #expect(shown.status == 0, "\(shown.errors)")
            let state = try shown.object()
            #expect(state["pairs"] as? Int == 5120 && state["exchanges"] as? Int == 2)
            #expect((state["correlation"] as? Double ?? 0) > 0.9 && state["rate"] as? Double == 32)
            #expect((state["expectedBitsPerPair"] as? Double ?? 0) > 0)
            #expect((state["components"] as? [[String: Any]])?.isEmpty == false)
            let text = try Tool.run("inspect", "room.state", in: folder)
            #expect(
                text.output.contains("commissioning state, simulated") && text.output.contains("bits a keyed")
            )
            #expect(try Tool.run("inspect", "room.state", "--motion", in: folder).status == 64)

            let noisy = try replay("noisy", in: folder)
            #expect(noisy.status == 3 && noisy.output.contains("remove room.state to commission anew"))
            let sticks = try replay("two", in: folder)
            #expect(sticks.status == 3 && sticks.errors.contains("remove room.state"))
            #expect(try Tool.run("inspect", "room.state", in: folder).output.contains("DROPPED"))
            try FileManager.default.removeItem(at: file)
            #expect(try replay("noisy", in: folder).errors.contains("commissioning in full"))
        }
    }

    @Test func `what doesn't go with a commissioning state is a usage error, and a damaged file bad input`()
        throws
    {
        try Scratch.with { folder in
            try simulate("one", seed: 3, in: folder)
            for more in [
                ["--eve", "one/eve.qwt"], ["--baseline", "mathur"], ["--feature", "synchronized"],
                ["--decorrelation", "dct", "--time-block", "4"], ["--refresh", "0"], ["--refresh", "1"],
                ["--window", "1000"], ["--window", "1000000"],
            ] {
                let refused = try replay("one", more, in: folder)
                #expect(refused.status == 64, "\(more) \(refused.errors)")
            }
            let file = folder.appendingPathComponent("room.state")
            #expect(!FileManager.default.fileExists(atPath: file.path))
            try Data("{\"format\": \"qwave commissioning state 1\"}".utf8).write(to: file)
            for outcome in [try replay("one", in: folder), try Tool.run("inspect", "room.state", in: folder)]
            {
                #expect(outcome.status == 65 && outcome.errors.contains("remove the file"))
            }
            try FileManager.default.removeItem(at: file)
            #expect(try replay("one", ["--environment", "office"], in: folder).status == 0)
            #expect(try replay("one", ["--environment", "yard"], in: folder).status == 64)
        }
    }

    @Test func `blocks of a recording follow one another through the state`() throws {
        try Scratch.with { folder in
            try simulate("one", seed: 3, in: folder)
            let series = try replay("one", ["--block", "6400", "--commission", "0.5"], in: folder)
            let object = try series.object()
            let blocks = try #require(object["blocks"] as? [[String: Any]])
            let probes = try blocks.map { try #require($0["probes"] as? [String: Any]) }
            #expect(probes.map { $0["commissioned"] as? Int } == [3200, 384])
            #expect(probes.map { $0["carried"] as? Int } == [0, 3200])
        }
    }

    @Test func `two ends keep a file each, of the same samples, and lose nothing where one is missing`()
        throws
    {
        try Ends.with { ends in
            let common = Ends.channel + Ends.options + ["--channel-seed", "11"]
            func pair(_ count: Int) throws -> (alice: Tool.Outcome, bob: Tool.Outcome) {
                try ends.pair(
                    connect: common + ["--commissioning", "a.state", "--exchanges", "\(count)"],
                    listen: common + ["--commissioning", "b.state"])
            }
            func digests() throws -> [String?] {
                try ["a.state", "b.state"].map { name in
                    try ends.check(["inspect", name, "--json"]).object()["digest"] as? String
                }
            }
            let (alice, bob) = try pair(2)
            #expect(alice.status == 0 && bob.status == 0, "\(alice.errors) \(bob.errors)")
            #expect(alice.errors.contains("12800 probe pairs, 4480 commission"))
            #expect(alice.errors.contains("12800 probe pairs, 640 commission"))
            #expect(bob.errors.contains("4480 pairs of earlier exchanges"))
            let both = try digests()
            #expect(both[0] != nil && both[0] == both[1])
            try FileManager.default.removeItem(at: ends.folder.appendingPathComponent("b.state"))
            let (again, anew) = try pair(1)
            #expect(again.status == 0 && anew.status == 0, "\(again.errors) \(anew.errors)")
            #expect(again.errors.contains("no common commissioning state: commissioning in full"))
            let fresh = try digests()
            #expect(fresh[0] == fresh[1] && fresh[0] != both[0])
        }
    }
}
