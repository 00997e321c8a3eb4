// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// A `qwave` that runs beside the test; gone, with its files, when the test lets go of it.
final class RunningTool: @unchecked Sendable {
    private let process = Process()
    private let scratch: URL

    /// - Parameter wrapper: a program that runs the tool, with its arguments before the tool's.
    init(_ arguments: [String], in folder: URL, through wrapper: [String] = []) throws {
        scratch = FileManager.default.temporaryDirectory.appendingPathComponent("qwave-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        let command = wrapper + [Tool.path] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = Tool.environment
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        for name in ["out", "err"] { try Data().write(to: scratch.appendingPathComponent(name)) }
        process.standardOutput = try FileHandle(forWritingTo: scratch.appendingPathComponent("out"))
        process.standardError = try FileHandle(forWritingTo: scratch.appendingPathComponent("err"))
        try process.run()
    }

    deinit {
        if process.isRunning { kill() }
        try? FileManager.default.removeItem(at: scratch)
    }

    var isRunning: Bool { process.isRunning }

    private func text(_ name: String) -> String {
        let data = try? Data(contentsOf: scratch.appendingPathComponent(name))
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    var errors: String { text("err") }

    var identifier: Int32 { process.processIdentifier }

    /// SIGKILL: the process gets no chance to do anything.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// The port that `pair listen --port 0` took.
    func port() throws -> String {
        for _ in 0..<6000 {
            if let line = errors.split(separator: "\n").first(where: { $0.contains("listening on") }),
                errors.contains("\n"), let word = line.split(separator: " ").last
            {
                return String(word)
            }
            guard isRunning else { break }
            usleep(5000)
        }
        throw Failure(text: "the listener took no port: \(errors)")
    }

    /// The end of the process, which must come by itself.
    func wait(seconds: Int = 120) throws -> Tool.Outcome {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            guard ContinuousClock.now < deadline else {
                kill()
                throw Failure(text: "still running after \(seconds) s: \(process.arguments ?? []) \(errors)")
            }
            usleep(2000)
        }
        return Tool.Outcome(
            status: process.terminationStatus,
            wasSignalled: process.terminationReason == .uncaughtSignal, output: text("out"), errors: errors)
    }
}

struct Failure: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}

/// Two enrolled ends in a folder, with pads `alice` and `bob`, and what they do together.
struct Ends {
    let folder: URL

    /// A flat channel that moves fast enough for its probes: a key of some kilobits within a second or two.
    static let channel = [
        "--simulate", "--model", "rayleigh", "--snr", "35", "--probe-rate", "32", "--duration", "400",
    ]
    /// What the channel's exchange is fixed to, at both ends.
    static let options = ["--feature", "amplitude", "--stride", "3", "--commission", "0.35"]

    static func with<Result>(
        _ names: [String] = ["alice", "bob"], _ body: (Ends) throws -> Result
    ) throws -> Result {
        try Scratch.with { folder in
            let ends = Ends(folder: folder)
            try ends.enroll(names[0], names[1])
            return try body(ends)
        }
    }

    func enroll(_ alice: String, _ bob: String) throws {
        let files = ["\(alice).enroll", "\(bob).enroll"]
        try check(["enroll", "--bytes", "1048576"] + files)
        try check(["pad", "create", "--pad", alice, files[0]])
        try check(["pad", "create", "--pad", bob, files[1]])
    }

    @discardableResult
    func check(_ arguments: [String], input: [UInt8] = []) throws -> Tool.Outcome {
        let outcome = try Tool.run(arguments, input: input, in: folder)
        guard outcome.status == 0 else {
            throw Failure(text: "\(arguments) ended with \(outcome.status): \(outcome.errors)")
        }
        return outcome
    }

    /// Starts both ends of a session on a free port of the loopback interface.
    func start(
        _ alice: String = "alice", _ bob: String = "bob", connect: [String], listen: [String]
    ) throws -> (alice: RunningTool, bob: RunningTool) {
        let bob = try RunningTool(
            ["pair", "listen", "--pad", bob, "--port", "0", "--wait", "60", "--json"] + listen, in: folder)
        let port = try bob.port()
        let alice = try RunningTool(
            ["pair", "connect", "127.0.0.1", "--pad", alice, "--port", port, "--wait", "60", "--json"]
                + connect,
            in: folder)
        return (alice, bob)
    }

    /// Runs a session to its end.
    func pair(
        _ alice: String = "alice", _ bob: String = "bob", connect: [String], listen: [String]
    ) throws -> (alice: Tool.Outcome, bob: Tool.Outcome) {
        let running = try start(alice, bob, connect: connect, listen: listen)
        return (try running.alice.wait(), try running.bob.wait())
    }

    /// The books of a pad, and the check that every stream of them balances.
    func status(_ pad: String) throws -> PadBooks {
        let text = try check(["pad", "status", "--pad", pad, "--json"]).output
        let books = try JSONDecoder().decode(PadBooks.self, from: Data(text.utf8))
        for stream in [books.outgoing, books.incoming, books.enrolledOutgoing, books.enrolledIncoming] {
            #expect(
                stream.generated == stream.used + stream.burnt + stream.reserved + stream.free,
                "\(pad): \(stream)")
        }
        #expect(books.outgoing.generated == books.incoming.generated)
        return books
    }
}

/// What `pad status --json` says, as somebody else's program would read it.
struct PadBooks: Decodable {
    struct Stream: Decodable {
        var generated, used, burnt, reserved, free: Int
    }
    struct Uncertain: Decodable {}
    var outgoing, incoming, enrolledOutgoing, enrolledIncoming: Stream
    var spendable, pendingBlocks, usableBlocks: Int
    var uncertain: [Uncertain]
    var assurance: [String]
}
