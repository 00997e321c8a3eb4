// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// A capture named on a command line: `FILE`, `FILE:COLUMN`, `FILE:COLUMN,COLUMN`, or `-`.
public struct CaptureArgument: Sendable, Hashable {
    public var path: String
    public var column: String?

    public init(path: String, column: String? = nil) {
        self.path = path
        self.column = column
    }

    /// The part behind the last colon is a column, unless a file of the whole name exists.
    public init(parsing text: String) {
        if let colon = text.lastIndex(of: ":"), colon != text.startIndex, !text[colon...].contains("/"),
            text.index(after: colon) != text.endIndex, !FileManager.default.fileExists(atPath: text)
        {
            self.init(path: String(text[..<colon]), column: String(text[text.index(after: colon)...]))
        } else {
            self.init(path: text)
        }
    }
}

extension CaptureReader {
    /// The capture in a file; `-` is standard input.
    ///
    /// - Throws: `.unavailable` when the file can't be read, else as ``decode(_:name:options:)``.
    public static func open(
        _ path: String, options: CaptureOptions = CaptureOptions()
    ) throws(QWaveError) -> Capture {
        try decode(try FileBytes.read(path), name: FileBytes.name(path), options: options)
    }

    /// The trace of a file, or of the chosen columns of a table.
    public static func read(path: String, column: String? = nil) throws(QWaveError) -> ChannelTrace {
        try open(path, options: CaptureOptions(column: column)).trace
    }

    /// The trace in `bytes`.
    public static func read(
        bytes: [UInt8], name: String, column: String? = nil
    ) throws(QWaveError) -> ChannelTrace {
        try decode(bytes, name: name, options: CaptureOptions(column: column)).trace
    }
}

extension CaptureWriter {
    /// Writes a trace to a file, complete or not at all; `-` is standard output.
    public static func write(
        _ trace: ChannelTrace, to path: String, as format: CaptureFormat, options: Options = Options()
    ) throws(QWaveError) {
        try FileBytes.write(try encode(trace, as: format, options: options), to: path)
    }
}

/// Whole files in and out.
enum FileBytes {
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    static func read(_ path: String) throws(QWaveError) -> [UInt8] {
        do {
            if path == "-" {
                return Array(try FileHandle.standardInput.readToEnd() ?? Data())
            }
            return Array(try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe))
        } catch {
            throw QWaveError(
                .unavailable, "\(path) can't be read; check the name and the permissions", cause: error)
        }
    }

    /// Bytes of a regular file.
    static func size(_ path: String) throws(QWaveError) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = (attributes?[.size] as? NSNumber)?.intValue else {
            throw QWaveError(.unavailable, "\(path) can't be read; check the name and the permissions")
        }
        return size
    }

    static func write(_ bytes: [UInt8], to path: String) throws(QWaveError) {
        do {
            if path == "-" {
                try FileHandle.standardOutput.write(contentsOf: Data(bytes))
            } else {
                try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            }
        } catch {
            throw QWaveError(
                .storage, "\(path) can't be written; check the folder and the space left", cause: error)
        }
    }
}
