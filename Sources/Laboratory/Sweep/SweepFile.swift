// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Synchronization

/// The table of a sweep on disk: a line a point, appended and made durable as points are done.
///
/// Its first line holds its format's number and a fingerprint of columns and software: a table of another kind isn't
/// gone on with. A line that a killed run left unfinished is cut off.
public final class SweepFile: Sendable {
    private let descriptor: Mutex<FileHandle>
    /// What stood in it already.
    public let rows: [SweepRow]

    /// Opens or makes the table.
    ///
    /// Throws `.badInput` for a file that isn't a table of this software's sweeps, `.storage` where it can't be
    /// written.
    public init(path: String, software: String) throws(QWaveError) {
        let head = Self.head(software: software)
        let manager = FileManager.default
        var rows: [SweepRow] = []
        var keep = 0
        if manager.fileExists(atPath: path) {
            guard let data = manager.contents(atPath: path) else {
                throw QWaveError(.unavailable, "\(path) can't be read")
            }
            var whole = data.lastIndex(of: 0x0A).map { data[...$0] } ?? data[..<0]
            // A head that a killed run left unfinished begins anew.
            let isBeginning = Data(head.utf8).starts(with: data)
            if isBeginning, data.count < head.utf8.count { whole = data[..<0] }
            guard isBeginning || whole.starts(with: Data(head.utf8)) else {
                throw QWaveError(
                    .badInput,
                    "\(path) isn't a table of this version's sweeps; name another file, or move it away")
            }
            for line in whole.dropFirst(head.utf8.count).split(separator: 0x0A) {
                guard let row = SweepRow(line: String(decoding: line, as: UTF8.self)) else {
                    throw QWaveError(.badInput, "\(path) holds a line that isn't a point of a sweep")
                }
                rows.append(row)
            }
            keep = whole.count
        }
        do {
            if keep == 0 { try Data(head.utf8).write(to: URL(fileURLWithPath: path)) }
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            if keep > 0 { try file.truncate(atOffset: UInt64(keep)) }
            try file.seekToEnd()
            try file.synchronize()
            descriptor = Mutex(file)
        } catch {
            throw QWaveError(.storage, "\(path) can't be written", cause: error)
        }
        self.rows = rows
    }

    deinit { descriptor.withLock { try? $0.close() } }

    /// Appends a point that is done.
    public func append(_ row: SweepRow) throws(QWaveError) {
        do {
            try descriptor.withLock { file in
                try file.write(contentsOf: Data((row.line + "\n").utf8))
                try file.synchronize()
            }
        } catch {
            throw QWaveError(.storage, "the sweep's table can't be written", cause: error)
        }
    }

    /// Of the table's columns and their meaning: 1 had no `feature`.
    static let format = 2

    /// The first two lines: fingerprint and column names.
    static func head(software: String) -> String {
        let columns = SweepRow.columns.joined(separator: ",")
        // FNV-1a: tells tables apart, protects nothing.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in (software + "\n" + columns).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "# qwave sweep \(format), \(software), \(String(hash, radix: 16))\n\(columns)\n"
    }
}
