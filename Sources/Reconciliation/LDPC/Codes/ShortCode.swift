// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Synchronization

/// Codes for short frames, one lane a frame, drawn from nothing but their length and design.
///
/// The columns of degree 2 form a chain. Every other edge goes to the least loaded row that closes no cycle of
/// length 4 or 6, or else the longest one that is left (progressive edge growth: Hu, Eleftheriou, Arnold 2005).
/// Then rows are cut in the middle, always one of the longest, until there are as many rows as columns. Only
/// integers and a fixed seed go in, so every machine draws the same code.
struct ShortCode: ~Copyable {
    private let columns: Int
    private let rows: Int
    private var random: PublicShuffle
    private var rowColumns: [[Int32]]
    private var columnRows: [[Int32]]
    // When a row, or a column, was last seen by the search.
    private var rowSeen: [Int32]
    private var columnSeen: [Int32]
    private var search: Int32 = 0

    /// Searches this many rows deep keep out cycles of length 4 and 6.
    private static let depth = 2
    /// Room for the least loaded row to stay below what the kernels take.
    private static let degreeTarget = 100

    private static let cache = Mutex<[Key: LDPCCode]>([:])
    private static let cacheLimit = 32

    private struct Key: Hashable {
        var columns: Int
        var design: Int
    }

    /// The code of `columns` columns of a design, made at first use.
    static func code(columns: Int, design: Int) throws(QWaveError) -> LDPCCode {
        let key = Key(columns: columns, design: design)
        if let known = cache.withLock({ $0[key] }) { return known }
        let code = try make(columns: columns, design: ShortCodeDesign.all[design].design)
        cache.withLock {
            if $0.count >= cacheLimit { $0.removeAll() }
            $0[key] = code
        }
        return code
    }

    /// Draws the code. O(edges).
    static func make(columns: Int, design: ShortCodeDesign) throws(QWaveError) -> LDPCCode {
        let degrees = design.columnDegrees(columns)
        let edges = degrees.reduce(0, +)
        let rows = max(2, (design.baseRows * columns + 999) / 1000, (edges + degreeTarget - 1) / degreeTarget)
        var graph = ShortCode(columns: columns, rows: rows)
        graph.fill(degrees)
        return try graph.cut()
    }

    private init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        random = PublicShuffle(seed: UInt64(columns), stream: UInt64(rows))
        rowColumns = [[Int32]](repeating: [], count: rows)
        columnRows = [[Int32]](repeating: [], count: columns)
        rowSeen = [Int32](repeating: 0, count: rows)
        columnSeen = [Int32](repeating: 0, count: columns)
    }

    private mutating func below(_ limit: Int) -> Int {
        Int(truncatingIfNeeded: random.next().multipliedFullWidth(by: UInt64(limit)).high)
    }

    private mutating func connect(_ column: Int, _ row: Int) {
        rowColumns[row].append(Int32(truncatingIfNeeded: column))
        columnRows[column].append(Int32(truncatingIfNeeded: row))
    }

    private mutating func fill(_ degrees: [Int]) {
        var chain = (0..<rows).map { Int32($0) }
        random.shuffle(&chain)
        for (column, degree) in degrees.enumerated() {
            if degree == 2, column + 1 < rows {
                connect(column, Int(chain[column]))
                connect(column, Int(chain[column + 1]))
            } else {
                for _ in 0..<min(degree, rows) { connect(column, farRow(column)) }
            }
        }
    }

    /// The least loaded of the rows that are farthest from a column, drawn among equals.
    private mutating func farRow(_ column: Int) -> Int {
        search &+= 1
        var seen = columnRows[column].count
        var layer = columnRows[column]
        for row in layer { rowSeen[Int(row)] = search }
        if !layer.isEmpty {
            for _ in 0..<Self.depth {
                var next: [Int32] = []
                for row in layer {
                    for other in rowColumns[Int(row)] where columnSeen[Int(other)] != search {
                        columnSeen[Int(other)] = search
                        for far in columnRows[Int(other)] where rowSeen[Int(far)] != search {
                            rowSeen[Int(far)] = search
                            next.append(far)
                        }
                    }
                }
                if next.isEmpty { break }
                seen += next.count
                layer = next
                if seen == rows { break }
            }
        }
        return seen < rows ? leastLoaded(in: nil) : leastLoaded(in: layer)
    }

    /// The least loaded of some rows, or of all that the search hasn't seen, drawn among equals.
    private mutating func leastLoaded(in candidates: [Int32]?) -> Int {
        var load = Int.max
        var best: [Int32] = []
        func consider(_ row: Int32) {
            let count = rowColumns[Int(row)].count
            if count < load {
                load = count
                best.removeAll(keepingCapacity: true)
            }
            if count == load { best.append(row) }
        }
        if let candidates {
            for row in candidates { consider(row) }
        } else {
            for row in 0..<rows where rowSeen[row] != search { consider(Int32(truncatingIfNeeded: row)) }
        }
        return Int(best[below(best.count)])
    }

    /// Puts the edges in order and the cuts after them.
    private mutating func cut() throws(QWaveError) -> LDPCCode {
        var edges: [LDPCCode.Edge] = []
        var boundaries = [0]
        var stretches: [(start: Int, end: Int)] = []
        var byLength: [[Int]] = []
        func file(_ index: Int, length: Int) {
            while byLength.count <= length { byLength.append([]) }
            byLength[length].append(index)
        }
        for row in 0..<rows {
            var order = rowColumns[row]
            random.shuffle(&order)
            for column in order { edges.append(.init(column: Int(column), shift: 0)) }
            // A row that nothing fell to is no row.
            guard edges.count > boundaries[boundaries.count - 1] else { continue }
            stretches.append((boundaries[boundaries.count - 1], edges.count))
            boundaries.append(edges.count)
            file(stretches.count - 1, length: order.count)
        }
        var cuts: [Int] = []
        var length = byLength.count - 1
        while length >= 2, stretches.count < columns {
            if byLength[length].isEmpty {
                length -= 1
                continue
            }
            byLength[length].swapAt(below(byLength[length].count), byLength[length].count - 1)
            let index = byLength[length].removeLast()
            let (start, end) = stretches[index]
            let middle = (start + end) / 2
            cuts.append(middle)
            stretches[index] = (start, middle)
            stretches.append((middle, end))
            file(index, length: middle - start)
            file(stretches.count - 1, length: end - middle)
        }
        return try LDPCCode(lift: 64, columns: columns, edges: edges, boundaries: boundaries, cuts: cuts)
    }
}
