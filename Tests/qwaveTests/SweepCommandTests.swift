// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `qwave sweep` and `qwave replay --baseline` from outside.
@Suite struct SweepCommandTests {
    static let grid = ["sweep", "--model", "rayleigh", "--duration", "40", "--quantizer", "asbg,mathur"]

    @Test func `a sweep goes on where its table ends, and draws`() throws {
        try Scratch.with { folder in
            let first = try Tool.run(Self.grid + ["--snr", "15", "--out", "t.csv", "--json"], in: folder)
            #expect(first.status == 0, "\(first.errors)")
            let table = folder.appendingPathComponent("t.csv")
            let before = try Data(contentsOf: table)
            let again = try Tool.run(
                Self.grid + ["--snr", "15,25", "--out", "t.csv", "--plot", "p.svg", "--json"], in: folder)
            let object = try again.object()
            #expect(object["skipped"] as? Int == 2)
            let rows = try #require(object["rows"] as? [[String: Any]])
            #expect(rows.count == 4)
            let after = try Data(contentsOf: table)
            #expect(after.starts(with: before) && after.split(separator: 0x0A).count == 6)
            let picture = try Data(contentsOf: folder.appendingPathComponent("p.svg"))
            #expect(picture.starts(with: Data("<svg".utf8)))
        }
    }

    @Test func `features are swept as a column, and others than there are refused with the names`() throws {
        try Scratch.with { folder in
            let swept = try Tool.run(
                "sweep", "--model", "rayleigh", "--duration", "24", "--feature", "amplitude,scalar", "--out",
                "t.csv", "--json", in: folder)
            #expect(swept.status == 0, "\(swept.errors)")
            let rows = try #require(swept.object()["rows"] as? [[String: Any]])
            let features = rows.compactMap { ($0["point"] as? [String: Any])?["feature"] as? String }
            #expect(features == ["amplitude", "scalar"])
            let table = try String(contentsOf: folder.appendingPathComponent("t.csv"), encoding: .utf8)
            #expect(table.contains(",duration,feature,quantizer,seed,"))
            let again = try Tool.run(
                "sweep", "--model", "rayleigh", "--duration", "24", "--feature", "amplitude,scalar", "--out",
                "t.csv", "--json", in: folder)
            #expect(try again.object()["skipped"] as? Int == 2)
            let wrong = try Tool.run("sweep", "--feature", "phase", in: folder)
            #expect(wrong.status == 64 && wrong.errors.contains("synchronized"))
        }
    }

    @Test(arguments: ["mathur", "asbg", "hrube", "cgc"])
    func `a baseline counts twice on captures and on tables, and makes no key`(name: String) throws {
        try Scratch.with { folder in
            for format in ["qwt", "csv"] {
                let made = try Tool.run(
                    "simulate", "--duration", "60", "--seed", "4", "--format", format, format, in: folder)
                try #require(made.status == 0, "\(made.errors)")
                let files = ["alice", "bob"].map { "\(format)/\($0).\(format)" }
                let outcome = try Tool.run(["replay"] + files + ["--baseline", name, "--json"], in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
                let object = try outcome.object()
                let published = try #require(object["published"] as? [String: Any])
                let accounted = try #require(object["accounted"] as? [String: Any])
                #expect(object["baseline"] as? String == name && published["bits"] is Int)
                #expect(accounted["netBits"] is Int)
                let text = try Tool.run(["replay"] + files + ["--baseline", name], in: folder)
                #expect(text.output.contains("as published") && text.output.contains("as QWave counts"))
            }
            let key = try Tool.run(
                "replay", "qwt/alice.qwt", "qwt/bob.qwt", "--baseline", name, "--key-out", "k", in: folder)
            #expect(key.status == 64)
        }
    }

    @Test func `CH-9 simulate explains what there is, and prints ceilings with every run`() throws {
        try Scratch.with { folder in
            let list = try Tool.run("simulate", "--list", "--json").object()
            let models = try #require(list["models"] as? [[String: Any]])
            let names = models.compactMap { $0["name"] as? String }
            #expect(Set(["tgn-a", "tgac-f", "tdl-e", "rayleigh", "rice"]).isSubset(of: names))
            #expect(try Tool.run("simulate", "--list").output.contains("quasi-static"))
            let made = try Tool.run(
                "simulate", "--profile", "corridor", "--duration", "1", "--eve-antennas", "3", "--scattering",
                "clusters", "--attack", "surface:level=3", "--attack", "jammer", "x", "--json", in: folder)
            let object = try made.object()
            #expect(
                object["attacks"] as? [String] == [
                    "surface:level=3.0,reciprocal=1.0", "jammer:duty=0.1,level=0.0,burst=10.0",
                ])
            let ceilings = try #require(object["ceilings"] as? [String: Double])
            // TGn-C at 15 dB and 20 MHz.
            #expect(abs(try #require(ceilings["bitsPerSnapshot"]) - 29.0) < 0.1)
            let eve = try Tool.run("inspect", "x/eve.qwt", "--json", in: folder).object()
            #expect(eve["receiveAntennas"] as? Int == 4)
            let refused = try Tool.run("simulate", "--attack", "laser", "y", in: folder)
            #expect(refused.status == 64 && refused.errors.contains("injector"))
        }
    }

    @Test func `ST-19 the truth is for its owner alone, and no pipeline needs it`() throws {
        try Scratch.with { folder in
            _ = try Tool.run("simulate", "--duration", "40", "--seed", "2", "x", in: folder)
            let truth = folder.appendingPathComponent("x/truth.json")
            let mode = try FileManager.default.attributesOfItem(atPath: truth.path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let arguments = ["replay", "x/alice.qwt", "x/bob.qwt", "--baseline", "asbg", "--json"]
            let with = try Tool.run(arguments, in: folder)
            // A pipe that nobody writes to: whoever opened it would wait for ever.
            try FileManager.default.removeItem(at: truth)
            try #require(unsafe mkfifo(truth.path, 0o600) == 0)
            let without = try Tool.run(arguments, in: folder)
            let published = try with.object()["published"] as? [String: Double]
            #expect(published != nil)
            #expect(try without.object()["published"] as? [String: Double] == published)
        }
    }
}
