// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The built `qwave`, run as its users run it.
struct Tool {
    struct Outcome {
        var status: Int32
        /// True when a signal ended the process; `status` is its number then.
        var wasSignalled: Bool
        var output: String
        var errors: String

        /// Standard output as the one JSON object that it must be.
        func object() throws -> [String: Any] {
            let parsed = try JSONSerialization.jsonObject(with: Data(output.utf8))
            guard let object = parsed as? [String: Any] else { throw CocoaError(.coderReadCorrupt) }
            return object
        }
    }

    /// Where SwiftPM put the executable: beside the test runner's bundle.
    static let path: String = {
        let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = runner.deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("qwave").path
            if FileManager.default.isExecutableFile(atPath: candidate), !isFolder(candidate) {
                return candidate
            }
            folder.deleteLastPathComponent()
        }
        return "qwave"
    }()

    private static func isFolder(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType)
            == .typeDirectory
    }

    /// Anchors of the tests' pads don't belong into the home folder of whoever runs the tests.
    static let environment: [String: String] = {
        var environment = ProcessInfo.processInfo.environment
        let anchors = FileManager.default.temporaryDirectory.appendingPathComponent(
            "qwave-anchors-\(ProcessInfo.processInfo.processIdentifier)")
        environment["QWAVE_ANCHORS"] = anchors.path
        return environment
    }()

    static func run(_ arguments: String..., input: [UInt8] = [], in folder: URL? = nil) throws -> Outcome {
        try run(arguments, input: input, in: folder)
    }

    /// Runs `qwave` to its end. Outputs go through files, so that no pipe can fill.
    static func run(_ arguments: [String], input: [UInt8] = [], in folder: URL? = nil) throws -> Outcome {
        try Scratch.with { scratch in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.environment = environment
            if let folder { process.currentDirectoryURL = folder }
            let names = ["in", "out", "err"].map { scratch.appendingPathComponent($0) }
            try Data(input).write(to: names[0])
            try Data().write(to: names[1])
            try Data().write(to: names[2])
            process.standardInput = try FileHandle(forReadingFrom: names[0])
            process.standardOutput = try FileHandle(forWritingTo: names[1])
            process.standardError = try FileHandle(forWritingTo: names[2])
            try process.run()
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus,
                wasSignalled: process.terminationReason == .uncaughtSignal,
                output: String(decoding: try Data(contentsOf: names[1]), as: UTF8.self),
                errors: String(decoding: try Data(contentsOf: names[2]), as: UTF8.self))
        }
    }
}

/// A folder of a test's own, gone afterwards.
enum Scratch {
    static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "qwave-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}
