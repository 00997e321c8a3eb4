// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// What two hosts write, print and tell must hold no byte of their pads.
@Suite struct DisclosureTests {
    /// 24 bytes as they are, in hexadecimal of either case, and in base64.
    private func forms(_ window: Data) -> [Data] {
        let hexadecimal = window.map { String(format: "%02x", $0) }.joined()
        return [
            window, Data(hexadecimal.utf8), Data(hexadecimal.uppercased().utf8),
            Data(window.base64EncodedString().utf8),
        ]
    }

    @Test func `no output, certificate or book of a session holds a byte of pad or of the enrolled secret`()
        throws
    {
        try Ends.with { ends in
            var written: [Data] = []
            var isDone = false
            for seed in 1...5 where !isDone {
                let common = Ends.channel + Ends.options + ["--channel-seed", "\(seed)", "--certificates"]
                let (alice, bob) = try ends.pair(
                    connect: common + ["certificates-a"], listen: common + ["certificates-b"])
                isDone = alice.status == 0
                for end in [alice, bob] { written += [Data(end.output.utf8), Data(end.errors.utf8)] }
            }
            try #require(isDone, "five channels in a row made no key")
            var secrets: Set<Data> = []
            for pad in ["alice", "bob"] {
                let folder = ends.folder.appendingPathComponent(pad)
                for file in try FileManager.default.contentsOfDirectory(
                    at: folder, includingPropertiesForKeys: nil)
                {
                    let contents = try Data(contentsOf: file)
                    guard file.pathExtension == "pad" || file.lastPathComponent == "epoch-0" else {
                        written.append(contents)
                        continue
                    }
                    for start in stride(from: 0, to: min(contents.count, 312) - 24, by: 24) {
                        let window = contents.subdata(in: start..<start + 24)
                        // What was used is zeros.
                        if window.contains(where: { $0 != 0 }) { secrets.formUnion(forms(window)) }
                    }
                }
            }
            for folder in ["certificates-a", "certificates-b"] {
                let files = FileManager.default.enumerator(
                    at: ends.folder.appendingPathComponent(folder), includingPropertiesForKeys: nil)
                while let file = files?.nextObject() as? URL {
                    if let contents = try? Data(contentsOf: file) { written.append(contents) }
                }
            }
            #expect(secrets.count > 100 && written.count > 10)
            func hits(_ texts: [Data]) -> Int {
                texts.reduce(0) { sum, text in sum + secrets.count { text.range(of: $0) != nil } }
            }
            #expect(hits(written) == 0)
            // The same search finds each form where it is.
            let planted = secrets.prefix(4).map { Data("log: ".utf8) + $0 + Data("\n".utf8) }
            #expect(hits(planted) >= 4)
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/limits"), "Linux only"))
    func `a running end leaves no core file`() throws {
        try Ends.with { ends in
            let listener = try RunningTool(
                ["pair", "listen", "--pad", "bob", "--port", "0", "--wait", "60", "--channel-seed", "1"]
                    + Ends.channel,
                in: ends.folder)
            _ = try listener.port()
            let limits = try String(contentsOfFile: "/proc/\(listener.identifier)/limits", encoding: .utf8)
            let line = try #require(
                limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
            #expect(line.split(separator: " ").filter { $0 == "0" }.count == 2, "\(line)")
            listener.kill()
        }
    }

    @Test func `a restored pad is refused by every command, and a moved one is adopted`() throws {
        try Ends.with { ends in
            let files = FileManager.default
            let (pad, backup) = (
                ends.folder.appendingPathComponent("alice"), ends.folder.appendingPathComponent("backup")
            )
            try files.copyItem(at: pad, to: backup)
            _ = try ends.status("alice")
            for arguments in [
                ["pad", "status", "--pad", "backup"], ["pad", "adopt", "--pad", "backup"],
                ["pair", "connect", "127.0.0.1", "--port", "9", "--wait", "1", "--pad", "backup"]
                    + Ends.channel + ["--channel-seed", "1"],
                ["wrap", "--pad", "backup", "-", "out"],
            ] {
                let refused = try Tool.run(arguments, in: ends.folder)
                #expect(refused.status == 3, "\(arguments): \(refused.status) \(refused.errors)")
            }
            #expect(!files.fileExists(atPath: ends.folder.appendingPathComponent("out").path))
            // Another machine: it knows no pad, and takes one that is said to be moved.
            let elsewhere = ["--anchors", "elsewhere"]
            #expect(
                try Tool.run(["pad", "status", "--pad", "alice"] + elsewhere, in: ends.folder).status == 3)
            try ends.check(["pad", "adopt", "--pad", "alice"] + elsewhere)
            try ends.check(["pad", "status", "--pad", "alice"] + elsewhere)
            // The machine that it left has the older note, and the newer pad: it goes on from there.
            _ = try ends.status("alice")
        }
    }
}
