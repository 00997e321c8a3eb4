// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Synchronization

/// Another `qwave`, started by this one: its standard error is shown with a label, its JSON result is read.
final class Subprocess: Sendable {
    private let process: Mutex<Process>
    private let output: Task<Data, Never>
    private let errors: Task<Void, Never>
    private let arguments: [String]

    init(_ arguments: [String], label: String) throws {
        self.arguments = arguments
        let process = Process()
        process.executableURL = Bundle.main.executableURL
        process.arguments = arguments
        let (out, err) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch {
            throw QWaveError(.unavailable, "qwave can't start itself as a second process", cause: error)
        }
        let (reading, complaining) = (out.fileHandleForReading, err.fileHandleForReading)
        output = Task.detached { (try? reading.readToEnd()) ?? Data() }
        let lines = CollectedLines()
        errors = Task.detached {
            var rest: [UInt8] = []
            while true {
                let data = complaining.availableData
                if data.isEmpty { break }
                rest += data
                while let end = rest.firstIndex(of: 10) {
                    let line = String(decoding: rest[..<end], as: UTF8.self)
                    rest.removeSubrange(...end)
                    lines.append(line)
                    StandardError.write("  \(label) | \(line.hasPrefix("qwave: ") ? String(line.dropFirst(7)) : line)")
                }
            }
        }
        collected = lines
        self.process = Mutex(process)
    }

    private let collected: CollectedLines

    /// The port that `pair listen` says it took.
    func port() async throws(QWaveError) -> Int {
        for _ in 0..<600 {
            for line in collected.all where line.contains("listening on") {
                if let word = line.split(separator: " ").last, let port = Int(word) { return port }
            }
            if !isRunning { break }
            try? await Task.sleep(for: .milliseconds(50))
        }
        throw QWaveError(.unavailable, "the listening end didn't start")
    }

    private var isRunning: Bool { process.withLock { $0.isRunning } }

    /// Waits for the end; throws with the process's own words where it failed.
    func result() async throws -> [UInt8] {
        let data = await output.value
        await errors.value
        while isRunning { try await Task.sleep(for: .milliseconds(10)) }
        let status = process.withLock { $0.terminationStatus }
        guard status == 0 else {
            let code: QWaveError.Code = status == 3 ? .refused : status == 77 ? .notAuthenticated : .internalFault
            throw QWaveError(
                code, "qwave \(arguments.prefix(2).joined(separator: " ")) ended with status \(status): "
                    + (collected.all.last ?? "no message"))
        }
        return Array(data)
    }

    /// Runs a short command to its end.
    static func check(_ arguments: [String]) async throws {
        _ = try await Subprocess(arguments, label: arguments[0]).result()
    }

    deinit { process.withLock { if $0.isRunning { $0.terminate() } } }
}

/// Lines that one task appends and another reads.
private final class CollectedLines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
