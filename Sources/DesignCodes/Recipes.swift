// SPDX-License-Identifier: GPL-3.0-or-later
import Reconciliation

/// What a mother code for long frames is made from.
struct LongRecipe {
    var rows: Int
    /// Rows that may be cut.
    var cuts: Int
    /// Columns of each degree, as a search like `design-codes degrees` found them.
    var columns: [Int: Int]
    /// The lift from which no cycle of length 4 is left.
    var smallest: Int
    /// 4 where rows are long, 3 where columns of high degree would often saturate.
    var unit = 3
    var seed: UInt64 = 1

    var columnCount: Int { columns.values.reduce(0, +) }
    var name: String { "rows\(rows)of\(columnCount)" }
    var degrees: Degrees { Degrees(columns: columns.mapValues(Double.init), rows: rows) }

    /// The graph, and its code with shifts modulo 4,096.
    func make() throws -> (graph: Protograph, code: LDPCCode) {
        let graph = Protograph(rows: rows, columns: columns, smallest: smallest, seed: seed)
        return (graph, try graph.code(lift: LDPCCode.resourceLift, cuts: cuts, unit: unit))
    }

    /// From a leak of 0.10 to 0.66 per bit, each up to where the next one starts.
    static let all: [LongRecipe] = [
        LongRecipe(
            rows: 52, cuts: 10, columns: [2: 50, 3: 281, 8: 56, 9: 44, 10: 35, 30: 46], smallest: 256, unit: 4
        ),
        LongRecipe(
            rows: 62, cuts: 13, columns: [2: 60, 3: 281, 8: 38, 9: 48, 10: 42, 30: 43], smallest: 256, unit: 4
        ),
        LongRecipe(
            rows: 75, cuts: 15, columns: [2: 73, 3: 276, 9: 84, 10: 42, 35: 37], smallest: 128, unit: 4),
        LongRecipe(
            rows: 90, cuts: 17, columns: [2: 88, 3: 267, 8: 44, 9: 50, 10: 15, 12: 10, 30: 38], smallest: 128,
            unit: 4),
        LongRecipe(
            rows: 107, cuts: 21, columns: [2: 105, 3: 256, 8: 51, 9: 47, 10: 15, 30: 38], smallest: 128,
            unit: 4),
        LongRecipe(
            rows: 128, cuts: 25, columns: [2: 126, 3: 240, 8: 66, 9: 43, 30: 37], smallest: 128, unit: 4),
        LongRecipe(rows: 153, cuts: 43, columns: [2: 151, 3: 220, 8: 82, 9: 25, 30: 34], smallest: 64),
        LongRecipe(
            rows: 98, cuts: 19, columns: [2: 96, 3: 84, 5: 17, 6: 22, 7: 4, 8: 4, 15: 21, 30: 8], smallest: 64
        ),
        LongRecipe(rows: 117, cuts: 23, columns: [2: 103, 3: 80, 5: 41, 15: 26, 30: 6], smallest: 64),
        LongRecipe(rows: 140, cuts: 28, columns: [2: 114, 3: 73, 4: 16, 5: 25, 15: 26, 30: 2], smallest: 64),
    ]
}
