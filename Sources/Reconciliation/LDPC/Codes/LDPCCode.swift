// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
public import QWaveCore

/// A family of nested quasi-cyclic LDPC codes: one mother code and an order in which its checks are split.
///
/// The code has `columns` blocks of `lift` bits. Its edges stand in one permanent order, and a row of checks is a
/// contiguous stretch of it. Level k cuts k rows in two, each at the next place of a stored order: a row over
/// [a, b) that is cut at c becomes one over [a, c) and one over [c, b). So each level leaks `lift` bits more than
/// the one before; of a cut row only the first half's syndrome is new, since the second half's is the sum of that
/// and of what is known. No edge moves: what a decoder has learned on its edges stays good.
///
/// A code whose shifts are all zero serves short frames: lift 64, one lane a frame, `columns` bits a frame.
public struct LDPCCode: Sendable {
    /// One circulant: bit z of the row's block meets bit (z + shift) mod lift of the column's block.
    public struct Edge: Sendable, Equatable {
        public var column: UInt16
        public var shift: UInt16

        public init(column: Int, shift: Int) {
            self.column = UInt16(column)
            self.shift = UInt16(shift)
        }
    }

    /// Edges of a row at the most.
    public static let degreeLimit = Int(QW_LDPC_DEGREE_LIMIT)

    /// Bits of a block: a multiple of 64, 65,472 at the most.
    public let lift: Int
    /// Blocks of bits.
    public let columns: Int
    /// Units of a log-likelihood ratio to the nat: 3, or 4 for codes with long rows, whose messages are small.
    public let unit: Int
    /// All edges, in their permanent order.
    public let edges: [Edge]
    /// False when every shift is zero: each lane is then a frame of its own.
    public let isShifted: Bool
    /// Where the rows of level 0 start in `edges`, then the number of edges.
    let baseBoundaries: [UInt32]
    /// Where the levels cut, in order.
    let cuts: [UInt32]

    /// A code from its parts, checked.
    ///
    /// - Parameters:
    ///   - boundaries: where the rows of level 0 start in `edges`, ascending from 0, then the number of edges.
    ///   - cuts: further places in `edges`, each inside a row of the level before.
    ///   - unit: 3 or 4.
    /// - Throws: `.badInput` when a row would be empty, longer than `degreeLimit` or hold a column twice, when a
    ///   column has no edge, or when anything is out of range.
    public init(
        lift: Int, columns: Int, edges: [Edge], boundaries: [Int], cuts: [Int], unit: Int = 3
    ) throws(QWaveError) {
        func fail(_ why: String) -> QWaveError { QWaveError(.badInput, "this isn't an LDPC code: \(why)") }
        guard lift >= 64, lift % 64 == 0, lift <= 65472 else {
            throw fail("the lift is \(lift), not a multiple of 64 up to 65472")
        }
        guard columns >= 1, columns <= 65536, edges.count <= 1 << 24 else {
            throw fail("\(columns) columns and \(edges.count) edges are out of range")
        }
        guard unit == 3 || unit == 4 else { throw fail("a nat has 3 or 4 units, not \(unit)") }
        var used = [Bool](repeating: false, count: columns)
        for (index, edge) in edges.enumerated() {
            guard Int(edge.column) < columns, Int(edge.shift) < lift else {
                throw fail(
                    "edge \(index) goes to column \(edge.column) of \(columns) with shift \(edge.shift) of \(lift)"
                )
            }
            used[Int(edge.column)] = true
        }
        if let lonely = used.firstIndex(of: false) { throw fail("no row checks column \(lonely)") }
        guard boundaries.count >= 2, boundaries.first == 0, boundaries.last == edges.count else {
            throw fail("the rows don't cover the \(edges.count) edges")
        }
        var lastRow = [Int](repeating: -1, count: columns)
        for (row, (start, end)) in zip(boundaries, boundaries.dropFirst()).enumerated() {
            guard start >= 0, start < end, end <= edges.count, end - start <= Self.degreeLimit else {
                throw fail("row \(row) runs from edge \(start) to \(end)")
            }
            for edge in edges[start..<end] {
                guard lastRow[Int(edge.column)] != row else {
                    throw fail("row \(row) holds column \(edge.column) twice")
                }
                lastRow[Int(edge.column)] = row
            }
        }
        var isBoundary = [Bool](repeating: false, count: edges.count + 1)
        for boundary in boundaries { isBoundary[boundary] = true }
        for (index, cut) in cuts.enumerated() {
            guard cut > 0, cut < edges.count, !isBoundary[cut] else {
                throw fail("cut \(index) is at edge \(cut), where no row can be cut")
            }
            isBoundary[cut] = true
        }
        self.lift = lift
        self.columns = columns
        self.unit = unit
        self.edges = edges
        isShifted = edges.contains { $0.shift != 0 }
        baseBoundaries = boundaries.map { UInt32($0) }
        self.cuts = cuts.map { UInt32($0) }
    }

    /// Bits of all blocks together: those of a frame, or of 64 frames where there are no shifts.
    public var bitCount: Int { columns * lift }
    /// The last level; the first is 0.
    public var levels: Int { cuts.count }
    /// Rows of checks, each `lift` of them, at a level.
    public func rows(level: Int) -> Int { baseBoundaries.count - 1 + level }

    /// Where each row of a level starts, ascending, then the number of edges.
    ///
    /// - Precondition: `level` is 0 to `levels`.
    public func boundaries(level: Int) -> [UInt32] {
        precondition(level >= 0 && level <= levels, "no such level")
        return (baseBoundaries + cuts[..<level]).sorted()
    }

    /// The row of level `level` that the next level cuts, and the edges of its first half.
    ///
    /// - Precondition: `level` is below `levels`.
    public func cut(after level: Int) -> (row: Int, edges: Range<Int>) {
        precondition(level >= 0 && level < levels, "there is no level after this one")
        let bounds = boundaries(level: level)
        let row = bounds.firstIndex { $0 > cuts[level] }! - 1
        return (row, Int(bounds[row])..<Int(cuts[level]))
    }
}
