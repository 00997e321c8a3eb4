// SPDX-License-Identifier: GPL-3.0-or-later

/// The monotone map that gives one series the distribution of another: F_to⁻¹ ∘ F_from.
///
/// Whatever strictly monotone function of the other the series is (decibels, powers, any gauge), it comes out as the
/// other itself. Trend removal doesn't commute with such functions, so this stands before it.
struct QuantileMatch {
    private let from: [Double]
    private let to: [Double]
    /// Large values become small ones: for a series that falls where the other rises.
    private let isFalling: Bool

    /// - Parameters:
    ///   - from: samples of the series, not empty.
    ///   - to: samples of the distribution that it shall have, not empty.
    init(from: [Double], to: [Double], isFalling: Bool = false) {
        self.from = from.sorted()
        self.to = to.sorted()
        self.isFalling = isFalling
    }

    /// To a distribution whose samples are in rising order already.
    init(from: [Double], sorted to: [Double]) {
        self.from = from.sorted()
        self.to = to
        isFalling = false
    }

    func callAsFunction(_ value: Double) -> Double {
        guard let last = to.indices.last, !from.isEmpty else { return value }
        // Equal values share their middle rank.
        let rank = 0.5 * Double(place { $0 < value } + place { $0 <= value }) / Double(from.count)
        let position = (isFalling ? 1 - rank : rank) * Double(to.count) - 0.5
        let low = min(max(Int(position.rounded(.down)), 0), last)
        let share = min(max(position - Double(low), 0), 1)
        return to[low] + share * (to[min(low + 1, last)] - to[low])
    }

    /// How many samples hold, of a condition that the smaller ones meet.
    private func place(_ isBelow: (Double) -> Bool) -> Int {
        var low = 0
        var high = from.count
        while low < high {
            let middle = (low + high) / 2
            if isBelow(from[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
