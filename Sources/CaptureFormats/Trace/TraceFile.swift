// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// Reads a trace file snapshot by snapshot: any length in little memory.
public final class TraceFileReader {
    private let file: FileHandle
    private let path: String
    private var decoder: TraceDecoder
    private var ended = false

    /// - Throws: `.unavailable` when the file can't be read, `.badInput` when it is no trace.
    public init(path: String) throws(QWaveError) {
        self.path = path
        if path == "-" {
            file = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: path) else {
                throw QWaveError(.unavailable, "\(path) can't be read; check the name and the permissions")
            }
            file = opened
        }
        decoder = TraceDecoder(name: FileBytes.name(path))
    }

    /// What is known of the trace; nil before the first call of ``next()``.
    public var description: ChannelTrace.Description? { decoder.description }

    /// The next snapshot; nil at the end.
    public func next() throws(QWaveError) -> Snapshot? {
        while true {
            if let snapshot = try decoder.next() { return snapshot }
            if ended { return nil }
            let piece: Data
            do {
                piece = try file.read(upToCount: 256 << 10) ?? Data()
            } catch {
                throw QWaveError(.unavailable, "\(path) can't be read", cause: error)
            }
            if piece.isEmpty {
                ended = true
                try decoder.finish()
            } else {
                decoder.push(piece)
            }
        }
    }
}

/// Writes a trace file snapshot by snapshot.
///
/// A recording that is stopped without ``finish()`` keeps every flushed snapshot; readers say that it was
/// cut off and can be told to accept it.
public final class TraceFileWriter {
    private let file: FileHandle
    private let path: String
    private var encoder: TraceEncoder

    /// Creates the file, or empties it; `-` is standard output.
    public init(path: String, description: ChannelTrace.Description) throws(QWaveError) {
        encoder = try TraceEncoder(description)
        self.path = path
        if path == "-" {
            file = .standardOutput
        } else {
            guard FileManager.default.createFile(atPath: path, contents: nil),
                let opened = FileHandle(forWritingAtPath: path)
            else {
                throw QWaveError(.storage, "\(path) can't be written; check the folder and the permissions")
            }
            file = opened
        }
    }

    /// Snapshots appended so far.
    public var count: UInt64 { encoder.count }

    public func append(_ snapshot: Snapshot) throws(QWaveError) { try write(try encoder.append(snapshot)) }
    /// Hands everything appended so far to the operating system.
    public func flush() throws(QWaveError) { try write(encoder.flush()) }
    /// Ends the file. Nothing may be appended afterwards.
    public func finish() throws(QWaveError) {
        try write(encoder.finish())
        if path != "-" {
            do { try file.close() } catch {
                throw QWaveError(.storage, "\(path) can't be closed", cause: error)
            }
        }
    }

    private func write(_ bytes: [UInt8]) throws(QWaveError) {
        guard !bytes.isEmpty else { return }
        do {
            try file.write(contentsOf: Data(bytes))
        } catch {
            throw QWaveError(.storage, "\(path) can't be written; is the disk full?", cause: error)
        }
    }
}
