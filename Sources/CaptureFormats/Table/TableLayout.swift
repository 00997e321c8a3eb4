// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// How the lines of a table are divided, and what its columns are.
struct TableLayout {
    enum Separator: Equatable {
        case byte(UInt8)
        case spaces
    }

    enum Role: Equatable {
        case ignored
        case time(unit: Double)
        case sequence
        /// Position of the value in a snapshot.
        case value(Int)
    }

    let separator: Separator
    let names: [String]
    let hasHeader: Bool
    /// The column of the time and its unit in seconds.
    let time: (column: Int, unit: Double)?
    let sequence: Int?
    /// Columns that are neither time nor sequence.
    let valueColumns: [Int]

    /// From the first line that holds something, and the one behind it.
    init(first: String, second: String?) {
        separator = Self.separator(first, second)
        let fields = Self.split(first, separator)
        // Names may be numbers ("time,0,1"), and a row of numbers may end in a stray mark: the first field and
        // the majority decide.
        let words = fields.filter { !$0.isEmpty }
        let isWord = words.map { NumberParser.double(Array($0.utf8), 0, $0.utf8.count) == nil }
        hasHeader = isWord.first == true || 2 * isWord.count { $0 } > words.count
        let names = hasHeader ? fields : (1...max(1, fields.count)).map { String($0) }
        let time = Self.time(names, hasHeader: hasHeader)
        let sequence = hasHeader ? Self.sequence(names) : nil
        self.names = names
        self.time = time
        self.sequence = sequence
        valueColumns = names.indices.filter { $0 != time?.column && $0 != sequence && !names[$0].isEmpty }
    }

    private static func separator(_ first: String, _ second: String?) -> Separator {
        // The one that stands most often outside quotes; a tab or semicolon beats a comma, which may be text.
        let counts = ["\t", ";", ","].map { ($0, split(first, .byte(Array($0.utf8)[0])).count) }
        if let best = counts.max(by: { $0.1 < $1.1 }), best.1 > 1 { return .byte(Array(best.0.utf8)[0]) }
        let words = split(first, .spaces)
        let numeric = words.allSatisfy { NumberParser.double(Array($0.utf8), 0, $0.utf8.count) != nil }
        let matches = second.map { split($0, .spaces).count == words.count } ?? false
        return words.count > 1 && (numeric || matches) ? .spaces : .byte(UInt8(ascii: ","))
    }

    /// The fields of one line, without quotes and the spaces around them.
    static func split(_ line: String, _ separator: Separator) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var quoted = false
        for byte in line.utf8 {
            if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if !quoted, separator == .byte(byte) || separator == .spaces && NumberParser.isSpace(byte)
            {
                fields.append(trimmed(field))
                field.removeAll(keepingCapacity: true)
            } else {
                field.append(byte)
            }
        }
        fields.append(trimmed(field))
        return separator == .spaces ? fields.filter { !$0.isEmpty } : fields
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        guard let first = bytes.firstIndex(where: { !NumberParser.isSpace($0) }),
            let last = bytes.lastIndex(where: { !NumberParser.isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    // MARK: Roles by name

    private static let timeNames: [(name: String, unit: Double)] = [
        ("time_s", 1), ("time", 1), ("timestamp", 1), ("timestamp_s", 1), ("t", 1), ("time_ms", 1e-3),
        ("timestamp_ms", 1e-3), ("time_us", 1e-6), ("timestamp_us", 1e-6), ("time_ns", 1e-9),
        ("timestamp_ns", 1e-9),
    ]
    private static let sequenceNames = ["sequence", "seq", "index", "idx"]

    /// A table without header and of two columns has the time first.
    private static func time(_ names: [String], hasHeader: Bool) -> (column: Int, unit: Double)? {
        guard hasHeader else { return names.count == 2 ? (0, 1) : nil }
        let lowered = names.map { $0.lowercased() }
        for (name, unit) in timeNames {
            if let column = lowered.firstIndex(of: name) { return (column, unit) }
        }
        return nil
    }

    private static func sequence(_ names: [String]) -> Int? {
        let lowered = names.map { $0.lowercased() }
        return sequenceNames.lazy.compactMap { lowered.firstIndex(of: $0) }.first
    }

    /// True for columns in decibels by their name.
    static func isDecibels(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasSuffix("_dbm") || name.hasSuffix("_db") || name.hasSuffix("rssi") || name == "dbm"
            || name == "db"
    }
}
