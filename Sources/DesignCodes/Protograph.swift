// SPDX-License-Identifier: GPL-3.0-or-later
import Reconciliation

/// A code under construction: blocks of rows and columns joined by circulants.
///
/// Columns of degree 2 join rows to trees, so that they close no cycle among themselves. A shift is the one that closes the fewest short cycles at the
/// smallest lift, cycles through columns of low degree weighing most; larger lifts have more shifts to choose
/// from, and these are chosen among those that are equal to it modulo the smallest. Splitting rows later only
/// takes cycles away.
struct Protograph {
    struct Join {
        var other: Int
        var shift: Int
    }

    let rows: Int
    let degrees: [Int]
    /// The lift at which no cycle of length 4 may be left.
    let smallest: Int
    /// A multiple of it, to which shifts are told.
    let largest = LDPCCode.resourceLift
    private(set) var byRow: [[Join]]
    private(set) var byColumn: [[Join]]
    /// Edges that close a cycle of length 4, and of length 6, at the smallest lift.
    private(set) var shortCycles = (four: 0, six: 0)
    private var random: SplitMix
    /// Edges of the shortest and of the longest row.
    var rowDegrees: ClosedRange<Int> { byRow.map(\.count).min()!...byRow.map(\.count).max()! }

    /// - Parameter degrees: columns of each degree.
    init(rows: Int, columns: [Int: Int], smallest: Int, seed: UInt64) {
        self.rows = rows
        self.smallest = smallest
        degrees = columns.sorted { $0.key < $1.key }.flatMap { Array(repeating: $0.key, count: $0.value) }
        byRow = Array(repeating: [], count: rows)
        byColumn = Array(repeating: [], count: degrees.count)
        random = SplitMix(seed: seed)
        let twos = degrees.prefix { $0 == 2 }.count
        precondition(twos < rows, "the chain of degree 2 needs a row more than it has columns")
        var trees = Array(byRow.indices)
        for column in degrees.indices {
            for edge in 0..<degrees[column] {
                var row = freeRow(for: column, besides: [])
                if column < twos, edge == 1 {
                    let tree = trees[byColumn[column][0].other]
                    row = freeRow(for: column, besides: Set(trees.indices.filter { trees[$0] == tree }))
                    let joined = trees[row]
                    for other in trees.indices where trees[other] == joined { trees[other] = tree }
                }
                place(row, column)
            }
        }
    }

    /// A row that has room for another edge, each free place as likely as any other.
    ///
    /// Evenly spread rows would be simpler, but they decode later: density evolution has every row meet a random
    /// mixture of columns.
    private mutating func freeRow(for column: Int, besides excluded: Set<Int>) -> Int {
        let taken = excluded.union(byColumn[column].map(\.other))
        let free = byRow.indices.filter { !taken.contains($0) }
        let total = degrees.reduce(0, +)
        let capacity = free.map { max(0, total / rows + ($0 < total % rows ? 1 : 0) - byRow[$0].count) }
        var pick = capacity.reduce(0, +)
        if pick == 0 { return free.min { byRow[$0].count < byRow[$1].count }! }
        pick = Int.random(in: 0..<pick, using: &random)
        for (row, room) in zip(free, capacity) {
            pick -= room
            if pick < 0 { return row }
        }
        return free[0]
    }

    /// Adds an edge with the best shift.
    private mutating func place(_ row: Int, _ column: Int) {
        var weights = [Double](repeating: 0, count: largest)
        func normal(_ shift: Int) -> Int { (shift % largest + largest) % largest }
        for first in byColumn[column] {
            for second in byRow[first.other] where second.other != column {
                let twoOn = first.shift - second.shift
                for third in byColumn[second.other] where third.other != first.other {
                    if third.other == row {
                        weights[normal(twoOn + third.shift)] += 1e6
                        continue
                    }
                    let lowness = 64.0 / Double(1 << min(20, degrees[column] + degrees[second.other]))
                    for fourth in byRow[third.other]
                    where fourth.other != second.other && fourth.other != column {
                        for fifth in byColumn[fourth.other] where fifth.other == row {
                            let weight = lowness / Double(1 << min(20, degrees[fourth.other]))
                            weights[normal(twoOn + third.shift - fourth.shift + fifth.shift)] += max(
                                1e-9, weight)
                        }
                    }
                }
            }
        }
        var small = [Double](repeating: 0, count: smallest)
        for (shift, weight) in weights.enumerated() { small[shift % smallest] += weight }
        let least = small.min()!
        let residue = small.indices.filter { small[$0] == least }.randomElement(using: &random)!
        if least >= 1e6 { shortCycles.four += 1 } else if least > 0 { shortCycles.six += 1 }
        let lifted = stride(from: residue, to: largest, by: smallest)
        let lowest = lifted.map { weights[$0] }.min()!
        let shift = lifted.filter { weights[$0] == lowest }.randomElement(using: &random)!
        byRow[row].append(Join(other: column, shift: shift))
        byColumn[column].append(Join(other: row, shift: shift))
    }
}
