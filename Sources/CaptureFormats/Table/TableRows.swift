// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Walks the rows of a table over its bytes, without a string for each field.
struct TableRows {
    let source: ByteSource
    let layout: TableLayout
    let roles: [TableLayout.Role]
    private var position: Int
    /// Number of the line read last, from 1.
    private(set) var line: Int

    /// The row read last.
    var values: [IQ] = []
    private(set) var time: Double?
    private(set) var sequence: UInt64?

    init(source: ByteSource, layout: TableLayout, roles: [TableLayout.Role], position: Int, line: Int) {
        self.source = source
        self.layout = layout
        self.roles = roles
        self.position = position
        self.line = line
    }

    /// True when no line follows the one read last.
    var isLast: Bool { !source.bytes[min(position, source.count)...].contains(UInt8(ascii: "\n")) }
    var endsWithLineEnd: Bool { source.bytes.last == UInt8(ascii: "\n") }

    /// The layout, and where the rows begin.
    static func layout(_ source: ByteSource) throws(QWaveError) -> (TableLayout, body: Int, line: Int) {
        var lines = LineScanner(source.bytes)
        var first: (text: String, start: Int, end: Int, line: Int)?
        while let range = lines.next() {
            guard holdsSomething(source.bytes, range) else { continue }
            guard range.count <= 1 << 20 else {
                throw source.error(line: lines.line, "a line of \(range.count) bytes; that is no table")
            }
            let text = String(decoding: source.bytes[range], as: UTF8.self)
            guard let first else {
                first = (text, range.lowerBound, lines.position, lines.line)
                continue
            }
            let layout = TableLayout(first: first.text, second: text)
            return layout.hasHeader
                ? (layout, first.end, first.line) : (layout, first.start, first.line - 1)
        }
        guard let first else {
            throw source.error(line: max(1, lines.line), "the table has no row of values")
        }
        let layout = TableLayout(first: first.text, second: nil)
        return layout.hasHeader ? (layout, first.end, first.line) : (layout, first.start, first.line - 1)
    }

    private static func holdsSomething(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard let first = range.first(where: { !NumberParser.isSpace(bytes[$0]) }) else { return false }
        return bytes[first] != UInt8(ascii: "#")
    }

    /// Reads the next row; false at the end.
    mutating func next(packet: Int) throws(QWaveError) -> Bool {
        let bytes = source.bytes
        while position < bytes.count {
            line += 1
            var index = position
            skipSpaces(&index)
            if index >= bytes.count || bytes[index] == UInt8(ascii: "#") || isLineEnd(index) {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index &+= 1 }
                position = min(bytes.count, index &+ 1)
                continue
            }
            try row(packet: packet)
            return true
        }
        return false
    }

    private mutating func row(packet: Int) throws(QWaveError) {
        let first = line
        var column = 0
        while true {
            let (field, ends) = try field()
            if column < roles.count {
                try take(field, roles[column], column: column, packet: packet)
            } else if !field.isEmpty {
                throw source.error(
                    line: first, "a row of more fields than the \(roles.count) columns of the first line")
            }
            column &+= 1
            if ends { break }
        }
        guard column >= roles.count else {
            throw source.error(
                line: first, "a row of \(column) fields; the first line has \(roles.count) columns")
        }
    }

    private mutating func take(
        _ field: Range<Int>, _ role: TableLayout.Role, column: Int, packet: Int
    ) throws(QWaveError) {
        if role == .ignored { return }
        guard let number = NumberParser.double(source.bytes, field.lowerBound, field.upperBound) else {
            throw complaint(field, column, packet, field.isEmpty ? "is empty" : "is not a number")
        }
        guard number.isFinite else { throw complaint(field, column, packet, "is not finite") }
        switch role {
        case .ignored: break
        case .time(let unit):
            // Division where the unit is a fraction keeps microseconds correctly rounded.
            time = unit < 1 ? number / (1 / unit).rounded() : number
        case .sequence:
            guard let value = UInt64(exactly: number) else {
                throw complaint(field, column, packet, "is not a whole number from 0 on")
            }
            sequence = value
        case .value(let position):
            let value = Float(number)
            guard value.isFinite else { throw complaint(field, column, packet, "is too large") }
            values[position] = IQ(value, 0)
        }
    }

    private func complaint(_ field: Range<Int>, _ column: Int, _ packet: Int, _ what: String) -> QWaveError {
        let text = String(decoding: source.bytes[field].prefix(40), as: UTF8.self)
        return source.error(
            line: line, "packet \(packet), column \(layout.names[column]): \"\(text)\" \(what)")
    }

    /// The next field of the row, without quotes, and whether the row ends behind it.
    private mutating func field() throws(QWaveError) -> (Range<Int>, ends: Bool) {
        let bytes = source.bytes
        let separator: UInt8 =
            switch layout.separator {
            case .byte(let byte): byte
            case .spaces: UInt8(ascii: " ")
            }
        let splitsAtTabs = layout.separator == .spaces
        var index = position
        while index < bytes.count, NumberParser.isSpace(bytes[index]),
            splitsAtTabs || bytes[index] != separator
        {
            index &+= 1
        }
        var quoted: Range<Int>?
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
            let start = index + 1
            let first = line
            index = start
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "\"") {
                    guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") else { break }
                    index &+= 1
                } else if bytes[index] == UInt8(ascii: "\n") {
                    line += 1
                }
                index &+= 1
            }
            guard index < bytes.count else { throw source.error(line: first, "a quoted field has no end") }
            quoted = start..<index
        }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == separator || byte == UInt8(ascii: "\n") || splitsAtTabs && byte == UInt8(ascii: "\t") {
                break
            }
            index &+= 1
        }
        var end = index
        if splitsAtTabs {
            while index < bytes.count, NumberParser.isSpace(bytes[index]) { index &+= 1 }
        }
        let ends = index >= bytes.count || bytes[index] == UInt8(ascii: "\n") || isLineEnd(index)
        if ends {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index &+= 1 }
            if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        }
        position = splitsAtTabs && !ends ? index : min(bytes.count, index &+ 1)
        return (quoted ?? start..<end, ends)
    }

    @inline(__always) private func skipSpaces(_ index: inout Int) {
        while index < source.bytes.count, NumberParser.isSpace(source.bytes[index]) { index &+= 1 }
    }

    private func isLineEnd(_ index: Int) -> Bool {
        let byte = source.bytes[index]
        return byte == UInt8(ascii: "\n")
            || byte == UInt8(ascii: "\r") && index + 1 < source.bytes.count
                && source.bytes[index + 1] == UInt8(ascii: "\n")
    }
}
