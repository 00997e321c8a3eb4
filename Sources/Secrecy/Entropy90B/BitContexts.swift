// SPDX-License-Identifier: GPL-3.0-or-later

/// What `ContextTable` knows, for bits: the two counts of every context of every length in one word each, so that a
/// prediction is one look.
struct BitContexts {
    /// The context of `length` bits stands at 2^length + its value: the count of 0 in the low half, of 1 in the high.
    private var counts: [UInt64]

    init(depth: Int) { counts = [UInt64](repeating: 0, count: 1 << (depth + 1)) }

    /// Where the last `length` bits of a history have their counts.
    @inline(__always)
    static func cell(_ history: Int, _ length: Int) -> Int {
        (1 &<< length) | (history & ((1 &<< length) &- 1))
    }

    @inline(__always)
    func isKnown(_ cell: Int) -> Bool { counts[cell] != 0 }

    /// Counts a bit that followed.
    ///
    /// - Parameter mayAdd: false leaves a bit alone that never followed this context.
    /// - Returns: true if it was the first time.
    @inline(__always)
    mutating func count(_ cell: Int, _ bit: UInt8, mayAdd: Bool) -> Bool {
        let shift = UInt64(bit) &* 32
        let pair = counts[cell]
        let isNew = UInt32(truncatingIfNeeded: pair &>> shift) == 0
        if isNew, !mayAdd { return false }
        counts[cell] = pair &+ (1 &<< shift)
        return isNew
    }

    /// Count · 2 + bit of the more common successor, of equally common ones 1; 0 where the context isn't known.
    @inline(__always)
    func prediction(_ cell: Int) -> UInt64 {
        let pair = counts[cell]
        let ones = pair &>> 32
        let zeros = pair & 0xFFFF_FFFF
        return ones >= zeros ? ones &<< 1 | (ones == 0 ? 0 : 1) : zeros &<< 1
    }
}
