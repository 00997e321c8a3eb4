// SPDX-License-Identifier: GPL-3.0-or-later

/// The last step: all phases and slopes of a block at once, from the tracker's end to the tight optimum.
///
/// Sweeps of the joint step over windows that overlap by half, each with the block's snapshots on both sides as they
/// stand.
struct BlockRefinement {
    let law: BlockLaw

    /// Snapshots that turn together.
    static let free = 16

    /// zᴴ R⁻¹ z over the whole block, what lies outside the modes included.
    func cost(_ track: GaugeTrack, _ block: GaugeExpansion.Block) -> Double {
        let groups = law.groups
        let count = block.count
        var total = 0.0
        for i in 0..<count {
            var sum = Lanes.zero
            for group in 0..<groups {
                var re = Lanes.zero
                var im = Lanes.zero
                let row = i &* count
                for j in 0..<count {
                    let k = law.blockPrecision[(row &+ j) &* groups &+ group]
                    re += track.real[j &* groups &+ group] * k
                    im += track.imaginary[j &* groups &+ group] * k
                }
                let place = i &* groups &+ group
                sum += track.real[place] * re + track.imaginary[place] * im
            }
            total += Double(sum.sum()) + Double(block.moments[i].x / law.noise)
        }
        return total
    }

    func run(
        _ track: inout GaugeTrack, _ block: GaugeExpansion.Block, sweeps: Int,
        _ workspace: inout JointStep.Workspace
    ) {
        let free = min(Self.free, block.count)
        for sweep in 0..<sweeps {
            // Backward first: the block's end is what the tracker left best.
            var starts = Array(stride(from: 0, to: block.count - free, by: max(free / 2, 1)))
            starts.append(block.count - free)
            if sweep % 2 == 0 { starts.reverse() }
            for first in starts {
                JointStep(law, first: first, free: free)
                    .run(&track, block, iterations: 2, least: 1e-4, &workspace)
            }
        }
    }
}
