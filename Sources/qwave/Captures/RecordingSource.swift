// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import Foundation
internal import QWaveCore

/// An open recording and what is known of it.
struct RecordingSource {
    var name: String
    var reader: IQFileReader
    /// Samples per second.
    var rate: Double
    /// Center frequency in Hz.
    var carrier: Double?

    /// For comments: a path tells more than a trace needs to know.
    var shortName: String {
        name == "-" ? "standard input" : URL(fileURLWithPath: name).lastPathComponent
    }

    /// All samples in pieces, with progress on standard error where their number is known.
    ///
    /// - Returns: how many there were.
    func read(_ take: ([IQ]) throws -> Void) throws -> Int {
        let progress = Progress("estimating")
        defer { progress.finish() }
        var count = 0
        while let samples = try reader.next(count: 1 << 18) {
            try Task.checkCancellation()
            count += samples.count
            try take(samples)
            if let all = reader.sampleCount, all > 0 { progress.update(Double(count) / Double(all)) }
        }
        return count
    }
}

/// A trace that is there as a whole, or not at all: snapshots go into a file beside it, which takes its name in the
/// end. `-` is standard output.
final class WholeTrace {
    private let path: String
    private let beside: String
    private var writer: TraceFileWriter?
    private var isDone = false

    init(path: String) {
        self.path = path
        beside = path == "-" ? path : "\(path).\(UUID().uuidString.prefix(8)).part"
    }

    deinit { if !isDone, path != "-", writer != nil { try? FileManager.default.removeItem(atPath: beside) } }

    /// Appends a snapshot; the first one begins the file.
    func append(_ snapshot: Snapshot, _ description: @autoclosure () -> ChannelTrace.Description) throws {
        try begin(description()).append(snapshot)
    }

    /// - Parameter description: of a trace without snapshots.
    func finish(_ description: @autoclosure () -> ChannelTrace.Description) throws {
        try begin(description()).finish()
        if path != "-" {
            guard unsafe rename(beside, path) == 0 else {
                let reason = unsafe String(cString: strerror(errno))
                throw QWaveError(.storage, "\(path) can't be written: \(reason)")
            }
        }
        isDone = true
    }

    private func begin(_ description: ChannelTrace.Description) throws -> TraceFileWriter {
        if let writer { return writer }
        let new = try TraceFileWriter(path: beside, description: description)
        writer = new
        return new
    }
}
