// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The division of a raw key into groups of about equal error rate, each with its own block sizes.
///
/// A function of the public frames alone, computed with additions, multiplications and comparisons only,
/// so that both ends get the same plan on every machine.
struct CascadePlan: Sendable {
    struct Group: Sendable {
        /// The stretches of the key, in the order in which they follow each other in the group.
        var ranges: [Range<Int>]
        var count: Int
        /// log2 of the first pass's block size.
        var level: Int
        /// Mean expected error rate.
        var errorRate: Double
    }

    /// Groups, the largest blocks first.
    let groups: [Group]
    let bitCount: Int
    let schedule: CascadeSchedule
    /// A digest of everything that the plan depends on: the ends compare it before anything is told.
    let digest: UInt64

    /// The largest block of a pass, log2.
    static let maximumLevel = 23

    /// - Parameter agreed: whatever else both ends must have equal; it enters the digest.
    init(_ key: RawKey, variant: Cascade.Variant, agreed: [UInt64] = []) throws(QWaveError) {
        try key.checkFrames()
        bitCount = key.bits.count
        schedule = CascadeSchedule(variant: variant, bits: bitCount)
        var digest: UInt64 = Self.mix(UInt64(bitCount) &+ 1)
        for word in agreed { digest = Self.mix(digest ^ word) &+ 0x9E37_79B9_7F4A_7C15 }
        var classes: [Int: Group] = [:]
        for frame in key.frames where !frame.range.isEmpty {
            for part in [
                UInt64(frame.range.lowerBound), UInt64(frame.range.upperBound), frame.errorRate.bitPattern,
            ] {
                digest = Self.mix(digest ^ part) &+ 0x9E37_79B9_7F4A_7C15
            }
            let level = schedule.firstLevel(errorRate: frame.errorRate)
            var group = classes[level] ?? Group(ranges: [], count: 0, level: level, errorRate: 0)
            let count = Double(group.count)
            let added = Double(frame.range.count)
            group.errorRate = (group.errorRate * count + frame.errorRate * added) / (count + added)
            group.ranges.append(frame.range)
            group.count += frame.range.count
            classes[level] = group
        }
        self.digest = digest
        groups = Self.coalesce(classes.values.sorted { $0.level > $1.level })
    }

    /// SplitMix64's output function.
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Joins a group that is too small for blocks of its own size with the next one, of smaller blocks, where
    /// the bits cost at most one parity more there.
    private static func coalesce(_ groups: [Group]) -> [Group] {
        var result: [Group] = []
        for group in groups {
            var group = group
            if let last = result.last, last.count <= 1 << group.level {
                group.errorRate =
                    (group.errorRate * Double(group.count) + last.errorRate * Double(last.count))
                    / Double(group.count + last.count)
                group.ranges.append(contentsOf: last.ranges)
                group.count += last.count
                result.removeLast()
            }
            result.append(group)
        }
        // Blocks needn't be longer than what they divide.
        for index in result.indices {
            while result[index].level > 0, 1 << (result[index].level - 1) >= result[index].count {
                result[index].level -= 1
            }
        }
        return result.sorted { $0.level > $1.level }
    }
}
