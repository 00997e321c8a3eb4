// SPDX-License-Identifier: GPL-3.0-or-later

/// The lines of a text, as ranges of bytes without their ends (LF, CRLF or the end of the file).
struct LineScanner {
    private let bytes: [UInt8]
    private(set) var position: Int
    /// Number of the line returned last, from 1.
    private(set) var line = 0
    /// True when the line returned last is the end of the file without a line end.
    private(set) var isUnfinished = false

    /// A byte order mark at the start is passed over.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    mutating func next() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end &+= 1 }
        isUnfinished = end == bytes.count
        position = isUnfinished ? end : end + 1
        line += 1
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }
}
