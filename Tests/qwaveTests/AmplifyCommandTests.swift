// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import PrivacyAmplification
import QWaveCore
import TestSupport
import Testing

/// `amplify` and `bench amplify` from outside.
@Suite struct AmplifyCommandTests {
    /// A key of 125,001 bytes and a seed for either form, to 400,003 bits.
    private static let outputBits = 400_003
    private static let key = BitString.seeded(count: 8 * 125_001, seed: 41)

    private func seed(_ form: ToeplitzHash.Form) throws -> BitString {
        .seeded(
            count: try ToeplitzHash(form: form).seedBits(
                inputBits: Self.key.count, outputBits: Self.outputBits), seed: 42)
    }

    private func expected(_ form: ToeplitzHash.Form) throws -> [UInt8] {
        try ToeplitzHash(form: form).hash(Self.key, seed: try seed(form), outputBits: Self.outputBits).bytes
    }

    private func withFiles(
        _ form: ToeplitzHash.Form = .modified, _ body: (URL) throws -> Void
    ) throws {
        try Scratch.with { folder in
            try Data(Self.key.bytes).write(to: folder.appendingPathComponent("key"))
            try Data(try seed(form).bytes).write(to: folder.appendingPathComponent("seed"))
            try body(folder)
        }
    }

    private func contents(_ folder: URL, _ name: String) -> [UInt8]? {
        (try? Data(contentsOf: folder.appendingPathComponent(name))).map(Array.init)
    }

    @Test(arguments: [ToeplitzHash.Form.modified, .plain], [1, 2])
    func `a file's hash is that of its bits`(form: ToeplitzHash.Form, threads: Int) throws {
        try withFiles(form) { folder in
            let outcome = try Tool.run(
                "amplify", "--seed", "seed", "--out-bits", "\(Self.outputBits)", "--toeplitz", "\(form)",
                "--threads", "\(threads)", "key", "secret", "--json", in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(contents(folder, "secret") == (try expected(form)))
            let result = try outcome.object()
            #expect(result["inputBits"] as? Int == Self.key.count)
            #expect(result["outputBits"] as? Int == Self.outputBits)
            #expect(result["seedBits"] as? Int == (try seed(form).count))
            let mode =
                try FileManager.default.attributesOfItem(
                    atPath: folder.appendingPathComponent("secret").path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `standard input and output carry key and hash`() throws {
        try withFiles { folder in
            let piped = try Tool.run(
                ["amplify", "--seed", "seed", "--out-bits", "\(Self.outputBits)", "-", "out"],
                input: Self.key.bytes, in: folder)
            #expect(piped.status == 0, "\(piped.errors)")
            #expect(contents(folder, "out") == (try expected(.modified)))
            // Text, because the tool's output is taken as text: 7 bits of 8.
            try Data([0x15]).write(to: folder.appendingPathComponent("small"))
            let shown = try Tool.run(
                ["amplify", "--seed", "small", "--out-bits", "7", "--in-bits", "7", "small", "-"], in: folder)
            #expect(shown.status == 0, "\(shown.errors)")
            #expect(shown.output == "\u{15}", "[T | I] of as many bits as the key has is the key")
        }
    }

    @Test func `lengths that don't fit are refused with status 65, and leave no file`() throws {
        try withFiles { folder in
            let bytes = try #require(contents(folder, "seed"))
            try Data(bytes.dropLast()).write(to: folder.appendingPathComponent("short"))
            try Data(bytes + [0]).write(to: folder.appendingPathComponent("long"))
            try Data().write(to: folder.appendingPathComponent("empty"))
            let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            let bits = "\(Self.outputBits)"
            for (arguments, word) in [
                (["--seed", "short", "--out-bits", bits, "key", "out"], "exactly 125001 bytes"),
                (["--seed", "long", "--out-bits", bits, "key", "out"], "exactly 125001 bytes"),
                (
                    ["--seed", "seed", "--toeplitz", "plain", "--out-bits", bits, "key", "out"],
                    "exactly 175002"
                ),
                (["--seed", "seed", "--out-bits", "1000009", "key", "out"], "can't hash"),
                (["--seed", "seed", "--out-bits", "0", "key", "out"], "can't hash"),
                (["--seed", "seed", "--out-bits", "1", "empty", "out"], "can't hash"),
                (["--seed", "seed", "--out-bits", bits, "--in-bits", "1000009", "key", "out"], "--in-bits"),
            ] {
                let outcome = try Tool.run(["amplify"] + arguments, in: folder)
                #expect(outcome.status == 65, "\(arguments): \(outcome.errors)")
                #expect(outcome.errors.contains(word), "\(outcome.errors)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
        }
    }

    @Test func `an output that exists is kept, unless --force`() throws {
        try withFiles { folder in
            let old = folder.appendingPathComponent("out")
            try Data("old".utf8).write(to: old)
            let arguments = ["amplify", "--seed", "seed", "--out-bits", "\(Self.outputBits)", "key", "out"]
            #expect(try Tool.run(arguments, in: folder).status == 64)
            #expect(contents(folder, "out") == Array("old".utf8))
            #expect(try Tool.run(arguments + ["--force"], in: folder).status == 0)
            #expect(contents(folder, "out") == (try expected(.modified)))
            let missing = try Tool.run(
                ["amplify", "--seed", "nowhere", "--out-bits", "8", "key", "new"], in: folder)
            #expect(missing.status == 69)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
        }
    }

    @Test func `options that contradict each other are usage errors`() throws {
        for arguments in [
            ["--seed", "-", "--out-bits", "8", "-", "out"],
            ["--seed", "s", "--out-bits", "8", "k", "-", "--json"],
            ["--seed", "s", "--out-bits", "8", "k", "o", "--threads", "3"],
            ["--seed", "s", "--out-bits", "8", "k", "o", "--toeplitz", "round"],
        ] {
            #expect(try Tool.run(["amplify"] + arguments).status == 64, "\(arguments)")
        }
    }

    @Test func `the benchmark prints a row for each case`() throws {
        let outcome = try Tool.run(
            "bench", "amplify", "--in", "1000,1e5", "--out", "half,tenth,64", "--kernel", "generic",
            "--seconds", "0.001", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = try #require(try outcome.object()["rows"] as? [[String: Any]])
        #expect(rows.map { $0["inputBits"] as? Int } == [1000, 1000, 1000, 100_000, 100_000, 100_000])
        #expect(rows.map { $0["outputBits"] as? Int } == [500, 100, 64, 50_000, 10_000, 64])
        for row in rows {
            #expect(row["kernel"] as? String == "generic")
            #expect((row["megabitsPerSecond"] as? Double ?? 0) > 0)
            #expect((row["peakBytes"] as? Int ?? 0) > 1_000_000)
        }
        #expect(try Tool.run("bench", "amplify", "--kernel", "abacus").status == 64)
        #expect(try Tool.run("bench", "amplify", "--in", "10", "--out", "11").status == 64)
    }
}
