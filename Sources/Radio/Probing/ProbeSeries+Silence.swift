// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension ProbeSeries {
    /// Why there is nothing to key, and what to do about it; nil where a probe was kept.
    public var silence: QWaveError? {
        guard trace.isEmpty else { return nil }
        let end = role == .initiator ? "no answer" : "no probe"
        return QWaveError(.unavailable, "\(end) was kept, so there is no trace: \(remedy)")
    }

    /// What the counts point to, the surest sign first.
    private var remedy: String {
        if tally.clipped > 0 {
            return
                "\(tally.clipped) came with the receiver at full scale; lower --rx-gain, or --tx-gain at the other "
                + "end"
        }
        if tally.rejected > 0 {
            return
                "\(tally.rejected) bursts had a wrong tag or pilot order; give both ends the same --key, and look "
                + "for who else sends"
        }
        if tally.late > 0 || tally.damaged > 0 || tally.spoiled > 0 {
            return
                "\(tally.late) bursts and windows were late, \(tally.damaged) windows damaged, \(tally.spoiled) "
                + "bursts spoiled; close other programs, lower --radio-rate, or give a longer --turnaround at both ends"
        }
        if !sacrificed.isEmpty {
            return
                "only sacrificed ones were heard; give a larger --count, and see that the other end goes on probing"
        }
        return
            "the other end wasn't heard; start both with the same --rate, --count, --turnaround, --radio-rate, "
            + "--frequency and --key, give a longer --turnaround where the other end tells of unanswered probes, and "
            + "look at antennas and gains"
    }
}
