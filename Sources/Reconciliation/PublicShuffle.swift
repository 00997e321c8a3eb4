// SPDX-License-Identifier: GPL-3.0-or-later

/// Public randomness of one block: everything drawn from the seed that the initiator announced.
///
/// Nothing here is secret, so a small fast generator (SplitMix64) does; the seed itself comes from the
/// initiator's random source after both raw keys are fixed.
struct PublicShuffle {
    private var state: UInt64

    /// A stream of its own for each purpose of one seed.
    init(seed: UInt64, stream: UInt64) {
        state = Self.mix(seed ^ Self.mix(stream &+ 0x9E37_79B9_7F4A_7C15))
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// Puts `items` into a random order (Fisher–Yates; the bias of the multiply is below 2^-32).
    mutating func shuffle(_ items: inout [Int32]) { shuffle(&items, items.indices) }

    /// Puts the items of `range` into a random order among themselves.
    mutating func shuffle(_ items: inout [Int32], _ range: Range<Int>) {
        var left = range.count
        while left > 1 {
            let draw = Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(left)).high)
            left &-= 1
            items.swapAt(range.lowerBound &+ left, range.lowerBound &+ draw)
        }
    }

    /// Word `index` of the random subset with this seed: bit j belongs when bit j of the word is one.
    @inline(__always)
    static func subsetWord(seed: UInt64, index: Int) -> UInt64 {
        mix(seed &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// True when `bit` belongs to the random subset with this seed.
    @inline(__always)
    static func subset(seed: UInt64, contains bit: Int) -> Bool {
        subsetWord(seed: seed, index: bit >> 6) >> UInt64(bit & 63) & 1 != 0
    }
}
