// SPDX-License-Identifier: GPL-3.0-or-later

/// The rank over GF(2) of rows of 128 bits.
struct BinaryRank {
    private var pivots = [(UInt64, UInt64)?](repeating: nil, count: 128)
    private(set) var value = 0

    mutating func add(_ row: (UInt64, UInt64)) {
        var row = row
        while row.0 != 0 || row.1 != 0 {
            let column = row.0 != 0 ? row.0.trailingZeroBitCount : 64 + row.1.trailingZeroBitCount
            guard let pivot = pivots[column] else {
                pivots[column] = row
                value += 1
                return
            }
            row.0 ^= pivot.0
            row.1 ^= pivot.1
        }
    }
}
