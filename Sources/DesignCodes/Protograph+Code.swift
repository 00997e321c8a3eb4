// SPDX-License-Identifier: GPL-3.0-or-later
import Reconciliation

extension Protograph {
    /// The code with rows that may be cut in the middle.
    ///
    /// Each half of a row gets its share of every column degree.
    func code(lift: Int, cuts: Int, unit: Int) throws -> LDPCCode {
        var edges: [LDPCCode.Edge] = []
        var boundaries = [0]
        var middles: [Int] = []
        for row in byRow {
            let ordered = row.sorted { (degrees[$0.other], $0.other) < (degrees[$1.other], $1.other) }
            // Dealt to the halves as 0 1 1 0, so that neither gets the heavier of each pair.
            let halves = [0, 1].map { half in
                ordered.enumerated().filter { ($0.offset + $0.offset / 2) % 2 == half }.map(\.element)
            }
            middles.append(edges.count + halves[0].count)
            edges += (halves[0] + halves[1]).map { .init(column: $0.other, shift: $0.shift % lift) }
            boundaries.append(edges.count)
        }
        // In the order of a golden rotation, so that cuts are spread over the rows at every level.
        let turn = 0.5 * (5.0.squareRoot() - 1)
        let spread = middles.indices.sorted {
            (Double($0) * turn).truncatingRemainder(dividingBy: 1)
                < (Double($1) * turn).truncatingRemainder(dividingBy: 1)
        }
        return try LDPCCode(
            lift: lift, columns: degrees.count, edges: edges, boundaries: boundaries,
            cuts: spread.prefix(cuts).map { middles[$0] }, unit: unit)
    }
}
