// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Secrecy
import Testing

/// Pools of commissioning symbols and the memory of failed health tests, from outside.
@Suite(.serialized) struct EntropyPoolCommandTests {
    private let replay = ["replay", "walk/alice.qwt", "walk/bob.qwt", "--json"] + Ends.options

    @Test func `a pool gathers each recording once, for one environment and one configuration`() throws {
        try Scratch.with { folder in
            let made = try Tool.run(
                "simulate", "--model", "rayleigh", "--snr", "35", "--rate", "32", "--duration", "150",
                "--seed",
                "3", "walk", in: folder)
            try #require(made.status == 0, "\(made.errors)")
            let pool = ["--entropy-pool", "pool.json", "--environment", "office"]
            let first = try Tool.run(replay + pool, in: folder)
            #expect([0, 3].contains(first.status), "\(first.errors)")
            let file = folder.appendingPathComponent("pool.json")
            let bytes = try Data(contentsOf: file)
            let object = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            let sessions = try #require(object["sessions"] as? [[String: Any]])
            #expect(sessions.count == 1)
            #expect((object["binding"] as? [String: Any])?["simulated"] as? Bool == true)
            let again = try Tool.run(replay + pool, in: folder)
            #expect(again.errors.contains("count once"))
            #expect(try Data(contentsOf: file) == bytes)
            for other in [
                ["--entropy-pool", "pool.json", "--environment", "yard"], pool + ["--bits", "1"],
                pool + ["--entropy", "strict"],
            ] {
                let refused = try Tool.run(replay + other, in: folder)
                #expect(refused.status == 64, "\(refused.output) \(refused.errors)")
                #expect(try Data(contentsOf: file) == bytes)
            }
            try Data("{}".utf8).write(to: file)
            #expect(try Tool.run(replay + pool, in: folder).status == 65)
            #expect(try Tool.run(replay + ["--environment", "office"], in: folder).status == 64)
        }
    }

    @Test func `a failed health test keeps a pad from pairing until somebody recommissions`() throws {
        try Ends.with { ends in
            var state = HealthState()
            state.absorb([HealthResult(name: "jumps", passed: false, threshold: .nan, localValue: 9)])
            let record = ends.folder.appendingPathComponent("alice.health")
            try Data(state.json()).write(to: record)
            let connect = [
                "pair", "connect", "127.0.0.1", "--pad", "alice", "--port", "1", "--wait", "1", "--simulate",
                "--channel-seed", "5", "--duration", "10",
            ]
            let refused = try Tool.run(connect, in: ends.folder)
            #expect(refused.status == 3, "\(refused.errors)")
            #expect(refused.errors.contains("jumps") && refused.errors.contains("--recommission"))
            // A record that can't be read isn't a clean one.
            try Data("nonsense".utf8).write(to: record)
            #expect(try Tool.run(connect, in: ends.folder).status == 65)
            // Once somebody has looked, only the missing peer is in the way.
            let open = try Tool.run(connect + ["--recommission"], in: ends.folder)
            #expect(open.status == 69, "\(open.errors)")
            #expect(!FileManager.default.fileExists(atPath: record.path))
        }
    }

    @Test func `pairing refuses a threat model that claims an Eve trace`() throws {
        try Ends.with { ends in
            var model = ThreatModel.passive()
            model.eveTrace = true
            try Data(model.json()).write(to: ends.folder.appendingPathComponent("model.json"))
            let outcome = try Tool.run(
                "pair", "connect", "127.0.0.1", "--pad", "alice", "--port", "1", "--wait", "1", "--simulate",
                "--channel-seed", "5", "--threat-model", "model.json", in: ends.folder)
            #expect(outcome.status == 64 && outcome.errors.contains("Eve trace"))
        }
    }
}
