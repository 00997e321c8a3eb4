// SPDX-License-Identifier: GPL-3.0-or-later

extension BitString {
    /// How many bits are one.
    public var onesCount: Int {
        var total = 0
        for word in storage.words { total &+= word.nonzeroBitCount }
        return total
    }

    /// True when an odd number of bits is one.
    public func parity() -> Bool {
        var sum: UInt64 = 0
        for word in storage.words { sum ^= word }
        return sum.nonzeroBitCount & 1 != 0
    }

    /// The parity of the bits in `range`; O(range length / 64).
    public func parity(of range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range out of bounds")
        guard !range.isEmpty else { return false }
        let first = range.lowerBound >> 6
        let last = (range.upperBound - 1) >> 6
        let low = ~UInt64(0) << UInt64(range.lowerBound & 63)
        let high = ~UInt64(0) >> UInt64(63 - (range.upperBound - 1) & 63)
        if first == last { return (storage.words[first] & low & high).nonzeroBitCount & 1 != 0 }
        var sum = storage.words[first] & low
        for index in first + 1..<last { sum ^= storage.words[index] }
        sum ^= storage.words[last] & high
        return sum.nonzeroBitCount & 1 != 0
    }

    /// The bits of `range` as a string of their own.
    public subscript(range: Range<Int>) -> BitString {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range out of bounds")
        let length = range.count
        let shift = UInt64(range.lowerBound & 63)
        let base = range.lowerBound >> 6
        var words = [UInt64](repeating: 0, count: (length + 63) >> 6)
        for index in words.indices {
            var word = storage.words[base + index] >> shift
            if shift != 0, base + index + 1 < storage.words.count {
                word |= storage.words[base + index + 1] << (64 - shift)
            }
            words[index] = word
        }
        if length & 63 != 0 { words[words.count - 1] &= (1 << UInt64(length & 63)) - 1 }
        // These words, not a copy of them: what isn't adopted isn't wiped.
        return BitString(adopting: words, count: length)
    }

    public static func ^= (a: inout BitString, b: BitString) {
        precondition(a.count == b.count, "bit strings of different lengths")
        a.makeUnique()
        for index in 0..<a.wordCount { a.storage.words[index] ^= b.storage.words[index] }
    }

    public static func ^ (a: BitString, b: BitString) -> BitString {
        var result = a
        result ^= b
        return result
    }

    public static func &= (a: inout BitString, b: BitString) {
        precondition(a.count == b.count, "bit strings of different lengths")
        a.makeUnique()
        for index in 0..<a.wordCount { a.storage.words[index] &= b.storage.words[index] }
    }

    public static func & (a: BitString, b: BitString) -> BitString {
        var result = a
        result &= b
        return result
    }

    /// In how many places the two strings differ.
    public func distance(to other: BitString) -> Int {
        precondition(count == other.count, "bit strings of different lengths")
        var total = 0
        for index in 0..<wordCount {
            total &+= (storage.words[index] ^ other.storage.words[index]).nonzeroBitCount
        }
        return total
    }

    /// The string whose bit i is this string's bit `order[i]`.
    ///
    /// - Precondition: every index is in range; it need not be a whole permutation.
    public func permuted(by order: some Collection<Int>) -> BitString {
        let result = BitString(count: order.count)
        for (target, source) in order.enumerated() {
            precondition(source >= 0 && source < count, "bit index out of range")
            let bit = storage.words[source >> 6] >> UInt64(source & 63) & 1
            result.storage.words[target >> 6] |= bit << UInt64(target & 63)
        }
        return result
    }

    /// The bits as packed bytes, bit i in bit (i mod 8) of byte i/8; the copy isn't wiped.
    public var bytes: [UInt8] {
        let length = (count + 7) / 8
        return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            for index in 0..<length {
                unsafe buffer[index] = UInt8(
                    truncatingIfNeeded: storage.words[index >> 3] >> UInt64((index & 7) * 8))
            }
            initialized = length
        }
    }

    /// The bits one by one, first bit first.
    public var bits: [Bool] { (0..<count).map { self[$0] } }

    /// A uniformly random string.
    public static func random(count: Int, using source: some RandomSource) throws(QWaveError) -> BitString {
        let bytes = try source.bytes((count + 7) / 8)
        return BitString(bytes: bytes, count: count)
    }
}
