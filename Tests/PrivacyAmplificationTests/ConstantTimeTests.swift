// SPDX-License-Identifier: GPL-3.0-or-later
import Fields
import Foundation
import PrivacyAmplification
import Testing

/// valgrind's memcheck as a detector of secret-dependent branches and addresses: `leakprobe` marks key and seed as
/// undefined, and memcheck complains where either decides anything. It runs the kernels that valgrind's processor
/// has; the others share all but the innermost products with them.
enum Memcheck {
    static let valgrind = find("valgrind", in: ["/usr/bin", "/usr/local/bin"])
    /// Beside the test runner's bundle.
    static let probe: String? = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if let path = find("leakprobe", in: [folder.path]) { return path }
        }
        return nil
    }()
    static let strip = find("strip", in: ["/usr/bin", "/usr/local/bin"])
    static var isThere: Bool { valgrind != nil && probe != nil && strip != nil }

    private static func find(_ name: String, in folders: [String]) -> String? {
        folders.map { URL(fileURLWithPath: $0 + "/" + name).resolvingSymlinksInPath().path }.first { path in
            let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
            return type == .typeRegular && FileManager.default.isExecutableFile(atPath: path)
        }
    }

    /// 0 clean, 9 complaints, 3 no such kernel on valgrind's processor.
    static func check(
        _ kernel: ClmulKernel, _ method: ToeplitzHash.Method, _ m: Int, _ n: Int, _ more: String...
    ) throws -> Int32 {
        // Older versions of valgrind give up at newer debugging information.
        let bare = FileManager.default.temporaryDirectory.appendingPathComponent("leakprobe-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: bare) }
        #expect(try run(try #require(strip), ["-g", "-o", bare, try #require(probe)]) == 0)
        let sizes = ["\(kernel.rawValue)", "\(method.rawValue)", "\(m)", "\(n)"]
        return try run(try #require(valgrind), ["-q", "--error-exitcode=9", bare] + sizes + more)
    }

    private static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite(
    .enabled(
        if: Memcheck.isThere, "no valgrind, strip or leakprobe here: branches on secrets aren't looked for"))
struct ConstantTimeTests {
    @Test(
        arguments: [ClmulKernel.generic, .pclmul, .vpclmul, .avx512],
        [ToeplitzHash.Method.recursion, .transform])
    func `no branch and no address depends on key or seed`(
        kernel: ClmulKernel, method: ToeplitzHash.Method
    ) throws {
        for (m, n) in [(500, 1000), (2049, 4001)] {
            let status = try Memcheck.check(kernel, method, m, n)
            // Which kernels valgrind's processor has depends on its version.
            if status == 3, kernel != .generic { continue }
            #expect(status == 0, "\(m) x \(n)")
        }
    }

    @Test(arguments: ["branch", "address"])
    func `a leak of one bit of the result is found`(leak: String) throws {
        #expect(try Memcheck.check(.generic, .recursion, 500, 1000, leak) == 9)
    }
}
