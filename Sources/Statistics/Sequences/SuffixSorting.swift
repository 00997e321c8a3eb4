// SPDX-License-Identifier: GPL-3.0-or-later

/// Sorting of suffixes by induction (Nong, Zhang and Chan, "Linear suffix array construction by almost pure
/// induced-sorting", 2009): time and memory linear in the text.
///
/// A suffix is of type S if it is smaller than the one behind it, else of type L; an S behind an L is leftmost (LMS).
/// Sorted LMS suffixes give the order of all others in two passes.
struct SuffixSorting<Symbol: FixedWidthInteger> {
    private let text: [Symbol]
    /// True at suffixes of type S.
    private let isSmaller: [Bool]
    /// Where the suffixes that begin with a symbol end in the order, the symbol's own bucket included.
    private let bucketEnds: [Int32]

    /// - Parameter alphabet: symbols lie in 0..<alphabet.
    private init(_ text: [Symbol], alphabet: Int) {
        self.text = text
        var isSmaller = [Bool](repeating: false, count: text.count)
        var sizes = [Int32](repeating: 0, count: alphabet)
        sizes[Int(text[text.count - 1])] = 1
        for i in stride(from: text.count - 2, through: 0, by: -1) {
            isSmaller[i] = text[i] < text[i + 1] || (text[i] == text[i + 1] && isSmaller[i + 1])
            sizes[Int(text[i])] += 1
        }
        self.isSmaller = isSmaller
        for symbol in 1..<max(1, alphabet) { sizes[symbol] += sizes[symbol - 1] }
        bucketEnds = sizes
    }

    /// The beginnings of all suffixes in their order.
    static func sort(_ text: [Symbol], alphabet: Int) -> [Int32] {
        guard text.count > 1 else { return text.isEmpty ? [] : [0] }
        return SuffixSorting(text, alphabet: alphabet).sorted()
    }

    private func isLeftmost(_ position: Int) -> Bool {
        position > 0 && isSmaller[position] && !isSmaller[position - 1]
    }

    private func sorted() -> [Int32] {
        let leftmost = (0..<text.count).lazy.filter(isLeftmost).map(Int32.init)
        let positions = Array(leftmost)
        let order = induced(from: positions)
        guard positions.count > 1 else { return order }
        // LMS substrings are in order now; equal ones share a name, and the names make a shorter text.
        let byName = order.filter { isLeftmost(Int($0)) }
        let (names, count) = named(byName, positions)
        if count == positions.count { return induced(from: byName) }
        let shorter = SuffixSorting<Int32>.sort(names, alphabet: count)
        return induced(from: shorter.map { positions[Int($0)] })
    }

    /// The text of names, in the order of positions, and how many names there are.
    private func named(_ byName: [Int32], _ positions: [Int32]) -> (names: [Int32], count: Int) {
        // No two LMS positions are neighbors, so half a position finds its number.
        var number = [Int32](repeating: 0, count: text.count / 2 + 1)
        for (index, position) in positions.enumerated() { number[Int(position) / 2] = Int32(index) }
        var names = [Int32](repeating: 0, count: positions.count)
        var name: Int32 = 0
        for index in 1..<byName.count {
            let first = Int(number[Int(byName[index - 1]) / 2])
            let second = Int(number[Int(byName[index]) / 2])
            if !areEqual(first, second, positions) { name += 1 }
            names[second] = name
        }
        return (names, Int(name) + 1)
    }

    /// Whether two LMS substrings, each up to the next LMS symbol, are the same.
    private func areEqual(_ first: Int, _ second: Int, _ positions: [Int32]) -> Bool {
        // The last one ends with the text, which no other does.
        guard first + 1 < positions.count, second + 1 < positions.count else { return false }
        let a = Int(positions[first])
        let b = Int(positions[second])
        let length = Int(positions[first + 1]) - a
        guard Int(positions[second + 1]) - b == length else { return false }
        for i in 0...length where text[a + i] != text[b + i] { return false }
        return true
    }

    /// All suffixes, from LMS suffixes in an order: theirs where that is right, else that of the LMS substrings.
    private func induced(from order: [Int32]) -> [Int32] {
        let count = text.count
        var suffixes = [Int32](repeating: -1, count: count)
        var ends = bucketEnds
        for position in order.reversed() {
            let symbol = Int(text[Int(position)])
            ends[symbol] -= 1
            suffixes[Int(ends[symbol])] = position
        }
        var begins = [0] + bucketEnds.dropLast()
        func place(_ position: Int) {
            let symbol = Int(text[position])
            suffixes[Int(begins[symbol])] = Int32(truncatingIfNeeded: position)
            begins[symbol] &+= 1
        }
        place(count - 1)
        for index in 0..<count {
            let before = Int(suffixes[index]) - 1
            if before >= 0, !isSmaller[before] { place(before) }
        }
        ends = bucketEnds
        for index in stride(from: count - 1, through: 0, by: -1) {
            let before = Int(suffixes[index]) - 1
            if before >= 0, isSmaller[before] {
                let symbol = Int(text[before])
                ends[symbol] &-= 1
                suffixes[Int(ends[symbol])] = Int32(truncatingIfNeeded: before)
            }
        }
        return suffixes
    }
}
