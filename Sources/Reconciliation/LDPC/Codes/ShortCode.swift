// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// Codes for short frames, one lane a frame, drawn from nothing but their length and rows.
///
/// The columns of degree 2 form one chain through the rows. Each other edge goes to the least loaded of some
/// drawn rows that closes no cycle of length 4 or 6, where there is one (after progressive edge growth: Hu,
/// Eleftheriou, Arnold 2005). Then rows are cut in the middle, always one of the longest, until there are as many
/// as columns. Only integers and a fixed seed go in, so every machine draws the same code.
struct ShortCode {
    private let columns: Int
    private let rows: Int
    private var random: PublicShuffle
    /// The columns of each row, `LDPCCode.degreeLimit` places a row.
    private var ofRow: [Int32]
    private var rowDegree: [Int32]
    /// The rows of each column, `columnRoom` places a column.
    private var ofColumn: [Int32]
    private var columnDegree: [Int32]
    // When a row was last found near the column in hand.
    private var near: [Int32]
    private var search: Int32 = 0

    private static let rowRoom = LDPCCode.degreeLimit
    private static let columnRoom = 22
    /// Rows drawn for an edge.
    private static let draws = 32
    /// Edges in a row of level 0 on the average, at the most.
    private static let degreeTarget = 80

    private struct Key: Hashable {
        var columns: Int
        var rows: Int
    }
    private static let cache = Mutex<[Key: LDPCCode]>([:])
    private static let cacheLimit = 64

    /// The code of `columns` columns, 16 or more, and `rows` rows at level 0, more where that would be too few;
    /// made at first use.
    static func code(columns: Int, rows: Int) throws(QWaveError) -> LDPCCode {
        let key = Key(columns: columns, rows: rows)
        if let known = cache.withLock({ $0[key] }) { return known }
        let code = try make(columns: columns, rows: rows)
        cache.withLock {
            if $0.count >= cacheLimit { $0.removeAll() }
            $0[key] = code
        }
        return code
    }

    /// Draws the code. O(edges · row degree · column degree).
    static func make(columns: Int, rows: Int) throws(QWaveError) -> LDPCCode {
        var rows = max(2, rows)
        while true {
            let degrees = ShortCodeDesign.columnDegrees(columns, rows: rows)
            let least = (degrees.reduce(0, +) + degreeTarget - 1) / degreeTarget
            if rows >= least {
                var graph = ShortCode(columns: columns, rows: rows)
                graph.fill(degrees)
                return try graph.cut()
            }
            rows = least
        }
    }

    private init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        random = PublicShuffle(seed: UInt64(columns), stream: UInt64(rows))
        ofRow = [Int32](repeating: 0, count: rows * Self.rowRoom)
        rowDegree = [Int32](repeating: 0, count: rows)
        ofColumn = [Int32](repeating: 0, count: columns * Self.columnRoom)
        columnDegree = [Int32](repeating: 0, count: columns)
        near = [Int32](repeating: 0, count: rows)
    }

    private mutating func below(_ limit: Int) -> Int {
        Int(truncatingIfNeeded: random.next().multipliedFullWidth(by: UInt64(limit)).high)
    }

    private mutating func connect(_ column: Int, _ row: Int) {
        ofRow[row &* Self.rowRoom &+ Int(rowDegree[row])] = Int32(truncatingIfNeeded: column)
        rowDegree[row] &+= 1
        ofColumn[column &* Self.columnRoom &+ Int(columnDegree[column])] = Int32(truncatingIfNeeded: row)
        columnDegree[column] &+= 1
    }

    private mutating func fill(_ degrees: [Int]) {
        var chain = (0..<rows).map { Int32($0) }
        random.shuffle(&chain)
        for (column, degree) in degrees.enumerated() {
            if degree == 2, column + 1 < rows {
                connect(column, Int(chain[column]))
                connect(column, Int(chain[column + 1]))
            } else {
                for _ in 0..<degree { connect(column, row(for: column)) }
            }
        }
    }

    /// The row for a column's next edge.
    private mutating func row(for column: Int) -> Int {
        // Two stamps a search: `own` on the column's rows, one more on those that would close a cycle of 4.
        search &+= 2
        let own = search
        let rowsOfColumn = column &* Self.columnRoom
        for index in 0..<Int(columnDegree[column]) { near[Int(ofColumn[rowsOfColumn &+ index])] = own }
        for index in 0..<Int(columnDegree[column]) {
            let row = Int(ofColumn[rowsOfColumn &+ index])
            for place in 0..<Int(rowDegree[row]) {
                let other = Int(ofRow[row &* Self.rowRoom &+ place])
                for turn in 0..<Int(columnDegree[other]) {
                    let far = Int(ofColumn[other &* Self.columnRoom &+ turn])
                    if near[far] < own { near[far] = own &+ 1 }
                }
            }
        }
        // Candidates by what they close and then by load; the first of equals.
        var best = -1
        var rank = Int.max
        for draw in 0..<Self.draws where draw < 2 &* rows {
            let row = below(rows)
            guard near[row] != own, rowDegree[row] < Self.rowRoom else { continue }
            var value = Int(rowDegree[row])
            if value >= rank { continue }
            if near[row] == own &+ 1 { value &+= 2 << 20 } else if closesSix(row) { value &+= 1 << 20 }
            if value < rank {
                rank = value
                best = row
            }
        }
        if best >= 0 { return best }
        return (0..<rows).filter { near[$0] != own }.min { rowDegree[$0] < rowDegree[$1] } ?? 0
    }

    /// Whether a row meets one near the column in hand: an edge to it would close a cycle of 6.
    private func closesSix(_ row: Int) -> Bool {
        for place in 0..<Int(rowDegree[row]) {
            let other = Int(ofRow[row &* Self.rowRoom &+ place])
            for turn in 0..<Int(columnDegree[other])
            where near[Int(ofColumn[other &* Self.columnRoom &+ turn])] >= search {
                return true
            }
        }
        return false
    }

    /// Puts the edges in order and the cuts after them.
    private mutating func cut() throws(QWaveError) -> LDPCCode {
        var edges: [LDPCCode.Edge] = []
        var boundaries = [0]
        for row in 0..<rows where rowDegree[row] > 0 {
            var order = Array(ofRow[row * Self.rowRoom..<row * Self.rowRoom + Int(rowDegree[row])])
            random.shuffle(&order)
            for column in order { edges.append(.init(column: Int(column), shift: 0)) }
            boundaries.append(edges.count)
        }
        let cuts = LDPCCode.middleCuts(boundaries: boundaries, cuts: [], rows: columns)
        return try LDPCCode(lift: 64, columns: columns, edges: edges, boundaries: boundaries, cuts: cuts)
    }
}
