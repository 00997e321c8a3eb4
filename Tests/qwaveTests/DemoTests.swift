// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `demo` from outside.
@Suite struct DemoTests {
    @Test func `the demo pairs, wraps and opens, and says that it is simulated`() throws {
        try Scratch.with { folder in
            let running = try RunningTool(
                ["demo", "--duration", "600", "--folder", "demo", "--json"], in: folder)
            let outcome = try running.wait(seconds: 300)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let result = try outcome.object()
            #expect(result["simulated"] as? Bool == true)
            #expect(result["keysEqual"] as? Bool == true)
            #expect(result["keysWrapped"] as? Int == 2)
            let pairing = try #require(result["pairing"] as? [String: Any])
            let bits = try #require(pairing["keyBits"] as? Int)
            #expect(bits > 0 && pairing["netKeyBits"] as? Int == bits - 6 * 128)
            let certificates = try #require(result["certificates"] as? [[String: Any]])
            #expect(certificates.map { $0["length"] as? Int } == [bits, bits])
            #expect(certificates.allSatisfy { ($0["claim"] as? String)?.contains("simulated") == true })
            #expect(outcome.errors.contains("SIMULATED"))
            for index in 0..<2 {
                let file = folder.appendingPathComponent("demo/delivered-\(index)")
                let delivered = try Data(contentsOf: file)
                #expect(delivered.count == 32)
            }
            let mode = try FileManager.default.attributesOfItem(
                atPath: folder.appendingPathComponent("demo").path)[.posixPermissions]
            #expect(mode as? Int == 0o700)
        }
    }

    @Test func `a demo too short to commission ends at once`() throws {
        #expect(try Tool.run("demo", "--duration", "59", "--json").status == 64)
    }
}
