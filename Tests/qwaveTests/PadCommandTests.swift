// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import OneTimePad
import QWaveCore
import TestSupport
import Testing

/// `enroll`, `pad`, `wrap` and `unwrap` from outside, as two ends would call them.
@Suite struct PadCommandTests {
    /// Two enrolled pads, `alice` and `bob`, in a folder, with `blocks` radio keys of 8192 bits each.
    private func withPads(blocks: Int = 2, _ body: (URL) throws -> Void) throws {
        try Scratch.with { folder in
            #expect(try Tool.run("enroll", "--name", "test", "a.enroll", "b.enroll", in: folder).status == 0)
            for (name, file) in [("alice", "a.enroll"), ("bob", "b.enroll")] {
                let made = try Tool.run("pad", "create", "--pad", name, file, in: folder)
                #expect(made.status == 0, "\(made.errors)")
                let store = try PadStore(directory: folder.appendingPathComponent(name).path)
                for index in 0..<blocks {
                    let exchange = try ExchangeID((0..<16).map { UInt8($0 + index) })
                    let key = SecretKey(bits: .seeded(count: 8192, seed: UInt64(index)))
                    try store.addPending(
                        exchange, sequence: UInt64(index), key: key, epsilon: 0x1p-60, assurance: "test")
                    try store.markUsable(exchange)
                }
                try store.close()
            }
            try body(folder)
        }
    }

    private func contents(_ folder: URL, _ name: String) -> [UInt8]? {
        (try? Data(contentsOf: folder.appendingPathComponent(name))).map(Array.init)
    }

    @Test func `what one end wraps, the other opens, once`() throws {
        try withPads { folder in
            let plain = Array("the plan\n".utf8)
            try Data(plain).write(to: folder.appendingPathComponent("plan.txt"))
            let wrapped = try Tool.run("wrap", "--pad", "alice", "plan.txt", "plan.qw", "--json", in: folder)
            #expect(wrapped.status == 0, "\(wrapped.errors)")
            #expect(try wrapped.object()["bytes"] as? Int == plain.count)
            #expect(
                contents(folder, "plan.qw").map { String(decoding: $0, as: UTF8.self).contains("plan") }
                    == false)

            let opened = try Tool.run("unwrap", "--pad", "bob", "plan.qw", "out.txt", in: folder)
            #expect(opened.status == 0, "\(opened.errors)")
            #expect(contents(folder, "out.txt") == plain)

            let again = try Tool.run("unwrap", "--pad", "bob", "plan.qw", "again.txt", "--json", in: folder)
            #expect(again.status == 77)
            #expect((try again.object()["error"] as? [String: String])?["code"] == "notAuthenticated")
            #expect(contents(folder, "again.txt") == nil)
        }
    }

    @Test func `a changed message is not authenticated, and the true one still opens`() throws {
        try withPads { folder in
            try Data([1, 2, 3]).write(to: folder.appendingPathComponent("in"))
            _ = try Tool.run("wrap", "--pad", "alice", "in", "good", in: folder)
            var bytes = try #require(contents(folder, "good"))
            bytes[bytes.count - 20] ^= 1
            try Data(bytes).write(to: folder.appendingPathComponent("bad"))
            #expect(try Tool.run("unwrap", "--pad", "bob", "bad", "out", in: folder).status == 77)
            #expect(contents(folder, "out") == nil)
            #expect(try Tool.run("unwrap", "--pad", "bob", "good", "out", in: folder).status == 0)
            #expect(contents(folder, "out") == [1, 2, 3])
        }
    }

    @Test func `a stream goes through standard input and output, with the report beside it`() throws {
        try withPads { folder in
            let wrapped = try Tool.run("wrap", "--pad", "bob", "-", "message", input: [7, 8, 9], in: folder)
            #expect(wrapped.status == 0, "\(wrapped.errors)")
            let opened = try Tool.run("unwrap", "--pad", "alice", "message", "-", in: folder)
            #expect(opened.status == 0, "\(opened.errors)")
            #expect(Array(opened.output.utf8) == [7, 8, 9])
            #expect(opened.errors.contains("3 bytes"))
            let both = try Tool.run("unwrap", "--pad", "alice", "message", "-", "--json", in: folder)
            #expect(both.status == 64)
        }
    }

    @Test func `a key keeps its identifier`() throws {
        try withPads { folder in
            let key = (0..<32).map { UInt8($0 * 7) }
            try Data(key).write(to: folder.appendingPathComponent("key.bin"))
            let identifier = "00112233-4455-6677-8899-aabbccddeeff"
            let wrapped = try Tool.run(
                "wrap", "--pad", "alice", "--key-id", identifier, "key.bin", "key.qw", in: folder)
            #expect(wrapped.status == 0, "\(wrapped.errors)")
            let opened = try Tool.run(
                "unwrap", "--pad", "bob", "--keys", "key.qw", "keys", "--json", in: folder)
            #expect(opened.status == 0, "\(opened.errors)")
            #expect(try opened.object()["keys"] as? [String] == ["00112233445566778899aabbccddeeff"])
            #expect(contents(folder, "keys/00112233445566778899aabbccddeeff.key") == key)
        }
    }

    @Test func `a pad that is too short refuses, spends nothing and leaves no file`() throws {
        try withPads(blocks: 1) { folder in
            let before = try Tool.run("pad", "status", "--pad", "alice", "--json", in: folder).object()
            try Data(count: 100_000).write(to: folder.appendingPathComponent("big"))
            let outcome = try Tool.run("wrap", "--pad", "alice", "big", "big.qw", in: folder)
            #expect(outcome.status == 3)
            #expect(contents(folder, "big.qw") == nil)
            let after = try Tool.run("pad", "status", "--pad", "alice", "--json", in: folder).object()
            #expect(before["spendable"] as? Int == after["spendable"] as? Int)
            #expect((after["outgoing"] as? [String: Int])?["generated"] == 512)
        }
    }

    @Test func `an enrollment makes one pad, and is gone`() throws {
        try withPads(blocks: 0) { folder in
            #expect(contents(folder, "a.enroll") == nil)
            #expect(try Tool.run("pad", "create", "--pad", "other", "a.enroll", in: folder).status == 77)
            #expect(try Tool.run("pad", "status", "--pad", "nowhere", in: folder).status == 69)
            let status = try Tool.run("pad", "status", "--pad", "bob", in: folder)
            #expect(status.output.contains("pad of the responder of \"test\""))
        }
    }

    @Test func `an enrollment is never overwritten, and only its owner may read it`() throws {
        try Scratch.with { folder in
            #expect(try Tool.run("enroll", "a", "b", in: folder).status == 0)
            let before = contents(folder, "a")
            #expect(try Tool.run("enroll", "a", "b", in: folder).status == 70)
            #expect(contents(folder, "a") == before)
            let mode = try FileManager.default.attributesOfItem(
                atPath: folder.appendingPathComponent("a").path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            #expect(try Tool.run("enroll", "--bytes", "1", "c", "d", in: folder).status == 64)
            #expect(contents(folder, "c") == nil)
        }
    }

    @Test(arguments: ["", "0011", "zz112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff00"])
    func `a key identifier that is none is a usage error`(identifier: String) throws {
        #expect(try Tool.run("wrap", "--pad", "x", "--key-id", identifier, "a", "b").status == 64)
    }
}
