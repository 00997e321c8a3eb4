// SPDX-License-Identifier: GPL-3.0-or-later

/// The suffixes of a text in order, with what neighbors have in common: every question about repeated parts of the
/// text is then one pass.
///
/// Built in linear time, 20 bytes a symbol at the most.
public struct SuffixArray: Sendable {
    /// Beginnings of the suffixes, smallest suffix first.
    public let suffixes: [Int32]
    /// Length of the longest prefix that suffix i of the order shares with the one before; 0 for the first.
    public let commonPrefixes: [Int32]

    /// - Parameter text: fewer than 2³¹ symbols.
    public init(_ text: [UInt8]) {
        precondition(text.count < Int32.max, "a text of \(text.count) symbols is too long")
        suffixes = SuffixSorting.sort(text, alphabet: Int(text.max() ?? 0) + 1)
        commonPrefixes = Self.commonPrefixes(text, suffixes)
    }

    /// Kärkkäinen, Manzini and Puglisi, "Permuted longest-common-prefix array", 2009: in the order of the text the
    /// length shrinks by one symbol a step at the most.
    private static func commonPrefixes(_ text: [UInt8], _ suffixes: [Int32]) -> [Int32] {
        var shared = [Int32](repeating: -1, count: text.count)
        for index in 1..<max(1, text.count) { shared[Int(suffixes[index])] = suffixes[index - 1] }
        var length = 0
        for position in text.indices {
            let other = Int(shared[position])
            guard other >= 0 else {
                shared[position] = 0
                length = 0
                continue
            }
            let limit = text.count - max(position, other)
            while length < limit, text[position &+ length] == text[other &+ length] { length &+= 1 }
            shared[position] = Int32(truncatingIfNeeded: length)
            length = max(0, length - 1)
        }
        return suffixes.map { shared[Int($0)] }
    }

    /// Calls `body` once for each maximal set of suffixes that share a prefix of `length` symbols and no longer one,
    /// length 0 excepted.
    ///
    /// Every part of the text that occurs more than once, of any length, occurs in exactly one of these sets: that
    /// with `outer` < its length ≤ `length`.
    ///
    /// - Parameter body: gets the length, the largest length of an enclosing set, and how many suffixes there are.
    public func forEachRepeat(_ body: (_ length: Int, _ outer: Int, _ count: Int) -> Void) {
        var open: [(length: Int, begin: Int)] = [(0, 0)]
        for index in 1..<max(1, suffixes.count + 1) {
            let length = index < suffixes.count ? Int(commonPrefixes[index]) : 0
            var begin = index - 1
            while let last = open.last, last.length > length {
                open.removeLast()
                body(last.length, max(length, open[open.count - 1].length), index - last.begin)
                begin = last.begin
            }
            if open[open.count - 1].length < length { open.append((length, begin)) }
        }
    }
}
