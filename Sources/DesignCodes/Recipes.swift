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
    /// Judged by log-likelihoods of quantized fading, not by hard bits.
    var isSoft = false

    var columnCount: Int { columns.values.reduce(0, +) }
    var name: String { "\(isSoft ? "softRows" : "rows")\(rows)of\(columnCount)" }
    var degrees: Degrees { Degrees(columns: columns.mapValues(Double.init), rows: rows) }

    /// The graph, and its code with shifts modulo 4,096.
    func make() throws -> (graph: Protograph, code: LDPCCode) {
        let graph = Protograph(rows: rows, columns: columns, smallest: smallest, seed: seed)
        return (graph, try graph.code(lift: LDPCCode.resourceLift, cuts: cuts, unit: unit))
    }

    /// For hard bits, from a leak of 0.10 to 0.66 per bit, each up to where the next one starts.
    static let hard: [LongRecipe] = [
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

    private static func soft(_ rows: Int, _ cuts: Int, _ columns: [Int: Int]) -> LongRecipe {
        LongRecipe(rows: rows, cuts: cuts, columns: columns, smallest: 64, isSoft: true)
    }

    /// From 0.09 to 0.8, judged by the log-likelihoods that label bits of fading have in a session; 256 columns, and
    /// the same shares of 128 (from 0.31 on) and 384.
    static let soft: [LongRecipe] = [
        soft(40, 8, [2: 39, 3: 66, 8: 5, 10: 8, 12: 2, 18: 1, 22: 1, 30: 6]),
        soft(47, 9, [2: 46, 3: 57, 7: 1, 8: 10, 10: 4, 12: 2, 18: 1, 22: 1, 30: 6]),
        soft(54, 13, [2: 53, 3: 49, 5: 1, 7: 3, 8: 16, 30: 6]),
        soft(65, 9, [2: 56, 3: 46, 5: 5, 6: 4, 7: 3, 8: 1, 10: 2, 12: 3, 15: 1, 18: 1, 26: 6]),
        soft(73, 9, [2: 60, 3: 44, 4: 1, 5: 3, 6: 4, 7: 2, 8: 4, 10: 1, 12: 2, 15: 1, 18: 3, 26: 3]),
        soft(80, 12, [2: 64, 3: 43, 4: 2, 5: 1, 6: 4, 7: 1, 8: 5, 12: 1, 15: 1, 18: 6]),
        soft(90, 16, [2: 68, 3: 40, 4: 2, 5: 4, 6: 1, 8: 4, 10: 1, 12: 1, 15: 2, 18: 5]),
        soft(22, 8, [2: 21, 3: 200, 12: 35]),
        soft(29, 8, [2: 28, 3: 190, 4: 4, 6: 1, 7: 1, 10: 1, 12: 2, 15: 29]),
        soft(36, 12, [2: 35, 3: 186, 4: 1, 12: 2, 15: 1, 18: 31]),
        soft(47, 19, [2: 46, 3: 169, 4: 2, 5: 1, 6: 1, 7: 1, 8: 1, 12: 16, 18: 1, 22: 18]),
        soft(65, 16, [2: 64, 3: 151, 10: 18, 12: 8, 15: 1, 18: 1, 26: 1, 30: 12]),
        soft(80, 14, [2: 79, 3: 133, 7: 1, 8: 10, 10: 15, 12: 3, 18: 2, 22: 1, 30: 12]),
        soft(93, 16, [2: 92, 3: 115, 7: 3, 8: 21, 10: 8, 12: 3, 18: 1, 22: 1, 30: 12]),
        soft(108, 23, [2: 106, 3: 99, 4: 1, 5: 1, 7: 5, 8: 32, 30: 12]),
        soft(130, 16, [2: 113, 3: 92, 5: 10, 6: 9, 7: 6, 8: 3, 10: 4, 12: 5, 15: 2, 18: 1, 26: 11]),
        soft(145, 15, [2: 121, 3: 89, 4: 2, 5: 6, 6: 8, 7: 4, 8: 7, 10: 2, 12: 3, 15: 2, 18: 6, 26: 6]),
        soft(159, 22, [2: 128, 3: 86, 4: 4, 5: 3, 6: 8, 7: 2, 8: 10, 12: 1, 15: 2, 18: 12]),
        soft(180, 30, [2: 136, 3: 81, 4: 4, 5: 8, 6: 3, 7: 1, 8: 8, 10: 1, 12: 1, 15: 3, 18: 10]),
        soft(33, 12, [2: 32, 3: 300, 12: 52]),
        soft(44, 12, [2: 42, 3: 285, 4: 6, 6: 2, 7: 2, 10: 1, 12: 3, 15: 43]),
        soft(54, 18, [2: 53, 3: 279, 4: 2, 12: 3, 15: 1, 18: 46]),
        soft(70, 28, [2: 69, 3: 254, 4: 3, 5: 2, 6: 2, 7: 1, 8: 1, 12: 24, 18: 1, 22: 27]),
        soft(98, 24, [2: 96, 3: 227, 10: 27, 12: 12, 15: 2, 18: 1, 26: 1, 30: 18]),
        soft(120, 21, [2: 119, 3: 200, 7: 2, 8: 15, 10: 22, 12: 4, 18: 3, 22: 1, 30: 18]),
        soft(140, 24, [2: 138, 3: 173, 7: 5, 8: 32, 10: 12, 12: 4, 18: 1, 22: 1, 30: 18]),
        soft(162, 34, [2: 159, 3: 149, 4: 2, 5: 1, 7: 7, 8: 48, 30: 18]),
        soft(195, 24, [2: 170, 3: 138, 5: 15, 6: 14, 7: 9, 8: 5, 10: 6, 12: 7, 15: 3, 18: 1, 26: 16]),
        soft(218, 22, [2: 182, 3: 134, 4: 3, 5: 9, 6: 12, 7: 6, 8: 10, 10: 3, 12: 4, 15: 3, 18: 9, 26: 9]),
        soft(238, 33, [2: 192, 3: 129, 4: 6, 5: 5, 6: 12, 7: 3, 8: 15, 12: 1, 15: 3, 18: 18]),
        soft(270, 45, [2: 204, 3: 122, 4: 6, 5: 12, 6: 5, 7: 2, 8: 12, 10: 1, 12: 1, 15: 4, 18: 15]),
    ]

    static let all = hard + soft
}
