// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport

/// `usrpbench` with the fault injector over libuhd: asked line by line, and given faults in between.
final class USRPBenchProcess: @unchecked Sendable {
    // One test asks it, one question after the other.
    private let process = Process()
    private let scratch: URL
    private let input: FileHandle
    private let output: FileHandle
    private var unread = Data()
    private var faults = 0

    init() throws {
        // A bench that has died is an answer too, never the end of the tests.
        _ = signal(SIGPIPE, SIG_IGN)
        scratch = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        let injector = try Self.injector(in: scratch)
        let (questions, answers) = (Pipe(), Pipe())
        (input, output) = (questions.fileHandleForWriting, answers.fileHandleForReading)
        process.executableURL = URL(fileURLWithPath: try Self.program())
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["LD_PRELOAD": injector.path, "QWAVE_UHD_FAULT": scratch.appendingPathComponent("fault").path]
        ) { $1 }
        process.standardInput = questions
        process.standardOutput = answers
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: scratch)
    }

    /// Compiles the injector; the compiler comes with Swift.
    private static func injector(in folder: URL) throws -> URL {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("VirtualUSRP/fault_injector.c")
        let library = folder.appendingPathComponent("fault_injector.so")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-O1", "-shared", "-fPIC", "-o", library.path, source.path]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else {
            throw VirtualUSRPs.Trouble(description: "the fault injector doesn't compile")
        }
        return library
    }

    /// Where SwiftPM put the program: beside the test runner's bundle.
    private static func program() throws -> String {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("usrpbench").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        throw VirtualUSRPs.Trouble(description: "usrpbench wasn't built")
    }

    /// The next `count` calls fail in this way; see fault_injector.c.
    func inject(_ what: String, _ value: String, count: Int = 1) throws {
        faults += 1
        try Data("\(faults) \(count) \(what) \(value)\n".utf8).write(
            to: scratch.appendingPathComponent("fault"), options: .atomic)
    }

    /// No more faults.
    func heal() throws { try inject("nothing", "0", count: 0) }

    /// Says a line and waits for the answer; at the end of the process what there is.
    func ask(_ line: String) async throws -> String {
        try input.write(contentsOf: Data((line + "\n").utf8))
        return try await aside { self.answer() }
    }

    private func answer() -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread = Data(unread[(end + 1)...]) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let more = output.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                return "ended with \(process.terminationStatus)"
            }
            unread += more
        }
    }
}
