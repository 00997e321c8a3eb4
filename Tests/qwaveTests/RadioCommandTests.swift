// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `probe`, `calibrate` and `pair --radio` from outside: two processes in one virtual ether.
@Suite(.serialized) struct RadioCommandTests {
    /// A port for an ether, which nobody else on this host is likely to have.
    private static func port() -> String { String(Int.random(in: 20_000..<32_000)) }

    /// An office and a walk, probed just as often as it needs: some kilobits from fewer than two thousand probes.
    static let air = "model=tgn-d,snr=30,speed=1,loss=0.01,seed=6"
    static let exchange = [
        "--feature", "amplitude", "--stride", "2", "--probe-rate", "16", "--duration", "120",
    ]

    @Test func `two processes over virtual radios make the same key, exchange after exchange`() throws {
        try Ends.with { ends in
            let port = Self.port()
            let (alice, bob) = try ends.pair(
                connect: ["--radio", "virtual:join=127.0.0.1:\(port)", "--exchanges", "2"] + Self.exchange
                    + ["--certificates", "a"],
                listen: ["--radio", "virtual:serve=127.0.0.1:\(port),\(Self.air)"] + Self.exchange)
            #expect(alice.status == 0, "\(alice.errors)")
            #expect(bob.status == 0, "\(bob.errors)")
            let exchanges = try #require(alice.object()["exchanges"] as? [[String: Any]])
            #expect(exchanges.count == 2)
            for (number, exchange) in exchanges.enumerated() {
                let bits = try #require(exchange["keyBits"] as? Int)
                #expect(bits > 0)
                #expect(exchange["simulated"] as? Bool == true)
                #expect(exchange["netKeyBits"] as? Int == max(0, bits - 8 * 128))
                let file = ends.folder.appendingPathComponent("a/exchange-\(number).json")
                let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
                let certificate = try #require(parsed as? [String: Any])
                #expect((certificate["injectionDetection"] as? String)?.hasPrefix("computational") == true)
            }
            let books = (try ends.status("alice"), try ends.status("bob"))
            #expect(books.0.outgoing.generated > 0)
            #expect(books.0.outgoing.generated == books.1.incoming.generated)
            // What one wraps, the other opens: the pads are equal.
            try ends.check(["wrap", "--pad", "alice", "-", "frame"], input: Array("over the air".utf8))
            let opened = try ends.check(["unwrap", "--pad", "bob", "frame", "-"])
            #expect(opened.output == "over the air")
        }
    }

