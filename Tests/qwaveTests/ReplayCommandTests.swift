// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import TestSupport
import Testing

/// `replay` from outside.
@Suite(.serialized) struct ReplayCommandTests {
    /// What every report has, a refusal's too; a nested name stands behind a dot.
    private static let fields = [
        "probes.alice", "probes.bob", "probes.eve", "probes.paired", "reciprocity.correlation",
        "reciprocity.lag",
        "mutualInformation.bitsPerProbe", "mutualInformation.total", "quantizer", "rawBits",
        "rawDisagreement",
        "reconciler", "leakBits", "leakForward", "leakBackward", "efficiency", "messages", "publicBits",
        "eveInformation", "entropy.model", "entropy.sp80090b", "entropy.eve", "finiteSize.a", "finiteSize.b",
        "finiteSize.c",
        "epsilon", "keyBits", "netKeyBits",
        "secureBitsPerProbe", "bitsPerMinute", "keysEqual", "assurance", "refused",
    ]

    private func expectFields(_ report: [String: Any]) {
        for field in Self.fields {
            let names = field.split(separator: ".").map(String.init)
            var value: Any? = report
            for name in names { value = (value as? [String: Any])?[name] }
            #expect(value != nil, "\(field) is missing")
        }
    }

    /// A folder with two ends' captures of the flat channel.
    private func withCaptures(seconds: Int, _ body: (URL) throws -> Void) throws {
        try Scratch.with { folder in
            let made = try Tool.run(
                "simulate", "--model", "rayleigh", "--snr", "35", "--rate", "32", "--duration", "\(seconds)",
                "--seed", "3", "walk", in: folder)
            try #require(made.status == 0, "\(made.errors)")
            try body(folder)
        }
    }

    private let captures = ["replay", "walk/alice.qwt", "walk/bob.qwt"]

