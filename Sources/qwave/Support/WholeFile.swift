// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import OneTimePad
internal import QWaveCore

/// A file that is there as a whole, with mode 0600, or not at all: its bytes go into a file beside it, which takes its
/// name in the end.
enum WholeFile {
    /// Throws `.usage` where the path is taken; to be asked before work that would be lost.
    static func check(_ path: String, replacing: Bool) throws(QWaveError) {
        guard path != "-", !replacing else { return }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw QWaveError(.usage, "\(path) exists already; give --force to replace it")
        }
    }

    /// Writes `bytes`; to standard output for "-".
    ///
    /// Throws `.storage` where that fails, or where another file has taken the name meanwhile.
    static func write(_ bytes: [UInt8], to path: String, replacing: Bool) throws(QWaveError) {
        if path == "-" { return try StandardOutput.write(bytes) }
        let beside = "\(path).\(UUID().uuidString.prefix(8)).part"
        defer { unsafe unlink(beside) }
        do {
            var file = try FileOutput(beside)
            try file.write(bytes.span)
            try file.sync()
        }
        // A link, unlike a change of name, never replaces what is there.
        let status = replacing ? unsafe rename(beside, path) : unsafe link(beside, path)
        guard status == 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw QWaveError(.storage, "\(path) can't be written: \(reason)")
        }
    }
}
