// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore

extension Traces {
    /// The pair of a seed with packets far above the channel's level in its rows from `published` on: what no test on
    /// published samples can see.
    static func loud(_ count: Int, seed: UInt64 = 1, behind published: Int) -> (ChannelTrace, ChannelTrace) {
        func louder(_ trace: ChannelTrace) -> ChannelTrace {
            Traces.trace(
                (0..<trace.count).map { row in
                    row >= published && row % 200 == 0
                        ? 7 : (Double(trace.gains(at: row).first?.re ?? .nan) + 50) / 5
                })
        }
        let (alice, bob) = pair(count, seed: seed)
        return (louder(alice), louder(bob))
    }
}
