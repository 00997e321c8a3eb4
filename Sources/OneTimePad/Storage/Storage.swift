// SPDX-License-Identifier: GPL-3.0-or-later
package import QWaveCore

/// The pad's directory, as little of a file system as the pad needs.
///
/// The store writes through this seam only, so a test can record every operation, stop after any of them, and
/// build the disk that a power loss would have left (a write recorder with prefix replay).
package protocol Storage: Sendable {
    /// Where it is, for messages.
    var place: String { get }
    /// The names of all files.
    func names() throws(QWaveError) -> [String]
    /// An existing file, for reading and writing.
    func file(_ name: String) throws(QWaveError) -> any StoredFile
    /// A new file that only its owner may read; fails where the name exists.
    func newFile(_ name: String) throws(QWaveError) -> any StoredFile
    func remove(_ name: String) throws(QWaveError)
    /// Makes creations and removals durable.
    func syncNames() throws(QWaveError)
    /// Lets others open the directory; called once, last.
    func release()
}

/// One open file of the pad.
package protocol StoredFile: AnyObject, Sendable {
    func size() throws(QWaveError) -> Int
    /// Fills `part` of `bytes` from `offset`; a file that ends before is an error.
    func read(at offset: Int, into bytes: inout MutableSpan<UInt8>, part: Range<Int>) throws(QWaveError)
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(QWaveError)
    func truncate(to size: Int) throws(QWaveError)
    /// Gives the storage of a range back, where the file system can; the range reads as zeros after.
    func punch(_ range: Range<Int>) throws(QWaveError)
    /// Makes everything written durable. After a failure nothing more may be trusted to this file.
    func sync() throws(QWaveError)
}

extension StoredFile {
    /// `count` bytes from `offset`, for what isn't secret.
    func bytes(at offset: Int, count: Int) throws(QWaveError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        try read(at: offset, into: &span, part: 0..<count)
        return bytes
    }

    /// Overwrites a range with zeros.
    func clear(_ range: Range<Int>) throws(QWaveError) {
        let zeros = [UInt8](repeating: 0, count: min(range.count, 65536))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            try write(zeros.span.extracting(0..<count), at: offset)
            offset += count
        }
    }
}

extension Storage {
    /// A new file with these contents, durable except for its name.
    func writeNew(_ name: String, _ bytes: Span<UInt8>) throws(QWaveError) {
        let file = try newFile(name)
        try file.write(bytes, at: 0)
        try file.sync()
    }

    /// Overwrites a file and removes its name.
    func erase(_ name: String) throws(QWaveError) {
        let file = try file(name)
        try file.clear(0..<file.size())
        try file.sync()
        try remove(name)
    }
}
