// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Testing

/// `pair` from outside: two processes over the loopback interface.
@Suite(.serialized) struct PairCommandTests {
    /// Too short to make a key, long enough for both ends to meet.
    private let short = ["--simulate", "--channel-seed", "5", "--model", "rayleigh", "--duration", "10"]

    @Test func `a room that stands still makes no key, and both ends are told to move`() throws {
        try Ends.with { ends in
            let still = ["--simulate", "--channel-seed", "4", "--speed", "0", "--duration", "30"]
            let (alice, bob) = try ends.pair(connect: still, listen: still)
            for end in [alice, bob] {
                #expect(end.status == 3, "\(end.errors)")
                #expect(end.errors.contains("Nothing moves"), "\(end.errors)")
            }
        }
    }

    @Test func `both ends tell of the same exchange, and that it is simulated, everywhere`() throws {
        try Ends.with { ends in
            let common = Ends.channel + Ends.options + ["--channel-seed", "11"]
            let (alice, bob) = try ends.pair(
                connect: common + ["--certificates", "a"], listen: common + ["--certificates", "b"])
            #expect(alice.status == 0, "\(alice.errors)")
            #expect(bob.status == 0, "\(bob.errors)")
            #expect(alice.errors.contains("SIMULATED") && bob.errors.contains("SIMULATED"))
            let reports = try [alice.object(), bob.object()]
            #expect(reports.map { $0["role"] as? String } == ["initiator", "responder"])
            let both = try reports.map { try #require(($0["exchanges"] as? [[String: Any]])?.first) }
            for name in ["identifier", "assurance"] {
                #expect(both[0][name] as? String == both[1][name] as? String)
            }
            for name in ["keyBits", "netKeyBits", "pairs", "sequence"] {
                #expect(both[0][name] as? Int == both[1][name] as? Int, "\(name)")
            }
            let bits = try #require(both[0]["keyBits"] as? Int)
            #expect(bits > 0 && bits % 256 == 0)
            // Six tags of 128 bits, two of them for the COMMITs.
            #expect(both[0]["netKeyBits"] as? Int == bits - 6 * 128)
            for (exchange, folder) in zip(both, ["a", "b"]) {
                #expect(exchange["simulated"] as? Bool == true)
                #expect((exchange["epsilon"] as? Double).map { $0 > 0 && $0 < 0x1p-37 } == true)
                #expect(exchange["refused"] as? [String] == [])
                let file = ends.folder.appendingPathComponent("\(folder)/exchange-0.json")
                let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
                let certificate = try #require(parsed as? [String: Any])
                #expect(certificate["length"] as? Int == bits)
                #expect(certificate["laboratory"] as? Bool == true)
                #expect((certificate["context"] as? [String: Any])?["simulated"] as? Bool == true)
                #expect((certificate["claim"] as? String)?.contains("simulated") == true)
            }
            for pad in ["alice", "bob"] {
                let books = try ends.status(pad)
                #expect(books.outgoing.generated == bits / 16)
                #expect(books.assurance == ["model, simulated"])
                // Three tags each way at 16 bytes, no mask twice.
                #expect(books.enrolledOutgoing.used == 48 && books.enrolledIncoming.used == 48)
            }
        }
    }

    @Test(arguments: [
        ["pair", "listen", "--pad", "alice"], ["pair", "connect", "127.0.0.1", "--pad", "bob"],
        ["pair", "listen", "--pad", "nowhere"], ["pair", "connect", "127.0.0.1", "--pad", "nowhere"],
    ])
    func `an end with the other's pad, or without one, isn't authenticated`(arguments: [String]) throws {
        try Ends.with { ends in
            let outcome = try Tool.run(
                arguments + ["--port", "0", "--wait", "2", "--json"] + short, in: ends.folder)
            #expect(outcome.status == 77, "\(outcome.errors)")
            #expect((try outcome.object()["error"] as? [String: String])?["code"] == "notAuthenticated")
        }
    }

    @Test func `ends of two enrollments find out, and keep nothing`() throws {
        try Ends.with { ends in
            try ends.enroll("carol", "dave")
            let common = Ends.channel + Ends.options + ["--channel-seed", "12"]
            let (alice, dave) = try ends.pair("alice", "dave", connect: common, listen: common)
            #expect(alice.status == 77, "\(alice.errors)")
            #expect(dave.status == 77, "\(dave.errors)")
            for pad in ["alice", "dave"] {
                let books = try ends.status(pad)
                #expect(books.outgoing.generated == 0)
                #expect(books.uncertain.isEmpty && books.usableBlocks == 0)
            }
        }
    }

    @Test(arguments: [
        ["--bits", "3"], ["--quantizer", "equiprobable"], ["--stride", "3"], ["--line-of-sight"],
        ["--exclusion-radius", "0.4"], ["--bandwidth", "40"],
    ])
    func `ends with different choices refuse before anything is keyed`(choice: [String]) throws {
        try Ends.with { ends in
            let (alice, bob) = try ends.pair(connect: short, listen: short + choice)
            for outcome in [alice, bob] {
                #expect(outcome.status == 3, "\(choice): \(outcome.errors)")
                let exchanges = try outcome.object()["exchanges"] as? [[String: Any]]
                #expect((exchanges?.first?["refused"] as? [String])?.isEmpty == false)
            }
            #expect(try ends.status("alice").outgoing.generated == 0)
        }
    }

    @Test func `a capture is keyed into a pad once, whatever it is called and however the pad is written`()
        throws
    {
        try Ends.with { ends in
            for name in ["one", "two"] {
                try ends.check(["simulate", "--model", "rayleigh", "--duration", "30", name])
            }
            let copy = ends.folder.appendingPathComponent("copy.qwt")
            try FileManager.default.copyItem(
                at: ends.folder.appendingPathComponent("one/alice.qwt"), to: copy)
            let (alice, bob) = try ends.pair(
                connect: ["--capture", "one/alice.qwt"], listen: ["--capture", "one/bob.qwt"])
            // It is too short for a key; its samples were published all the same.
            #expect(alice.status == 3 && bob.status == 3)
            #expect(!alice.errors.contains("before") && !bob.errors.contains("before"))
            for pad in ["alice", "./alice/"] {
                let (again, fresh) = try ends.pair(
                    pad, "bob", connect: ["--capture", "copy.qwt"], listen: ["--capture", "two/bob.qwt"])
                #expect(again.status == 3, "\(again.errors)")
                #expect(again.errors.contains("keyed into this pad before"))
                #expect(fresh.status != 0)
            }
        }
    }

    /// A threat model as a file.
    private func write(_ name: String, wavelengths: Double = 4, bits: Int, in folder: URL) throws {
        let model = ThreatModel.passive(
            exclusionWavelengths: wavelengths,
            preSharedKey: .init(source: "enrolled", length: bits, reuseRule: "once"))
        try Data(model.json()).write(to: folder.appendingPathComponent(name))
    }

    @Test func `a threat model says the secret that was enrolled, and the radius of the channel's carrier`()
        throws
    {
        try Ends.with { ends in
            // One mebibyte, as enrolled; anything else isn't this pad's.
            let enrolled = 8 << 20
            try ends.check(["simulate", "--model", "rayleigh", "--duration", "5", "walk"])
            for (bits, wavelengths, status) in [
                (enrolled, 4.0, 69), (0, 4, 64), (512, 4, 64), (enrolled - 256, 4, 64), (enrolled, 6, 64),
            ] as [(Int, Double, Int32)] {
                try write("model.json", wavelengths: wavelengths, bits: bits, in: ends.folder)
                for source in [["--simulate", "--channel-seed", "5"], ["--capture", "walk/alice.qwt"]] {
                    let outcome = try Tool.run(
                        [
                            "pair", "connect", "127.0.0.1", "--pad", "alice", "--port", "1", "--wait", "1",
                            "--threat-model", "model.json",
                        ] + source, in: ends.folder)
                    #expect(outcome.status == status, "\(bits) \(wavelengths): \(outcome.errors)")
                    if bits != enrolled, bits >= 512 {
                        #expect(outcome.errors.contains("\(bits)") && outcome.errors.contains("\(enrolled)"))
                    }
                    if wavelengths == 6 { #expect(outcome.errors.contains("2437 MHz")) }
                }
            }
        }
    }

    @Test
    func `a refused exchange's certificate takes the place of an older one, and says the enrolled secret`()
        throws
    {
        try Ends.with { ends in
            let stale = ends.folder.appendingPathComponent("a/exchange-0.json")
            try FileManager.default.createDirectory(
                at: stale.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("old".utf8).write(to: stale)
            let (alice, bob) = try ends.pair(
                connect: short + ["--certificates", "a"], listen: short + ["--certificates", "b"])
            #expect(alice.status == 3 && bob.status == 3, "\(alice.errors) \(bob.errors)")
            for folder in ["a", "b"] {
                let told = try Tool.run("certificate", "\(folder)/exchange-0.json", in: ends.folder)
                #expect(told.status == 0 && told.output.contains("refused:"), "\(told.output) \(told.errors)")
                #expect(told.output.contains("shared secret  \(8 << 20) bits, enrolled"))
            }
        }
    }

    @Test func `a peer that isn't there, or goes, is told with status 69`() throws {
        try Ends.with { ends in
            let absent = try Tool.run(
                ["pair", "connect", "127.0.0.1", "--pad", "alice", "--port", "1", "--wait", "1", "--json"]
                    + short, in: ends.folder)
            #expect(absent.status == 69, "\(absent.errors)")
            let running = try ends.start(
                connect: Ends.channel + Ends.options + ["--channel-seed", "1"],
                listen: Ends.channel + Ends.options + ["--channel-seed", "1"])
            running.alice.kill()
            #expect(try running.alice.wait().wasSignalled)
            // The other hears of it at once, or waits for a peer that never came.
            running.bob.kill()
            #expect(try running.bob.wait().wasSignalled)
            #expect(try ends.status("bob").outgoing.generated == 0)
        }
    }

    @Test(arguments: [
        [], ["--simulate"], ["--simulate", "--channel-seed", "1", "--capture", "x"],
        ["--capture", "x", "--exchanges", "2"], ["--simulate", "--channel-seed", "1", "--exchanges", "0"],
        ["--simulate", "--channel-seed", "1", "--wait", "0"],
        ["--simulate", "--channel-seed", "1", "--exclusion-radius", "nan"],
        ["--simulate", "--channel-seed", "1", "--reconciler", "none"],
    ])
    func `what makes no sense is a usage error before the pad is touched`(arguments: [String]) throws {
        let outcome = try Tool.run(
            ["pair", "connect", "127.0.0.1", "--pad", "nowhere", "--json"] + arguments)
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect((try outcome.object()["error"] as? [String: String])?["code"] == "usage")
    }
}
