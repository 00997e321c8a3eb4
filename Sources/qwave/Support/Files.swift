// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// Files of the command line; `-` is standard input or output.
enum Files {
    /// The whole content of a file.
    ///
    /// - Parameter limit: the most bytes to take; a longer file is `.badInput`, and no more than that is kept.
    static func read(_ path: String, limit: Int = .max) throws(QWaveError) -> [UInt8] {
        let handle: FileHandle
        if path == "-" {
            handle = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: path) else {
                throw QWaveError(
                    .unavailable, "\(path) can't be opened; check that it exists and may be read")
            }
            handle = opened
        }
        do {
            let data = try handle.read(upToCount: limit == .max ? .max : limit + 1) ?? Data()
            if data.count <= limit { return Array(data) }
        } catch {
            guard !isFolder(path) else {
                throw QWaveError(.unavailable, "\(path) is a folder; give a file")
            }
            throw QWaveError(.unavailable, "\(path) can't be read", cause: error)
        }
        throw QWaveError(.badInput, "\(path) is longer than \(limit) bytes, the most that is taken here")
    }

    private static func isFolder(_ path: String) -> Bool {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType)
            == .typeDirectory
    }

    /// Writes a whole file, replacing it in one step; `-` is standard output.
    static func write(_ bytes: [UInt8], to path: String) throws(QWaveError) {
        if path == "-" { return try StandardOutput.write(bytes) }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw QWaveError(
                .storage, "\(path) can't be written; check the folder, its permissions and free space",
                cause: error)
        }
    }
}
