// SPDX-License-Identifier: GPL-3.0-or-later

/// The rank over GF(2) of row vectors that are added one by one.
struct GF2Rank {
    private let width: Int
    private var pivots: [Int: [UInt64]] = [:]

    /// - Parameter width: 64-bit words of a row.
    init(width: Int) { self.width = width }

    var rank: Int { pivots.count }

    mutating func add(_ row: [UInt64]) {
        precondition(row.count == width)
        var row = row
        for word in 0..<width {
            while row[word] != 0 {
                let column = word * 64 + row[word].trailingZeroBitCount
                guard let pivot = pivots[column] else {
                    pivots[column] = row
                    return
                }
                for index in 0..<width { row[index] ^= pivot[index] }
            }
        }
    }
}
