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

    /// From the first line that holds something, and the one behind it.
    init(first: String, second: String?) {
        separator = Self.separator(first, second)
        let fields = Self.split(first, separator)
        // Names may be numbers ("time,0,1"), and a row of numbers may end in a stray mark: the first field and
        // the majority decide.
        let words = fields.filter { !$0.isEmpty }
        let isWord = words.map { NumberParser.double(Array($0.utf8), 0, $0.utf8.count) == nil }
        hasHeader = isWord.first == true || 2 * isWord.count { $0 } > words.count
        names = hasHeader ? fields : (1...max(1, fields.count)).map { String($0) }
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
        var field = ""
        var quoted = false
        for character in line {
            if character == "\"" {
                quoted.toggle()
            } else if !quoted, isSeparator(character, separator) {
                fields.append(trim(field))
                field = ""
            } else {
                field.append(character)
            }
        }
        fields.append(trim(field))
        return separator == .spaces ? fields.filter { !$0.isEmpty } : fields
    }

    private static func isSeparator(_ character: Character, _ separator: Separator) -> Bool {
        switch separator {
        case .byte(let byte): character.utf8.elementsEqual([byte])
        case .spaces: character == " " || character == "\t"
        }
    }

    private static func trim(_ text: String) -> String {
        let inside = text.drop { $0 == " " || $0 == "\t" }
        guard let last = inside.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(inside[...last])
    }

    // MARK: Roles by name

    private static let timeNames: [(name: String, unit: Double)] = [
        ("time_s", 1), ("time", 1), ("timestamp", 1), ("timestamp_s", 1), ("t", 1), ("time_ms", 1e-3),
        ("timestamp_ms", 1e-3), ("time_us", 1e-6), ("timestamp_us", 1e-6), ("time_ns", 1e-9),
        ("timestamp_ns", 1e-9),
    ]
    private static let sequenceNames = ["sequence", "seq", "index", "idx"]

    /// The column of the time and its unit in seconds. A headerless table of two columns has it first.
    var time: (column: Int, unit: Double)? {
        if !hasHeader { return names.count == 2 ? (0, 1) : nil }
        for (name, unit) in Self.timeNames {
            if let column = names.firstIndex(where: { $0.lowercased() == name }) { return (column, unit) }
        }
        return nil
    }

    var sequence: Int? {
        guard hasHeader else { return nil }
        for name in Self.sequenceNames {
            if let column = names.firstIndex(where: { $0.lowercased() == name }) { return column }
        }
        return nil
    }

    /// Columns that are neither time nor sequence.
    var valueColumns: [Int] {
        names.indices.filter { $0 != time?.column && $0 != sequence && !names[$0].isEmpty }
    }

    /// True for columns in decibels by their name.
    static func isDecibels(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasSuffix("_dbm") || name.hasSuffix("_db") || name.hasSuffix("rssi") || name == "dbm"
            || name == "db"
    }
}
