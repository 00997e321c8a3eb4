// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The division of a raw key into groups of about equal error rate, each with its own block sizes.
///
/// A function of the public frames alone, computed with additions, multiplications and comparisons only,
/// so that both ends get the same plan on every machine.
struct CascadePlan: Sendable {
    struct Group: Sendable {
        var bits: [Int32]
        /// log2 of the first pass's block size.
        var level: Int
        /// Mean expected error rate.
        var errorRate: Double
    }

    /// Groups, the largest blocks first.
    let groups: [Group]
    let bitCount: Int
    /// A digest of everything that the plan depends on: the ends compare it before anything is told.
    let digest: UInt64

    /// The largest block of a pass, log2.
    static let maximumLevel = 16

    /// - Parameter agreed: whatever else both ends must have equal; it enters the digest.
    init(_ key: RawKey, tuning: CascadeTuning, agreed: [UInt64] = []) throws(QWaveError) {
        try key.checkFrames()
        bitCount = key.bits.count
        var digest: UInt64 = PublicShuffle.mix(UInt64(bitCount) &+ 1)
        for word in agreed { digest = PublicShuffle.mix(digest ^ word) &+ 0x9E37_79B9_7F4A_7C15 }
        var classes: [Int: Group] = [:]
        for frame in key.frames where !frame.range.isEmpty {
            for part in [
                UInt64(frame.range.lowerBound), UInt64(frame.range.upperBound), frame.errorRate.bitPattern,
            ] {
                digest = PublicShuffle.mix(digest ^ part) &+ 0x9E37_79B9_7F4A_7C15
            }
            let level = tuning.firstLevel(errorRate: frame.errorRate)
            var group = classes[level] ?? Group(bits: [], level: level, errorRate: 0)
            let count = Double(group.bits.count)
            let added = Double(frame.range.count)
            group.errorRate = (group.errorRate * count + frame.errorRate * added) / (count + added)
            group.bits.append(contentsOf: frame.range.lazy.map { Int32(truncatingIfNeeded: $0) })
            classes[level] = group
        }
        self.digest = digest
        groups = Self.coalesce(classes.values.sorted { $0.level > $1.level })
    }

    /// Joins a group that is too small for blocks of its own size with the next one, of smaller blocks, where
    /// the bits cost at most one parity more there.
    private static func coalesce(_ groups: [Group]) -> [Group] {
        var result: [Group] = []
        for group in groups {
            var group = group
            if let last = result.last, last.bits.count <= 1 << group.level {
                group.errorRate =
                    (group.errorRate * Double(group.bits.count) + last.errorRate * Double(last.bits.count))
                    / Double(group.bits.count + last.bits.count)
                group.bits.append(contentsOf: last.bits)
                result.removeLast()
            }
            result.append(group)
        }
        return result
    }
}
