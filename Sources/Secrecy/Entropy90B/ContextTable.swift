// SPDX-License-Identifier: GPL-3.0-or-later

/// Which symbols followed each context of one length, and how often: the memory of the Markov predictors.
///
/// Short contexts address a table; longer ones, of which few occur, are found by a hash.
struct ContextTable<Key: FixedWidthInteger & UnsignedInteger> {
    /// Tables of at most so many bits of context and symbol are addressed directly.
    private static var directBits: Int { 17 }

    private let symbolBits: Int
    private let isDirect: Bool
    /// For each context its best successor: count · 256 + symbol. The largest such number is the highest count, and
    /// of equal ones the largest symbol, as the standard breaks ties; 0 marks a context that isn't there.
    private var best: [UInt64]
    /// Direct: the count of (context, symbol).
    private var counts: [UInt32] = []
    /// Hashed: context numbers by hash, −1 for none; a power of two of them, at most half of them used.
    private var slots: [Int32] = []
    private var keys: [Key] = []
    /// Hashed: successors of a context as a list of (count, symbol, next).
    private var heads: [Int32] = []
    private var successors: [Successor] = []

    private struct Successor {
        var count: UInt32
        var next: Int32
        var symbol: UInt8
    }

    /// - Parameters:
    ///   - length: symbols a context.
    ///   - symbolBits: bits a symbol.
    ///   - capacity: the most contexts that will be added.
    init(length: Int, symbolBits: Int, capacity: Int) {
        self.symbolBits = symbolBits
        isDirect = (length + 1) * symbolBits <= Self.directBits
        best = []
        if isDirect {
            best = [UInt64](repeating: 0, count: 1 << (length * symbolBits))
            counts = [UInt32](repeating: 0, count: 1 << ((length + 1) * symbolBits))
        } else {
            var size = 16
            while size < 2 * capacity { size *= 2 }
            slots = [Int32](repeating: -1, count: size)
        }
    }

    /// The number of a context, or −1.
    @inline(__always)
    func find(_ key: Key) -> Int {
        if isDirect {
            let context = Int(truncatingIfNeeded: key)
            return best[context] == 0 ? -1 : context
        }
        var slot = place(key)
        while true {
            let context = Int(slots[slot])
            if context < 0 || keys[context] == key { return context }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
    }

    /// The number of a context that isn't there yet; `count` must follow.
    @inline(__always)
    mutating func insert(_ key: Key) -> Int {
        if isDirect { return Int(truncatingIfNeeded: key) }
        var slot = place(key)
        while slots[slot] >= 0 { slot = (slot &+ 1) & (slots.count &- 1) }
        slots[slot] = Int32(truncatingIfNeeded: keys.count)
        keys.append(key)
        best.append(0)
        heads.append(-1)
        return keys.count - 1
    }

    private func place(_ key: Key) -> Int {
        let low = UInt64(truncatingIfNeeded: key) &* 0x9E37_79B9_7F4A_7C15
        let high = UInt64(truncatingIfNeeded: key >> 64) &* 0xC2B2_AE3D_27D4_EB4F
        let mixed = (low ^ high ^ (low >> 29)) &* 0x94D0_49BB_1331_11EB
        return Int(truncatingIfNeeded: mixed >> 32) & (slots.count &- 1)
    }

    /// Counts a successor of a context.
    ///
    /// - Parameter mayAdd: false leaves a symbol alone that never followed this context.
    /// - Returns: true if it was the first time.
    @inline(__always)
    mutating func count(_ context: Int, _ symbol: UInt8, mayAdd: Bool) -> Bool {
        let count: UInt32
        if isDirect {
            let cell = context << symbolBits | Int(symbol)
            count = counts[cell] &+ 1
            if count == 1, !mayAdd { return false }
            counts[cell] = count
        } else {
            var item = Int(heads[context])
            while item >= 0, successors[item].symbol != symbol { item = Int(successors[item].next) }
            if item >= 0 {
                count = successors[item].count &+ 1
                successors[item].count = count
            } else {
                guard mayAdd else { return false }
                count = 1
                let entry = Successor(count: 1, next: heads[context], symbol: symbol)
                heads[context] = Int32(truncatingIfNeeded: successors.count)
                successors.append(entry)
            }
        }
        best[context] = max(best[context], UInt64(count) << 8 | UInt64(symbol))
        return count == 1
    }

    /// Count · 256 + symbol of the most common successor.
    @inline(__always)
    func prediction(_ context: Int) -> UInt64 { best[context] }
}
