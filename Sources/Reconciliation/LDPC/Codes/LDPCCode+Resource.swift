// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension LDPCCode {
    /// Shifts in a resource are modulo this, whatever the lift: a cycle that one lift leaves open stays open in
    /// each of its multiples, so one text serves lifts 64, 128, 192, … 4,096.
    public static let resourceLift = 4096

    /// The digits of a resource, that of value 0 first.
    static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The code that a text tells, at a lift.
    ///
    /// The text is a row of base 64 numbers, most significant digit first; line ends are skipped:
    /// columns, edges, rows and cuts (three digits each), marks (one digit: 1 for shifted plus 2 for unit 4), the
    /// degree of each row (two digits), each edge's column (two digits) and, when shifted, its shift modulo 4,096
    /// (two digits), then each cut (three digits).
    ///
    /// - Parameter lift: a multiple of 64 up to 4,096, or 64 when the code isn't shifted.
    /// - Throws: `.badInput` when the text is cut short, too long or tells no code.
    public init(resource: String, lift: Int) throws(QWaveError) {
        guard lift >= 64, lift % 64 == 0, lift <= Self.resourceLift else {
            throw QWaveError(.badInput, "LDPC resources serve lifts 64, 128, 192, … 4096, not \(lift)")
        }
        var reader = DigitReader(resource.utf8.filter { $0 != 0x0A })
        let columns = try reader.read(3)
        let edgeCount = try reader.read(3)
        let rowCount = try reader.read(3)
        let cutCount = try reader.read(3)
        let marks = try reader.read(1)
        let isShifted = marks & 1 == 1
        guard marks <= 3, isShifted || lift == 64 else {
            throw QWaveError(.badInput, "an LDPC resource with the mark \(marks) can't serve lift \(lift)")
        }
        var boundaries = [0]
        for _ in 0..<rowCount { boundaries.append(try boundaries[boundaries.count - 1] + reader.read(2)) }
        var edges: [Edge] = []
        for _ in 0..<edgeCount {
            let column = try reader.read(2)
            edges.append(Edge(column: column, shift: isShifted ? try reader.read(2) % lift : 0))
        }
        var cuts: [Int] = []
        for _ in 0..<cutCount { cuts.append(try reader.read(3)) }
        try reader.finish()
        try self.init(
            lift: lift, columns: columns, edges: edges, boundaries: boundaries, cuts: cuts,
            unit: marks & 2 == 2 ? 4 : 3)
    }

    /// The text that `init(resource:lift:)` reads; shifts are written as they are.
    public var resource: String {
        var text: [UInt8] = []
        func write(_ value: Int, _ count: Int) {
            for place in (0..<count).reversed() { text.append(Self.digits[value >> (6 * place) & 63]) }
        }
        for value in [columns, edges.count, baseBoundaries.count - 1, cuts.count] { write(value, 3) }
        write((isShifted ? 1 : 0) + (unit == 4 ? 2 : 0), 1)
        for (start, end) in zip(baseBoundaries, baseBoundaries.dropFirst()) { write(Int(end - start), 2) }
        for edge in edges {
            write(Int(edge.column), 2)
            if isShifted { write(Int(edge.shift), 2) }
        }
        for cut in cuts { write(Int(cut), 3) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads numbers of a fixed count of base 64 digits.
    private struct DigitReader {
        private let text: [UInt8]
        private var position = 0
        private let values: [Int]

        init(_ text: [UInt8]) {
            self.text = text
            var values = [Int](repeating: -1, count: 256)
            for (value, digit) in LDPCCode.digits.enumerated() { values[Int(digit)] = value }
            self.values = values
        }

        mutating func read(_ count: Int) throws(QWaveError) -> Int {
            guard text.count - position >= count else {
                throw QWaveError(
                    .badInput, "an LDPC resource of \(text.count) characters ends before its last number")
            }
            var number = 0
            for _ in 0..<count {
                let value = values[Int(text[position])]
                guard value >= 0 else {
                    throw QWaveError(
                        .badInput,
                        "an LDPC resource has a byte \(text[position]) at \(position), which is no digit")
                }
                number = number << 6 | value
                position += 1
            }
            return number
        }

        func finish() throws(QWaveError) {
            guard position == text.count else {
                throw QWaveError(
                    .badInput,
                    "an LDPC resource goes on for \(text.count - position) characters after its end")
            }
        }
    }
}