    @Test func `a good capture gives a key with its certificate and report, and never overwrites a key`()
        throws
    {
        try withCaptures(seconds: 400) { folder in
            let outcome = try Tool.run(
                captures + Ends.options + [
                    "--json", "--key-out", "key", "--certificate", "c.json", "--report", "r.html",
                ], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let report = try outcome.object()
            expectFields(report)
            let bits = try #require(report["keyBits"] as? Int)
            #expect(bits > 0 && bits % 256 == 0)
            // Two checkpoints, a tag each way.
            #expect(report["netKeyBits"] as? Int == bits - 4 * 128)
            #expect(report["keysEqual"] as? Bool == true)
            #expect(report["simulated"] as? Bool == true)
            #expect(report["refused"] as? [String] == [])
            let probes = try #require(report["probes"] as? [String: Any])
            #expect(probes["alice"] as? Int == 12_800 && probes["bob"] as? Int == 12_800)
            #expect(probes["eve"] is NSNull && report["eveInformation"] is NSNull)
            let number = { (name: String) in try #require(report[name] as? Double) }
            // LDPC's verdicts tell by their time too, which is no whole number of bits.
            let leaks = try number("leakForward") + number("leakBackward")
            #expect(abs(try number("leakBits") - leaks) < 1e-6 && leaks > 0)
            // Thirty-two pairs a second: the rate follows from the captures' own times.
            let perMinute = Double(bits - 512) / 400 * 60
            #expect(abs(try number("bitsPerMinute") / perMinute - 1) < 0.01)
            #expect(abs(try number("secureBitsPerProbe") - Double(bits - 512) / 12_800) < 1e-9)
            // The lowest bits of wide symbols differ often, and are told.
            #expect(try number("rawDisagreement") > 0 && number("rawDisagreement") < 0.2)

            let key = folder.appendingPathComponent("key")
            let bytes = try Data(contentsOf: key)
            #expect(bytes.count == bits / 8)
            let mode = try FileManager.default.attributesOfItem(atPath: key.path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let parsed = try JSONSerialization.jsonObject(
                with: Data(contentsOf: folder.appendingPathComponent("c.json")))
            let certificate = try #require(parsed as? [String: Any])
            #expect(certificate["length"] as? Int == bits)
            #expect((certificate["context"] as? [String: Any])?["simulated"] as? Bool == true)
            // Without a capture of hers Eve is charged for a correlation of 0.4 in every symbol.
            let terms = try #require(certificate["terms"] as? [String: Any])
            let components = try #require(terms["components"] as? [[String: Any]])
            let charges = try components.map { try #require($0["eveCharge"] as? Double) }
            #expect(!charges.isEmpty && charges.allSatisfy { $0 > 0.1257 })
            let symbols = try components.reduce(0) { $0 + (try #require($1["symbols"] as? Double)) }
            let eve = try #require((report["entropy"] as? [String: Any])?["eve"] as? Double)
            #expect(eve > 0.1257 * symbols)
            // The site's flags: a line of sight, or room for Eve within 0.3 wavelengths, put her at 0.9 or refuse.
            for flags in [["--line-of-sight"], ["--exclusion-radius", "0.03"]] {
                let close = try Tool.run(
                    captures + Ends.options + ["--json", "--certificate", "close.json"] + flags, in: folder)
                #expect([0, 3].contains(close.status))
                guard close.status == 0 else { continue }
                let bytes = try Data(contentsOf: folder.appendingPathComponent("close.json"))
                let terms = try #require(
                    (JSONSerialization.jsonObject(with: bytes) as? [String: Any])?["terms"] as? [String: Any])
                let parts = try #require(terms["components"] as? [[String: Any]])
                #expect(parts.allSatisfy { ($0["eveCharge"] as? Double ?? 0) > 1.19 })
                #expect(try #require(close.object()["keyBits"] as? Int) < bits)
            }
            let page = String(
                decoding: try Data(contentsOf: folder.appendingPathComponent("r.html")), as: UTF8.self)
            #expect(page.hasPrefix("<!doctype html>") && page.contains("</html>"))
            #expect(page.contains("SIMULATED CHANNEL") && page.contains("\(bits) bits"))
            #expect(!page.contains("http") && !page.contains("<script"))
            #expect(!page.contains(bytes.prefix(8).map { String($0, radix: 16) }.joined()))

            let again = try Tool.run(captures + ["--key-out", "key", "--certificate", "d.json"], in: folder)
            #expect(again.status == 64)
            #expect(try Data(contentsOf: key) == bytes)
            let made = FileManager.default.fileExists(atPath: folder.appendingPathComponent("d.json").path)
            #expect(!made)
        }
    }

    @Test(arguments: [20, 60])
    func `a capture that is too short is refused with reasons, every field, and no key`(seconds: Int) throws {
        try withCaptures(seconds: seconds) { folder in
            let outcome = try Tool.run(
                captures + ["--json", "--key-out", "key", "--report", "r.html"], in: folder)
            #expect(outcome.status == 3, "\(outcome.errors)")
            let report = try outcome.object()
            expectFields(report)
            #expect(report["keyBits"] as? Int == 0 && report["netKeyBits"] as? Int == 0)
            #expect(report["keysEqual"] as? Bool == false)
            #expect((report["refused"] as? [String])?.isEmpty == false)
            #expect((report["probes"] as? [String: Any])?["alice"] as? Int == 32 * seconds)
            #expect(report["rawDisagreement"] is NSNull)
            let key = FileManager.default.fileExists(atPath: folder.appendingPathComponent("key").path)
            #expect(!key)
            let text = try Tool.run(captures, in: folder)
            #expect(text.status == 3)
            #expect(text.output.contains("NO KEY") && text.output.contains("SIMULATED"))
        }
    }

    @Test(
        arguments: [
            (["replay", "noise", "walk/bob.qwt"], 65), (["replay", "walk/alice.qwt", "nosuch"], 69),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--eve", "nosuch"], 69),
            (["replay", "walk/alice.qwt"], 64), (["replay", "-", "-"], 64),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--quantizer", "none"], 64),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--commission", "nan"], 64),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--bits", "8"], 64),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--feature", "scalar"], 64),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--rate", "-1"], 64),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--threat-model", "nosuch"], 69),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--threat-model", "noise"], 65),
            (["replay", "walk/alice.qwt", "walk/bob.qwt", "--key-out", "-"], 64),
        ] as [([String], Int32)])
    func `what can't be replayed ends with the manual's status and one error`(
        arguments: [String], status: Int32
    ) throws {
        try withCaptures(seconds: 2) { folder in
            try Data((0..<999).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 3) }).write(
                to: folder.appendingPathComponent("noise"))
            let outcome = try Tool.run(arguments + ["--json"], in: folder)
            #expect(outcome.status == status, "\(arguments) \(outcome.errors)")
            #expect((try outcome.object()["error"] as? [String: String])?["message"]?.isEmpty == false)
        }
    }

    @Test func `an older certificate never stands for a replay that is refused`() throws {
        try withCaptures(seconds: 20) { folder in
            func expectRefusal(_ name: String, _ words: String) throws {
                let told = try Tool.run("certificate", name, in: folder)
                #expect(told.status == 0, "\(told.output) \(told.errors)")
                #expect(told.output.contains("refused:") && told.output.contains(words), "\(told.output)")
                #expect(told.output.contains("The certificate adds up."))
                let object = try Tool.run("certificate", name, "--json", in: folder).object()
                #expect(object["length"] as? Int == 0)
                // Whole, and nothing beside it.
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                let mine = ["walk", "a.csv", "b.csv", "c.json", "c.json.1", "c.json.2"]
                #expect(Set(names).isSubset(of: mine), "\(names)")
            }
            let names = ["c.json", "c.json.1"]
            for name in names { try Data("old".utf8).write(to: folder.appendingPathComponent(name)) }
            let short = try Tool.run(captures + ["--certificate", "c.json"], in: folder)
            #expect(short.status == 3, "\(short.errors)")
            try expectRefusal("c.json", "record longer")
            let block = try Tool.run(captures + ["--certificate", "c.json", "--block", "1280"], in: folder)
            #expect(block.status == 3, "\(block.errors)")
            try expectRefusal("c.json.1", "record longer")
            // Captures that can't even be cut into blocks.
            for (name, rows) in [("a.csv", 2000), ("b.csv", 2001)] {
                let text = "dbm\n" + String(repeating: "-50\n-51\n", count: rows / 2) + "-50\n"
                try Data(text.prefix(4 * rows + 4).utf8).write(to: folder.appendingPathComponent(name))
            }
            let tables = ["replay", "a.csv:dbm", "b.csv:dbm", "--certificate", "c.json"]
            for (more, names) in [([], ["c.json"]), (["--block", "1280"], ["c.json.1", "c.json.2"])] {
                for name in names { try Data("old".utf8).write(to: folder.appendingPathComponent(name)) }
                let unpaired = try Tool.run(tables + more, in: folder)
                #expect(unpaired.status == 3, "\(unpaired.errors)")
                for name in names { try expectRefusal(name, "can't be paired") }
            }
        }
    }

    /// A threat model as a file, as the tool's own but for what a test says.
    private func write(
        _ name: String, meters: Double = 0.5, wavelengths: Double = 4, bits: Int = 4096, in folder: URL
    ) throws {
        let model = ThreatModel.passive(
            exclusionRadius: meters, exclusionWavelengths: wavelengths,
            preSharedKey: .init(source: "enrolled", length: bits, reuseRule: "once"))
        try Data(model.json()).write(to: folder.appendingPathComponent(name))
    }

    @Test
    func `a radius in meters that isn't the one in wavelengths of the captures' carrier is a usage error`()
        throws
    {
        try withCaptures(seconds: 20) { folder in
            for (meters, wavelengths, isRight) in [
                (0.01, 4, false), (0.5, 4, true), (0.5, 4.064, true), (0.5, 4.4, false), (0.5, 3.8, false),
                (0, 0, true), (0.5, 0, false),
            ] {
                try write("model.json", meters: meters, wavelengths: wavelengths, in: folder)
                let outcome = try Tool.run(captures + ["--threat-model", "model.json"], in: folder)
                #expect(outcome.status == (isRight ? 3 : 64), "\(meters) \(wavelengths) \(outcome.errors)")
            }
            try write("model.json", meters: 0.01, in: folder)
            let wrong = try Tool.run(captures + ["--threat-model", "model.json"], in: folder)
            for words in ["0.01 m", "4.0 wavelengths", "2437 MHz", "0.08129", "0.4921"] {
                #expect(wrong.errors.contains(words), "\(wrong.errors)")
            }
            // A table doesn't say its carrier: nothing to compare with.
            try Data("a,b\n-50,-50\n".utf8).write(to: folder.appendingPathComponent("t.csv"))
            let table = try Tool.run(
                "replay", "t.csv:a", "t.csv:b", "--threat-model", "model.json", in: folder)
            #expect(table.status == 3, "\(table.errors)")
        }
    }

    @Test func `a shared secret shorter than the tags of one exchange is a usage error`() throws {
        try withCaptures(seconds: 20) { folder in
            for (bits, status) in [(1, 64), (256, 64), (511, 64), (512, 3), (0, 3), (524_288, 3)] {
                try write("model.json", bits: bits, in: folder)
                let outcome = try Tool.run(captures + ["--threat-model", "model.json"], in: folder)
                #expect(outcome.status == Int32(status), "\(bits) \(outcome.errors)")
                guard status == 64 else { continue }
                #expect(outcome.errors.contains("has \(bits) bits") && outcome.errors.contains("512"))
            }
        }
    }

    // MARK: Recorded captures

    @Test(.enabled(if: PrivateData.hasCaptures))
    func `a recorded walk gives a key`() throws {
        let pair = PrivateData.capture("reciprocal/skyglow-mobile/pair.csv").path
        let outcome = try Tool.run("replay", "\(pair):alice_dbm", "\(pair):bob_dbm", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try outcome.object()
        expectFields(report)
        #expect(report["keysEqual"] as? Bool == true)
        #expect((report["keyBits"] as? Int).map { $0 > 0 } == true)
        #expect(report["simulated"] as? Bool == false)
        #expect((report["probes"] as? [String: Any])?["paired"] as? Int == 19_413)
    }

    /// A recorded set that must give no key, and the reason that must be among those that are told.
    struct Barren: Sendable {
        var set: String
        var alice = "pair.csv:alice_dbm"
        var bob = "pair.csv:bob_dbm"
        var eve: String?
        var options: [String] = []
        var reason: String
    }

    @Test(
        .enabled(if: PrivateData.hasCaptures),
        arguments: [
            Barren(set: "skyglow-anechoic", reason: "constant"),
            Barren(set: "intel-data", alice: "alice.dat", bob: "bob.dat", reason: "nothing is left to key"),
            Barren(
                set: "rfm12b-static", options: ["--stride", "1", "--trend-window", "61"],
                reason: "alignment at commissioning"),
            Barren(set: "skyglow-outdoor-sphere1", reason: "worth keying"),
            Barren(
                set: "skyglow-outdoor-sphere1", eve: "eve.csv:eve_0_dbm,eve_1_dbm", reason: "worth keying"),
        ])
    func `recorded ends that share nothing but with Eve get no key, and the reason`(
        _ barren: Barren
    ) throws {
        let folder = PrivateData.capture("reciprocal/\(barren.set)").path
        let eve = barren.eve.map { ["--eve", "\(folder)/\($0)"] } ?? []
        let outcome = try Tool.run(
            ["replay", "\(folder)/\(barren.alice)", "\(folder)/\(barren.bob)", "--json"] + eve
                + barren.options)
        #expect(outcome.status == 3, "\(outcome.errors)")
        let report = try outcome.object()
        expectFields(report)
        #expect(report["keyBits"] as? Int == 0)
        let reasons = try #require(report["refused"] as? [String])
        #expect(reasons.contains { $0.contains(barren.reason) }, "\(reasons)")
        // What she leaves of it is told of published samples, also where nothing of them is worth keying.
        let information = report["eveInformation"] as? [String: Any]
        #expect((information == nil) == (barren.eve == nil))
        if let information {
            let bits = try #require(information["gaussian"] as? [String: Any])
            let values = try ["shared", "givenEve", "known"].map { try #require(bits[$0] as? Double) }
            #expect(values.allSatisfy { $0 >= 0 } && information["keyed"] as? Bool == false)
        }
    }
}
