// SPDX-License-Identifier: GPL-3.0-or-later
public import Foundation

/// Two virtual USRPs in each other's air: real processes that real libuhd talks to, on addresses of the loopback
/// interface that nobody else has. They end with this value, or with the process that made it.
///
/// What they are, and what they don't show: Tests/VirtualUSRP/README.md.
public final class VirtualUSRPs {
    /// What both devices and the air between them are like.
    public struct Settings {
        /// A file of fading taps (see `Fading`); without one the channel has a gain of 0.5 and stands still.
        public var fading: URL?
        /// Each burst of the first device meets the next row of the file and the second's answer the same one, so the
        /// channel stands still during a pair of probes; otherwise it fades with time.
        public var fadesWithBursts = false
        /// Noise of either receiver, in steps of 16-bit samples.
        public var noise = 20.0
        /// Errors of the two clocks, in parts per million, and of the two carriers in Hz.
        public var drift = [0.0, 0.0]
        public var carrierError = [0.0, 0.0]
        /// Propagation in seconds.
        public var delay = 0.0
        /// From a sample's time until it is handed over, in seconds.
        public var latency = 0.003
        public var dropAcknowledgements = false

        public init() {}
    }

    public struct Trouble: Error, CustomStringConvertible {
        public var description: String
        public init(description: String) { self.description = description }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("VirtualUSRP")
    private static let python = "/usr/bin/python3"

    /// Why there are none on this machine; nil where there can be.
    public static let lack: String? = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        let modules = "usrp_mpm numpy gevent msgpack pyroute2 pyudev six systemd"
        process.arguments = [
            "-c",
            "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, '\(modules)'.split())))",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return "\(python) isn't there" }
        process.waitUntilExit()
        return process.terminationStatus == 0
            ? nil : "\(python) lacks packages of virtual USRPs: run Scripts/setup"
    }()

    /// Whether to run tests that need them: wherever they can start, and in continuous integration, where it is a
    /// failure when they can't.
    public static var areWanted: Bool { lack == nil || ProcessInfo.processInfo.environment["CI"] == "true" }
    public static let skipped = "virtual USRPs can't start here: Scripts/setup installs what they need"

    /// Addresses of the two, for `--radio addr=…`.
    public private(set) var addresses: [String] = []
    /// CLOCK_MONOTONIC seconds at which a file of fading begins.
    public let origin: Double
    private var processes: [Process] = []
    private let logs: URL

    public init(_ settings: Settings = Settings()) async throws {
        if let lack = Self.lack { throw Trouble(description: lack) }
        origin = Self.monotonic
        logs = FileManager.default.temporaryDirectory.appendingPathComponent("usrps-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        // An address may be another test's: its device fails to bind then, and another address is tried.
        for _ in 0..<5 {
            let net = "127.\(Int.random(in: 16...250)).\(Int.random(in: 1...250))"
            addresses = ["\(net).1", "\(net).2"]
            processes = try (0..<2).map { try start($0, settings) }
            if try await waitUntilReady() { return }
            stop()
        }
        throw Trouble(description: "no virtual USRP gets ready: \(log)")
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: logs)
    }

    public static var monotonic: Double { ProcessInfo.processInfo.systemUptime }

    private func start(_ index: Int, _ settings: Settings) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        var arguments = [
            "-B", Self.folder.path, addresses[index], "--peers", addresses[1 - index], "--serial",
            "VIRT\(index)",
            "--origin", "\(origin)", "--noise", "\(settings.noise)", "--delay", "\(settings.delay)",
            "--latency", "\(settings.latency)", "--drift=\(settings.drift[index])",
            "--carrier-error=\(settings.carrierError[index])",
        ]
        if let fading = settings.fading { arguments += ["--fading", fading.path] }
        if settings.fadesWithBursts { arguments += ["--steps", index == 0 ? "own" : "heard"] }
        if settings.dropAcknowledgements { arguments.append("--drop-acknowledgements") }
        process.arguments = arguments
        let log = logs.appendingPathComponent("\(index)")
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        return process
    }

    /// False when a device ended instead.
    private func waitUntilReady() async throws -> Bool {
        let deadline = Self.monotonic + 60
        while Self.monotonic < deadline {
            if (0..<2).allSatisfy({ text($0).contains("ready") }) { return true }
            guard processes.allSatisfy(\.isRunning) else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    private func text(_ index: Int) -> String {
        let data = try? Data(contentsOf: logs.appendingPathComponent("\(index)"))
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    /// What the devices said.
    public var log: String { text(0) + text(1) }

    /// Ends one device as a pulled plug would.
    public func kill(_ index: Int) { Foundation.kill(processes[index].processIdentifier, SIGKILL) }

    public func stop() {
        for process in processes where process.isRunning {
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        processes = []
    }
}

/// Runs what waits for other processes on a thread of its own, so that it keeps none from the tests beside it.
public func aside<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: body)) }
    }
}

/// A file of fading, as Tests/VirtualUSRP/fading.py reads it.
public enum FadingFile {
    /// - Parameters:
    ///   - delays: of the taps, in seconds.
    ///   - rate: rows a second.
    ///   - rows: gains of the taps, (re, im), at each row's time.
    public static func write(
        _ url: URL, delays: [Double], rate: Double, rows: Int, gains: (Double) -> [(Float, Float)]
    ) throws {
        var data = Data("QWFADE1\n".utf8)
        func append<Value: FixedWidthInteger>(_ value: Value) {
            unsafe withUnsafeBytes(of: value.littleEndian) { unsafe data.append(contentsOf: $0) }
        }
        append(UInt32(delays.count))
        append(UInt32(rows))
        append(rate.bitPattern)
        delays.forEach { append($0.bitPattern) }
        for row in 0..<rows {
            for (re, im) in gains(Double(row) / rate) {
                append(re.bitPattern)
                append(im.bitPattern)
            }
        }
        try data.write(to: url)
    }
}
