// SPDX-License-Identifier: GPL-3.0-or-later
import Reconciliation

/// What a mother code for long frames is made from.
struct LongRecipe {
    var rows: Int
    /// Rows that may be cut.
    var cuts: Int
    /// Columns of each degree, as `design-codes degrees` found them.
    var columns: [Int: Int]
    var seed: UInt64 = 1

    var columnCount: Int { columns.values.reduce(0, +) }
    var name: String { "rows\(rows)of\(columnCount)" }
    var degrees: Degrees { Degrees(columns: columns.mapValues(Double.init), rows: rows) }

    /// The graph, and its code with shifts modulo 4,096.
    func make() throws -> (graph: Protograph, code: LDPCCode) {
        let graph = Protograph(rows: rows, columns: columns, smallest: 64, seed: seed)
        return (graph, try graph.code(lift: LDPCCode.resourceLift, cuts: cuts))
    }

    static let all: [LongRecipe] = [
        LongRecipe(rows: 117, cuts: 23, columns: [2: 103, 3: 80, 5: 41, 15: 26, 30: 6])
    ]
}
