// SPDX-License-Identifier: GPL-3.0-or-later
import Reconciliation

extension Protograph {
    /// The code with rows that may be cut in the middle, the longest first.
    ///
    /// Each half of a row gets its share of every column degree.
    func code(lift: Int, cuts: Int) throws -> LDPCCode {
        var edges: [LDPCCode.Edge] = []
        var boundaries = [0]
        var middles: [(length: Int, cut: Int)] = []
        for row in byRow {
            let ordered = row.sorted { (degrees[$0.other], $0.other) < (degrees[$1.other], $1.other) }
            // Dealt to the halves as 0 1 1 0, so that neither gets the heavier of each pair.
            let halves = [0, 1].map { half in
                ordered.enumerated().filter { ($0.offset + $0.offset / 2) % 2 == half }.map(\.element)
            }
            middles.append((row.count, edges.count + halves[0].count))
            edges += (halves[0] + halves[1]).map { .init(column: $0.other, shift: $0.shift % lift) }
            boundaries.append(edges.count)
        }
        // Far apart in the chain of degree 2, so that cuts shorten it evenly.
        let spread = middles.indices.map { (index: $0, place: ($0 * 377) % middles.count) }
            .sorted { $0.place < $1.place }.map { middles[$0.index] }
        return try LDPCCode(
            lift: lift, columns: degrees.count, edges: edges, boundaries: boundaries,
            cuts: spread.prefix(cuts).map(\.cut))
    }
}
