// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// A string of bits, packed into 64-bit words, whose storage is wiped when the last copy goes.
///
/// Bit i is bit (i mod 64) of word i/64; as bytes, bit i is bit (i mod 8) of byte i/8. Unused top bits of
/// the last word are zero, always. The value has no readable description: bit strings are mostly keys.
///
/// ```swift
/// var key = BitString([true, false, true])
/// key[1] = true
/// print(key.parity())  // true: three ones
/// ```
public struct BitString: Sendable {
    /// The words, in a box that overwrites them when it goes.
    final class Storage: @unchecked Sendable {
        // Mutated only behind a uniqueness check by the one BitString that holds it.
        var words: [UInt64]
        init(_ words: [UInt64]) { self.words = words }
        deinit { wipe() }

        private func wipe() {
            unsafe words.withUnsafeMutableBytes { unsafe qw_wipe($0.baseAddress, $0.count) }
        }

        /// Room for more words: an array that grows by itself leaves what it held behind.
        func makeRoom(for extra: Int) {
            guard words.capacity < words.count + extra else { return }
            var larger: [UInt64] = []
            larger.reserveCapacity(max(2 * words.count, words.count + extra))
            larger.append(contentsOf: words)
            wipe()
            words = larger
        }
    }

    var storage: Storage
    /// How many bits.
    public private(set) var count: Int

    init(adopting words: [UInt64], count: Int) {
        storage = Storage(words)
        self.count = count
    }

    /// `count` zero bits.
    public init(count: Int = 0) {
        precondition(count >= 0, "a bit string can't have a negative length")
        self.init(adopting: [UInt64](repeating: 0, count: (count + 63) / 64), count: count)
    }

    /// The given bits, first bit first.
    public init(_ bits: some Sequence<Bool>) {
        var words: [UInt64] = []
        var count = 0
        for bit in bits {
            if count & 63 == 0 { words.append(0) }
            if bit { words[count >> 6] |= 1 << UInt64(count & 63) }
            count += 1
        }
        self.init(adopting: words, count: count)
    }

    /// The first `count` bits of packed words; bits of the last word beyond `count` are cleared.
    ///
    /// - Precondition: `words` holds at least `count` bits.
    public init(words: some Sequence<UInt64>, count: Int) {
        let needed = (count + 63) / 64
        var kept: [UInt64] = []
        kept.reserveCapacity(needed)
        for word in words.prefix(needed) { kept.append(word) }
        precondition(kept.count == needed, "too few words for the length")
        if count & 63 != 0 { kept[needed - 1] &= (1 << UInt64(count & 63)) - 1 }
        self.init(adopting: kept, count: count)
    }

    /// The bits of packed bytes, all of them or the first `count`.
    ///
    /// - Precondition: `bytes` holds at least `count` bits.
    public init(bytes: some Collection<UInt8>, count: Int? = nil) {
        let count = count ?? bytes.count * 8
        precondition(count <= bytes.count * 8, "too few bytes for the length")
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        for (index, byte) in bytes.prefix((count + 7) / 8).enumerated() {
            words[index >> 3] |= UInt64(byte) << UInt64((index & 7) * 8)
        }
        if count & 63 != 0 { words[words.count - 1] &= (1 << UInt64(count & 63)) - 1 }
        self.init(adopting: words, count: count)
    }

    public var isEmpty: Bool { count == 0 }
    /// How many 64-bit words the bits take.
    public var wordCount: Int { (count + 63) >> 6 }

    mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.words) }
    }

    /// The bit at `index`.
    public subscript(index: Int) -> Bool {
        get {
            precondition(index >= 0 && index < count, "bit index out of range")
            return storage.words[index >> 6] >> UInt64(index & 63) & 1 != 0
        }
        set {
            precondition(index >= 0 && index < count, "bit index out of range")
            makeUnique()
            let mask: UInt64 = 1 << UInt64(index & 63)
            if newValue { storage.words[index >> 6] |= mask } else { storage.words[index >> 6] &= ~mask }
        }
    }

    /// Inverts the bit at `index`.
    public mutating func flip(at index: Int) {
        precondition(index >= 0 && index < count, "bit index out of range")
        makeUnique()
        storage.words[index >> 6] ^= 1 << UInt64(index & 63)
    }

    /// Calls `body` with the packed words.
    public func withWords<R, E: Error>(_ body: (Span<UInt64>) throws(E) -> R) throws(E) -> R {
        let words = storage.words
        return try body(words.span)
    }

    /// Calls `body` with the packed words for change; bits beyond `count` are cleared afterwards.
    public mutating func withMutableWords<R, E: Error>(
        _ body: (inout MutableSpan<UInt64>) throws(E) -> R
    ) throws(E) -> R {
        makeUnique()
        defer { clearPadding() }
        return try unsafe storage.words.withUnsafeMutableBufferPointer { (buffer) throws(E) -> R in
            var span = unsafe MutableSpan(_unsafeElements: buffer)
            return try body(&span)
        }
    }

    private mutating func clearPadding() {
        if count & 63 != 0 { storage.words[storage.words.count - 1] &= (1 << UInt64(count & 63)) - 1 }
    }

    /// Appends one bit.
    public mutating func append(_ bit: Bool) {
        makeUnique()
        storage.makeRoom(for: 1)
        if count & 63 == 0 { storage.words.append(0) }
        if bit { storage.words[count >> 6] |= 1 << UInt64(count & 63) }
        count += 1
    }

    /// Appends all bits of another string.
    public mutating func append(_ other: BitString) {
        makeUnique()
        storage.makeRoom(for: other.wordCount + 1)
        let shift = UInt64(count & 63)
        let source = other.storage.words
        if shift == 0 {
            storage.words.append(contentsOf: source)
        } else {
            for word in source {
                storage.words[storage.words.count - 1] |= word << shift
                storage.words.append(word >> (64 - shift))
            }
        }
        count += other.count
        let needed = wordCount
        if storage.words.count > needed { storage.words.removeLast(storage.words.count - needed) }
    }
}

extension BitString: Equatable {
    /// Constant time for equal lengths.
    public static func == (a: BitString, b: BitString) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt64 = 0
        for index in 0..<a.wordCount { difference |= a.storage.words[index] ^ b.storage.words[index] }
        return difference == 0
    }
}

extension BitString: CustomStringConvertible, CustomReflectable {
    /// Says only how long the string is.
    public var description: String { "BitString(\(count) bits)" }
    public var customMirror: Mirror { Mirror(self, children: ["count": count]) }
}
