// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

/// `qwave entropy` as its users run it.
@Suite struct EntropyCommandTests {
    /// The same symbols for the same seed.
    private static func symbols(_ count: Int, bits: Int, seed: UInt64) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> UInt64(64 - bits)) }
    }

    private static func write(_ bytes: [UInt8], _ name: String, in folder: URL) throws {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
    }

    @Test func `symbols a byte, text and packed bits of the same bits are assessed alike`() throws {
        try Scratch.with { folder in
            let bits = Self.symbols(10_000, bits: 1, seed: 11)
            try Self.write(bits, "bytes", in: folder)
            try Self.write(
                bits.enumerated().flatMap {
                    $0.offset % 64 == 63 ? [0x30 + $0.element, 0x0A] : [0x30 + $0.element]
                },
                "text", in: folder)
            let packed = stride(from: 0, to: bits.count, by: 8).map { begin in
                (0..<8).reduce(UInt8(0)) { $0 | bits[begin + $1] << $1 }
            }
            try Self.write(packed, "packed", in: folder)
            for (name, options) in [("bytes", []), ("text", []), ("packed", ["--packed"])] {
                let outcome = try Tool.run(["entropy", name, "--json"] + options, in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
                let object = try outcome.object()
                #expect(object["layout"] as? String == name)
                // The reference tool's value of these very bits.
                #expect(abs((object["assessed"] as? Double ?? 0) - 0.561230) < 1e-6)
                #expect(object["symbols"] as? Int == 10_000 && object["bits"] as? Int == 1)
                #expect(object["isFull"] as? Bool == false)
                let control = try #require(object["control"] as? Double)
                let ratio = min(1, (object["assessed"] as? Double ?? 0) / control)
                #expect(abs((object["h90B"] as? Double ?? 0) - ratio) < 1e-9)
            }
        }
    }

    @Test func `wider symbols have estimates of symbols and of bits, from bytes and from text`() throws {
        try Scratch.with { folder in
            let symbols = Self.symbols(12_000, bits: 3, seed: 2)
            try Self.write(symbols, "bytes", in: folder)
            let text = symbols.flatMap { symbol in [2, 1, 0].map { 0x30 + (symbol >> $0 & 1) } }
            try Self.write(text, "text", in: folder)
            let first = try Tool.run("entropy", "bytes", "--json", "--no-control", in: folder).object()
            let second = try Tool.run(
                "entropy", "text", "--bits", "3", "--json", "--no-control", in: folder
            ).object()
            #expect(first["assessed"] as? Double == second["assessed"] as? Double)
            #expect(first["bits"] as? Int == 3 && first["alphabet"] as? Int == 8)
            #expect(first["control"] is NSNull && first["h90B"] is NSNull && first["restart"] is NSNull)
            let estimates = try #require(first["estimates"] as? [String: [String: Any]])
            #expect(estimates["symbols"]?["markov"] == nil && estimates["bits"]?["markov"] != nil)
            let original = try #require(first["original"] as? Double)
            let ofBits = try #require(first["bitString"] as? Double)
            #expect(first["assessed"] as? Double == min(original, ofBits))
        }
    }

    @Test func `people read the table, the warning and what it doesn't prove`() throws {
        try Scratch.with { folder in
            try Self.write(Self.symbols(10_000, bits: 2, seed: 1), "symbols", in: folder)
            let outcome = try Tool.run("entropy", "symbols", "--bits", "2", in: folder)
            #expect(outcome.status == 0 && outcome.errors.isEmpty)
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.first == "10000 symbols of 2 bits, 4 different (bytes).")
            for name in [
                "most common value", "compression", "longest repeated substring", "LZ78Y prediction",
            ] {
                #expect(lines.contains { $0.hasPrefix(name) }, "\(name)")
            }
            #expect(outcome.output.contains("Fewer than 1000000 symbols"))
            #expect(lines.last == "No evidence of secrecy: what an eavesdropper knows wasn't asked.")
        }
    }

    @Test func `--iid refutes symbols that depend on one another, and says that it can't show more`() throws {
        try Scratch.with { folder in
            let fresh = Self.symbols(20_000, bits: 1, seed: 7)
            try Self.write(fresh, "fresh", in: folder)
            try Self.write(fresh.flatMap { [$0, $0] }, "doubled", in: folder)
            let passed = try Tool.run("entropy", "fresh", "--iid", "--no-control", in: folder)
            #expect(passed.output.contains("not refuted (the permutation tests aren't run)"))
            let refuted = try Tool.run("entropy", "doubled", "--iid", "--no-control", "--json", in: folder)
            #expect(refuted.status == 0)
            #expect((try refuted.object()["iid"] as? [String: Any])?["passed"] as? Bool == false)
            #expect(try Tool.run("entropy", "fresh", "--json", in: folder).object()["iid"] is NSNull)
        }
    }

    @Test func `restarts that are all the same fail with exit status 3, fresh ones pass`() throws {
        try Scratch.with { folder in
            try Self.write(Self.symbols(100_000, bits: 1, seed: 1), "symbols", in: folder)
            let fresh = Self.symbols(1_000_000, bits: 1, seed: 2)
            try Self.write(fresh, "fresh", in: folder)
            try Self.write((0..<1000).flatMap { _ in fresh[..<1000] }, "same", in: folder)
            let passed = try Tool.run("entropy", "symbols", "--restart", "fresh", "--json", in: folder)
            #expect(passed.status == 0, "\(passed.errors)")
            let good = try #require(passed.object()["restart"] as? [String: Any])
            #expect(good["passed"] as? Bool == true)
            let failed = try Tool.run("entropy", "symbols", "--restart", "same", "--json", in: folder)
            #expect(failed.status == 3)
            let object = try failed.object()
            #expect((object["restart"] as? [String: Any])?["mostFrequent"] as? Int == 1000)
            #expect(object["assessed"] as? Double == 0 && object["h90B"] as? Double == 0)
        }
    }

    @Test func `what can't be assessed is told with the file's name and a way out`() throws {
        try Scratch.with { folder in
            try Self.write(Self.symbols(9_999, bits: 1, seed: 1), "short", in: folder)
            try Self.write([0, 1, 2, 3], "wide", in: folder)
            try Self.write([], "empty", in: folder)
            let cases: [([String], Int32, String)] = [
                (["short"], 65, "9999 symbols are too few to assess"),
                (["wide", "--bits", "1"], 65, "wide: symbol 3 needs 2 bits and can't be one of 1"),
                (["empty"], 65, "empty: there are no symbols"),
                (["missing"], 69, "missing can't be opened"),
                (["short", "--bits", "9"], 64, "--bits is 1 to 8"),
                (["-", "--restart", "-"], 64, "can't both come from standard input"),
            ]
            for (arguments, status, text) in cases {
                let outcome = try Tool.run(["entropy"] + arguments, in: folder)
                #expect(outcome.status == status && outcome.output.isEmpty, "\(arguments): \(outcome)")
                #expect(outcome.errors.contains(text), "\(outcome.errors)")
            }
            let restarts = try Tool.run(["entropy", "long", "--restart", "short"], in: folder)
            #expect(restarts.status == 69)
        }
    }

    @Test func `a text that isn't of 0 and 1 is refused, unless its characters are said to be the symbols`()
        throws
    {
        try Scratch.with { folder in
            let numbers = Self.symbols(6000, bits: 3, seed: 4).map(String.init)
            try Self.write(Array(numbers.joined(separator: ",").utf8), "row", in: folder)
            try Self.write(Array(numbers.joined(separator: "\r\n").utf8), "column", in: folder)
            let table = ["time,dbm"] + numbers.enumerated().map { "\($0.offset),-\($0.element).5" }
            try Self.write(Array(table.joined(separator: "\n").utf8), "table", in: folder)
            try Self.write(
                Array("0120100210".utf8) + Self.symbols(20_000, bits: 1, seed: 3).map { $0 + 0x30 },
                "digits", in: folder)
            for name in ["row", "column", "table", "digits"] {
                let refused = try Tool.run("entropy", name, "--no-control", in: folder)
                #expect(refused.status == 65 && refused.output.isEmpty, "\(name)")
                for words in [name, "looks like a text", "--bits 7", "one symbol a byte", "python3"] {
                    #expect(refused.errors.contains(words), "\(refused.errors)")
                }
            }
            let stated = try Tool.run("entropy", "row", "--bits", "7", "--no-control", "--json", in: folder)
            #expect(try stated.status == 0 && stated.object()["bits"] as? Int == 7)
            let packed = try Tool.run("entropy", "row", "--packed", "--no-control", "--json", in: folder)
            #expect(try packed.status == 0 && packed.object()["layout"] as? String == "packed")
            // Restarts are read as the symbols are.
            try Self.write(Self.symbols(10_000, bits: 6, seed: 1), "symbols", in: folder)
            let restarts = try Tool.run("entropy", "symbols", "--restart", "row", in: folder)
            #expect(restarts.status == 65 && restarts.errors.contains("row: this looks like a text"))
        }
    }

    @Test func `wide symbols that are printable now and then are symbols`() throws {
        try Scratch.with { folder in
            for bits in [5, 6, 7, 8] {
                try Self.write(Self.symbols(10_000, bits: bits, seed: 9), "symbols", in: folder)
                let outcome = try Tool.run("entropy", "symbols", "--no-control", "--json", in: folder)
                #expect(try outcome.status == 0 && outcome.object()["layout"] as? String == "bytes")
            }
        }
    }

    @Test func `a folder is told as one`() throws {
        try Scratch.with { folder in
            for command in [["entropy"], ["amplify", "--seed", "s", "--out-bits", "8"]] {
                let outcome = try Tool.run(
                    command + [folder.path] + (command.count > 1 ? ["out"] : []), in: folder)
                #expect(outcome.status == 69, "\(outcome.errors)")
            }
            let outcome = try Tool.run("entropy", folder.path)
            #expect(outcome.errors.contains("is a folder; give a file"))
            #expect(!outcome.errors.contains("NSCocoa"))
        }
    }

    @Test func `the help says that no secrecy is proven`() throws {
        let help = try Tool.run("entropy", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("NO evidence of secrecy"))
    }
}
