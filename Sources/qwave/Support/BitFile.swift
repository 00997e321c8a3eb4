// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore

/// The packed bits of a file, bit i in bit (i mod 8) of byte i/8, read by ranges: a regular file stays on disk,
/// anything else is read as a whole first.
final class BitFile {
    /// The most that is read as a whole, in bytes.
    static let limit = 1 << 28

    let path: String
    let byteCount: Int
    private let handle: FileHandle?
    private var whole: [UInt8] = []

    /// Throws `.unavailable` where the file isn't there.
    init(_ path: String) throws(QWaveError) {
        self.path = path
        var size: UInt64?
        var opened: FileHandle?
        if path != "-", let file = FileHandle(forReadingAtPath: path) {
            let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
            if type == .typeRegular || type == .typeSymbolicLink { size = try? file.seekToEnd() }
            opened = file
        }
        if let size, let opened {
            handle = opened
            byteCount = Int(size)
        } else {
            handle = nil
            whole = try Files.read(path, limit: Self.limit)
            byteCount = whole.count
        }
    }

    deinit { whole.wipe() }

    /// The bits of a range.
    ///
    /// Throws `.unavailable` where they can't be read, or no longer are there.
    ///
    /// - Precondition: the range lies in the file's 8 · `byteCount` bits.
    func bits(_ range: Range<Int>) throws(QWaveError) -> BitString {
        precondition(range.lowerBound >= 0 && range.upperBound <= 8 * byteCount, "range out of bounds")
        let bytes = range.lowerBound / 8..<(range.upperBound + 7) / 8
        var piece: [UInt8]
        if let handle {
            do {
                try handle.seek(toOffset: UInt64(bytes.lowerBound))
                piece = Array(try handle.read(upToCount: bytes.count) ?? Data())
            } catch {
                throw QWaveError(.unavailable, "\(path) can't be read", cause: error)
            }
        } else {
            piece = Array(whole[bytes])
        }
        defer { piece.wipe() }
        guard piece.count == bytes.count else {
            throw QWaveError(.unavailable, "\(path) has become shorter while it was read")
        }
        let bits = BitString(bytes: piece)
        let first = range.lowerBound % 8
        return first == 0 && range.count == bits.count ? bits : bits[first..<first + range.count]
    }
}
