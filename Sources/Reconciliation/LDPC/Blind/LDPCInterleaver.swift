// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Which bit of the raw key stands where: a public shuffle that deals bits of every quality to every frame alike.
///
/// The raw key's frames are taken in the order of their need, each one's bits in a random order, and dealt round
/// the code frames; so all code frames need about the same. What a frame hasn't got is known to be zero.
struct LDPCInterleaver: Sendable {
    /// Raw-key bits in dealing order: bit i goes to frame i mod frames, place i / frames.
    let order: [Int32]
    /// The code bit of each place of a frame, the same in all.
    let codeBit: [Int32]
    let frameCount: Int
    private static let stretch = 8192

    init(_ key: RawKey, plan: LDPCPlan, seed: UInt64) {
        frameCount = plan.frameCount
        var random = PublicShuffle(seed: seed, stream: 0x4C44_5043)
        var classes: [(need: Double, bits: [Int32])] = []
        let sorted = key.frames.map { (need: LDPCNeed($0).entropy, range: $0.range) }
            .sorted { ($0.need, $0.range.lowerBound) < ($1.need, $1.range.lowerBound) }
        for (need, range) in sorted {
            let bits = range.lazy.map { Int32(truncatingIfNeeded: $0) }
            if let last = classes.last, last.need == need {
                classes[classes.count - 1].bits.append(contentsOf: bits)
            } else {
                classes.append((need, Array(bits)))
            }
        }
        var order: [Int32] = []
        order.reserveCapacity(plan.bitCount)
        for index in classes.indices {
            // In stretches that stay in a cache: neighbors go to different frames anyhow, and to other places there.
            var bits = classes[index].bits
            for start in Swift.stride(from: 0, to: bits.count, by: Self.stretch) {
                random.shuffle(&bits, start..<min(start + Self.stretch, bits.count))
            }
            order.append(contentsOf: bits)
        }
        self.order = order
        var places = (0..<plan.codeBits).map { Int32(truncatingIfNeeded: $0) }
        random.shuffle(&places)
        codeBit = Array(places.prefix(plan.longest))
    }
}