    @Test func `probing writes traces that pair by number, and sacrificed ones that calibrate`() throws {
        try Scratch.with { folder in
            let port = Self.port()
            let common = ["--count", "150", "--sacrifice", "40", "--sacrificed"]
            let bob = try RunningTool(
                ["probe", "--role", "responder", "--out", "bob.qwt", "--json", "--radio"]
                    + ["virtual:serve=127.0.0.1:\(port),model=tgn-b,snr=30,seed=3,chains=1"] + common
                    + ["bob-open.qwt"], in: folder)
            let alice = try RunningTool(
                ["probe", "--role", "initiator", "--out", "alice.qwt", "--json", "--radio"]
                    + ["virtual:join=127.0.0.1:\(port)", "--record", "walk"] + common + ["alice-open.qwt"],
                in: folder)
            let outcomes = (try alice.wait(), try bob.wait())
            #expect(outcomes.0.status == 0, "\(outcomes.0.errors)")
            #expect(outcomes.1.status == 0, "\(outcomes.1.errors)")
            let report = try outcomes.0.object()
            #expect((report["probes"] as? Int).map { $0 > 145 } == true)
            #expect(report["simulated"] as? Bool == true)
            let motion = try #require(report["motion"] as? [String: Any])
            // A walk at the default speed.
            #expect(motion["verdict"] as? String != "still")
            let ratio = try Tool.run(["calibrate", "alice-open.qwt", "bob-open.qwt", "--json"], in: folder)
            #expect(ratio.status == 0, "\(ratio.errors)")
            #expect((try ratio.object()["pairs"] as? Int).map { $0 > 30 } == true)
            // The recording played gives the trace again.
            let again = try Tool.run(
                [
                    "probe", "--role", "initiator", "--out", "again.qwt", "--radio", "file:walk", "--count",
                    "150",
                ]
                    + ["--sacrifice", "40", "--turnaround", String(report["turnaround"] as? Double ?? 0)],
                in: folder)
            #expect(again.status == 0, "\(again.errors)")
            let traces = try ["alice.qwt", "again.qwt"].map {
                try Tool.run(["inspect", $0, "--packet", "17", "--json"], in: folder).object()
            }
            // Each process measures which transform is fastest, and another one rounds another way.
            let gains = try traces.map { try #require($0["gains"] as? [[Double]]).flatMap(\.self) }
            #expect(gains[0].count == 2 * 52 && gains[0].count == gains[1].count)
            #expect(zip(gains[0], gains[1]).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    /// Both ends of a series in one virtual ether.
    private static func probe(
        _ air: String, _ options: [String], alice: [String] = [], in folder: URL
    ) throws -> (alice: Tool.Outcome, bob: Tool.Outcome) {
        let port = port()
        let bob = try RunningTool(
            ["probe", "--role", "responder", "--out", "bob.qwt", "--json", "--radio"]
                + ["virtual:serve=127.0.0.1:\(port),\(air)"] + options, in: folder)
        let alice = try RunningTool(
            ["probe", "--role", "initiator", "--out", "alice.qwt", "--json", "--radio"]
                + ["virtual:join=127.0.0.1:\(port)"] + options + alice, in: folder)
        return (try alice.wait(), try bob.wait())
    }

    @Test(arguments: ["2", "10", "12"])
    func `a slow series is answered without a turnaround of one's own`(rate: String) throws {
        try Scratch.with { folder in
            let outcomes = try Self.probe(
                "model=tgn-b,snr=35,seed=7,speed=0.05", ["--rate", rate, "--count", "40"], in: folder)
            for outcome in [outcomes.alice, outcomes.bob] {
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(
                    (try outcome.object()["probes"] as? Int).map { $0 >= 36 } == true, "\(outcome.output)")
            }
        }
    }

    @Test func `a least rate is come down to, by the Doppler shift of the sacrificed probes`() throws {
        try Scratch.with { folder in
            let outcomes = try Self.probe(
                "model=tgn-d,snr=25,seed=9,speed=0.25",
                ["--rate", "100", "--minimum-rate", "2", "--sacrifice", "512", "--count", "60"], in: folder)
            for outcome in [outcomes.alice, outcomes.bob] {
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(
                    (try outcome.object()["probes"] as? Int).map { $0 >= 50 } == true, "\(outcome.output)")
            }
            let report = try outcomes.alice.object()
            #expect((report["rate"] as? Double).map { $0 >= 2 && $0 < 40 } == true, "\(report)")
            #expect((report["doppler"] as? Double).map { $0 > 0.8 && $0 < 5 } == true, "\(report)")
        }
    }

    @Test
    func `a series in which nothing was kept is an error that says how to mend it, and writes no trace`()
        throws
    {
        try Scratch.with { folder in
            // Bursts of two keys: neither end takes the other's.
            try Data(repeating: 7, count: 16).write(to: folder.appendingPathComponent("key"))
            let outcomes = try Self.probe(
                "model=tgn-b,snr=20,seed=7", ["--count", "20", "--patience", "2"], alice: ["--key", "key"],
                in: folder)
            #expect(outcomes.alice.status == 69, "\(outcomes.alice.output)")
            #expect(outcomes.alice.errors.contains("--turnaround"), "\(outcomes.alice.errors)")
            #expect(outcomes.bob.status == 69)
            for name in ["alice.qwt", "bob.qwt"] {
                #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path))
            }
        }
    }

    @Test func `a recording whose description can't be written is an error`() throws {
        try Scratch.with { folder in
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("walk.sigmf-meta"), withIntermediateDirectories: false)
            let outcomes = try Self.probe(
                "model=tgn-b,snr=30,seed=7", ["--count", "20"], alice: ["--record", "walk"], in: folder)
            #expect(outcomes.alice.status == 70, "\(outcomes.alice.output)")
            #expect(outcomes.alice.errors.contains("walk.sigmf-meta"), "\(outcomes.alice.errors)")
            #expect(outcomes.bob.status == 0, "\(outcomes.bob.errors)")
        }
    }

    @Test(arguments: [
        ["--radio", "virtual:snr=x"], ["--radio", "virtual:", "--probe-rate", "0"],
        ["--radio", "virtual:serve=127.0.0.1:0", "--probe-rate", "90000"],
        ["--radio", "virtual:", "--simulate", "--channel-seed", "1"], ["--radio", "file:"],
        ["--radio", "virtual:", "--turnaround", "-1"], ["--radio", "virtual:", "--minimum-rate", "5"],
        ["--radio", "virtual:serve=127.0.0.1:0", "--turnaround", "0.01"],
    ])
    func `a radio that can't be is a usage error`(arguments: [String]) throws {
        try Ends.with { ends in
            let outcome = try Tool.run(
                ["pair", "listen", "--pad", "bob", "--port", "0", "--wait", "2", "--json"] + arguments,
                in: ends.folder)
            #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
        }
    }

    @Test func `an ether that isn't there, and a recording that isn't, are told with status 69`() throws {
        try Scratch.with { folder in
            let outcome = try Tool.run(
                ["probe", "--role", "initiator", "--radio", "file:nowhere", "--out", "x.qwt", "--json"],
                in: folder)
            #expect(outcome.status == 69, "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("x.qwt").path))
        }
    }
}
