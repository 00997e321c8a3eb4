// SPDX-License-Identifier: GPL-3.0-or-later

/// The numbers behind a variant, found by measuring at 0.5 to 30 % disagreement.
///
/// Only comparisons and products of doubles: the same decision on every machine.
struct CascadeSchedule: Sendable {
    var variant: Cascade.Variant
    /// Bits of the whole key.
    var bits: Int

    /// At and above this error rate every bit is asked on its own.
    static let revealRate = 0.385
    /// At and above this error rate (and below `revealRate`) the first pass pairs bits.
    static let pairRate = 0.235
    /// Error rates below this are planned as this, so that a wrong estimate stays affordable.
    static let floorRate = 1e-4
    /// The largest block of QWave's own variants, log2.
    static let largestLevel = 16

    /// The greatest number whose power of two isn't above `value`, at least 0.
    static func floorLevel(_ value: Double) -> Int {
        var level = 0
        var size = 2.0
        while size <= value, level < CascadePlan.maximumLevel {
            size *= 2
            level += 1
        }
        return level
    }

    /// log2 of the power of two nearest to `value`, in the geometric sense.
    static func nearestLevel(_ value: Double) -> Int { floorLevel(value * 1.4142135623730951) }

    /// log2 of the smallest power of two that isn't below `value`.
    static func ceilingLevel(_ value: Double) -> Int {
        let level = floorLevel(value)
        return Double(1 << level) < value ? level + 1 : level
    }

    /// log2 of the first pass's block size.
    func firstLevel(errorRate: Double) -> Int {
        if errorRate >= Self.revealRate { return 0 }
        if errorRate >= Self.pairRate { return 1 }
        return steps(errorRate: max(errorRate, Self.floorRate))[0]
    }

    /// True where the first pass pairs the bits of a group.
    func isPaired(level: Int, errorRate: Double) -> Bool { level == 1 && errorRate >= Self.pairRate }

    /// log2 of the block size of each pass for a group.
    ///
    /// Pairs whose parities agree hold two errors or none, so after a pass of pairs one bit stands for both,
    /// at the rate e²/(e² + (1-e)²): the next pass is again a first one.
    func levels(firstLevel: Int, errorRate e: Double) -> [Int] {
        guard isPaired(level: firstLevel, errorRate: e) else {
            var levels = steps(errorRate: max(e, Self.floorRate))
            levels[0] = firstLevel
            return levels
        }
        let pairRate = e * e / (e * e + (1 - e) * (1 - e))
        return [1] + steps(errorRate: max(pairRate, Self.floorRate)).map { max(1, $0) }
    }

    private func steps(errorRate e: Double) -> [Int] {
        let half = Self.nearestLevel(Double(bits) / 2)
        switch variant {
        case .balanced:
            // Blocks of the second pass that are large leak less and take more messages; short keys haven't the
            // bits to fill the difference. A third pass pays where many patterns are left.
            let step = e >= 0.05 || !isLong ? 2 : bits < 500_000 ? 3 : 4
            return own(e, firstErrors: 0.85, [step] + (isLong ? [5] : []))
        case .littleLeak: return own(e, firstErrors: 0.85, isLong ? [4, 4] : [3])
        case .fewMessages: return own(e, firstErrors: 0.85, [2] + (isLong ? [6] : []))
        case .original:
            let first = Self.nearestLevel(0.73 / e)
            return [first, first + 1, first + 2, first + 3]
        case .biconf: return [Self.nearestLevel(0.92 / e), Self.nearestLevel(2.76 / e)]
        case .yan:
            return [Self.nearestLevel(0.8 / e), Self.nearestLevel(4 / e)] + [Int](repeating: half, count: 8)
        case .option3, .option4:
            let first = Self.nearestLevel(1 / e)
            return [first, first + 1] + [Int](repeating: half, count: 14)
        case .option7:
            let first = Self.ceilingLevel(1 / e)
            return [first, first + 2] + [Int](repeating: half, count: 12)
        case .option8:
            // 2^⌈x - 1/2⌉ and 2^⌈(x + 11.5)/2⌉ with x = log2(1/e).
            let first = Self.ceilingLevel(0.7071067811865476 / e)
            let second = (Self.ceilingLevel(2896.309375740099 / e) + 1) / 2
            return [first, second, 12] + [Int](repeating: half, count: 11)
        }
    }

    private var isLong: Bool { bits >= 50_000 }

    private func own(_ e: Double, firstErrors: Double, _ growth: [Int]) -> [Int] {
        var levels = [max(2, Self.nearestLevel(firstErrors / e))]
        for step in growth { levels.append(min(Self.largestLevel, levels[levels.count - 1] + step)) }
        return levels
    }

    /// Parities of random subsets that end the search: any error pattern that is left escapes all of them with
    /// probability 2^-count, and long blocks come here with more patterns left.
    var tailParities: Int {
        if variant == .biconf { return 1 }
        return max(12, Self.floorLevel(Double(bits)))
    }

    var streak: Int { variant == .biconf ? 10 : 1 }
    var parallelSubsets: Int { variant == .fewMessages ? 2 : 1 }
    var overlap: Int { variant == .fewMessages ? 3 : 0 }
    /// Told bits are left out of a pass where they are more than one in so many.
    var leaveOut: Int { variant == .littleLeak ? 32 : 4 }
}
