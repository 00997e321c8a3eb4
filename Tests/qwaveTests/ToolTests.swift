// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// The command line from outside: statuses, and what stands on which output.
@Suite struct ToolTests {
    @Test func `version and help are done, on standard output`() throws {
        for arguments in [["--version"], ["--help"], ["help", "doctor"], ["doctor", "--help"]] {
            let outcome = try Tool.run(arguments)
            #expect(outcome.status == 0)
            #expect(!outcome.output.isEmpty)
            #expect(outcome.errors.isEmpty)
        }
    }

    @Test(arguments: [["--bogus"], ["nosuch"], ["doctor", "--pad"], ["doctor", "extra"]])
    func `usage errors end with 64 and say so on standard error alone`(arguments: [String]) throws {
        let outcome = try Tool.run(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("Error: "))
    }

    @Test func `with --json a usage error is one object, too`() throws {
        let outcome = try Tool.run("doctor", "--bogus", "--json")
        #expect(outcome.status == 64)
        let error = try #require(try outcome.object()["error"] as? [String: String])
        #expect(error["code"] == "usage")
        #expect(error["message"]?.contains("--bogus") == true)
        #expect(outcome.errors.contains("--bogus"))
    }

    @Test func `doctor finds this machine healthy, as text and as one object`() throws {
        let text = try Tool.run("doctor", "--pad", FileManager.default.temporaryDirectory.path)
        #expect(text.status == 0, "\(text.output)\(text.errors)")
        let json = try Tool.run("doctor", "--pad", FileManager.default.temporaryDirectory.path, "--json")
        #expect(json.status == 0)
        #expect(json.errors.isEmpty)
        #expect(json.output.split(separator: "\n").count == 1)
        let object = try json.object()
        #expect(object["healthy"] as? Bool == true)
        let findings = try #require(object["findings"] as? [[String: String]])
        for finding in findings { #expect(text.output.contains(finding["check"] ?? "?")) }
        #expect(
            Set(findings.compactMap { $0["check"] }).isSuperset(of: [
                "randomness", "storage", "loopback", "clock",
            ]))
    }

    @Test func `doctor fails with 69 where no pad can be kept, and leaves nothing behind`() throws {
        let missing = try Tool.run("doctor", "--pad", "/nonexistent/pad", "--json")
        #expect(missing.status == 69)
        #expect(try missing.object()["healthy"] as? Bool == false)
        try Scratch.with { folder in
            let outcome = try Tool.run("doctor", "--pad", folder.path)
            #expect(outcome.status == 0)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.isEmpty)
        }
    }
}
