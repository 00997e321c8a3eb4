// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Synchronization

/// Another `qwave`, started by this one: its standard error is shown with a label, its JSON result is read.
final class Subprocess: Sendable {
    private let process: Mutex<Process>
    private let output = CollectedBytes()
    private let errors: CollectedBytes
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
        errors = CollectedBytes { line in
            StandardError.write(
                "  \(label) | \(line.hasPrefix("qwave: ") ? String(line.dropFirst(7)) : line)")
        }
        output.collect(out.fileHandleForReading)
        errors.collect(err.fileHandleForReading)
        do { try process.run() } catch {
            throw QWaveError(.unavailable, "qwave can't start itself as a second process", cause: error)
        }
        self.process = Mutex(process)
    }

    /// The port that `pair listen` says it took.
    func port() async throws(QWaveError) -> Int {
        for _ in 0..<600 {
            for line in errors.lines where line.contains("listening on") {
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
        while isRunning || !output.isDone || !errors.isDone { try await Task.sleep(for: .milliseconds(10)) }
        let status = process.withLock { $0.terminationStatus }
        guard status == 0 else {
            let code: QWaveError.Code =
                status == 3 ? .refused : status == 77 ? .notAuthenticated : .internalFault
            throw QWaveError(
                code,
                "qwave \(arguments.prefix(2).joined(separator: " ")) ended with status \(status): "
                    + (errors.lines.last ?? "no message"))
        }
        return output.bytes
    }

    /// Runs a short command to its end.
    static func check(_ arguments: [String]) async throws {
        _ = try await Subprocess(arguments, label: arguments[0]).result()
    }

    deinit { process.withLock { if $0.isRunning { $0.terminate() } } }
}

/// What a pipe brings, collected as it comes, without a thread of the tasks' pool.
private final class CollectedBytes: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var shown = 0
        var done = false
    }
    private let state = Mutex(State())
    private let show: (@Sendable (String) -> Void)?

    init(_ show: (@Sendable (String) -> Void)? = nil) { self.show = show }

    /// Reads the pipe until its end, now and then and never waiting in a read: Foundation's readability handlers
    /// sometimes miss the end of a pipe on a busy machine, and a blocked read would hold a thread of the tasks' pool.
    func collect(_ handle: FileHandle) {
        let descriptor = handle.fileDescriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        Task {
            while !drain(handle) { try? await Task.sleep(for: .milliseconds(5)) }
        }
    }

    /// Takes what is there; true at the end.
    private func drain(_ handle: FileHandle) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(handle.fileDescriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return false }
            take(buffer[..<max(0, count)], isEnd: count <= 0)
            if count <= 0 { return true }
        }
    }

    private func take(_ data: ArraySlice<UInt8>, isEnd: Bool) {
        let fresh = state.withLock { state -> [String] in
            state.bytes += data
            var fresh: [String] = []
            while let end = state.bytes[state.shown...].firstIndex(of: 10) {
                fresh.append(String(decoding: state.bytes[state.shown..<end], as: UTF8.self))
                state.shown = end + 1
            }
            if isEnd { state.done = true }
            return fresh
        }
        if let show { fresh.forEach(show) }
    }

    var isDone: Bool { state.withLock { $0.done } }
    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var lines: [String] { String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init) }
}
