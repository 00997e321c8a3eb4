// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// One file of a tar archive (IEEE 1003.1-2017, pax: ustar interchange format).
struct TarEntry {
    static let block = 512

    var path: String
    var size: Int
    /// Where the content starts in the archive.
    let start: Int
    private let type: UInt8

    /// What stands before an entry whose name or size doesn't fit its header.
    struct Extension {
        enum Kind {
            case name, pax
        }

        var path: String?
        var size: Int?

        init(_ kind: Kind, _ bytes: [UInt8], after: Extension?) {
            self = after ?? Extension()
            switch kind {
            case .name: path = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            case .pax: readPax(bytes)
            }
        }

        private init() {}

        /// Records "LENGTH KEY=VALUE\n", the length counting itself.
        private mutating func readPax(_ bytes: [UInt8]) {
            var start = 0
            while let space = bytes[start...].firstIndex(of: UInt8(ascii: " ")),
                let length = NumberParser.integer(bytes, start, space), length > space - start,
                length <= bytes.count - start
            {
                let record = String(decoding: bytes[space + 1..<start + length], as: UTF8.self)
                let parts = record.split(separator: "=", maxSplits: 1)
                if parts.count == 2, let value = parts.last?.dropLast() {
                    if parts[0] == "path" { path = String(value) }
                    if parts[0] == "size", let number = Int(value), number >= 0 { size = number }
                }
                start += length
            }
        }
    }

    /// - Throws: `.badInput` for a wrong checksum or a size that is no number.
    init(header: [UInt8], offset: Int, name: String) throws(QWaveError) {
        var sum = 0
        for (index, byte) in header.enumerated() {
            sum += (148..<156).contains(index) ? Int(UInt8(ascii: " ")) : Int(byte)
        }
        guard Self.number(header[148..<156]) == sum else {
            throw Self.error(name, offset, "no header of a tar archive (its checksum is wrong)")
        }
        guard let size = Self.number(header[124..<136]) else {
            throw Self.error(name, offset, "a size that can't be read")
        }
        func text(_ range: Range<Int>) -> String {
            String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self)
        }
        let prefix = header[257..<262].elementsEqual("ustar".utf8) && header[262] == 0 ? text(345..<500) : ""
        path = prefix.isEmpty ? text(0..<100) : prefix + "/" + text(0..<100)
        self.size = size
        type = header[156]
        start = offset + Self.block
    }

    var isFile: Bool { type == 0 || type == UInt8(ascii: "0") }

    /// Nil for an entry that is something itself.
    var extensionKind: Extension.Kind? {
        switch type {
        case UInt8(ascii: "L"): .name
        case UInt8(ascii: "x"): .pax
        default: nil
        }
    }

    /// Octal digits, or, for what they can't hold, a big-endian number behind a set bit.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        var value = 0
        if let first = field.first, first & 0x80 != 0 {
            for (index, byte) in field.enumerated() {
                let digit = index == 0 ? byte & 0x7F : byte
                guard value < 1 << 48 else { return nil }
                value = value << 8 | Int(digit)
            }
            return value
        }
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit), value < 1 << 48 else { return nil }
            value = value << 3 | Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    static func error(_ name: String, _ offset: Int, _ reason: String) -> QWaveError {
        QWaveError(.badInput, "\(name): byte \(offset): \(reason)")
    }
}
