// SPDX-License-Identifier: GPL-3.0-or-later

/// Block sizes and pass counts, found by measuring the efficiency at 0.5 to 30 % disagreement.
///
/// Only comparisons and products of doubles: the same decision on every machine.
struct CascadeTuning: Sendable {
    /// Wanted expected errors in a block of the first pass.
    var firstErrors = 0.85
    /// At and above this error rate every bit is asked on its own.
    var revealRate = 0.385
    /// At and above this error rate (and below `revealRate`) the first pass pairs bits.
    var pairRate = 0.235
    /// log2 of how much larger blocks become from the first pass to the second.
    var secondStep = 2
    /// log2 of how much larger blocks become from each later pass to the next.
    var laterStep = 3
    /// Error rates below this are planned as this, so that a wrong estimate stays affordable.
    var floorRate = 1e-4

    /// log2 of the power of two nearest to `target / rate`, in the geometric sense.
    private func level(target: Double, rate: Double) -> Int {
        var level = 0
        var size = 1.0
        while level < CascadePlan.maximumLevel, size * rate * 1.4142135623730951 < target {
            size *= 2
            level += 1
        }
        return level
    }

    /// Parities of random subsets that end the search: any error pattern that is left escapes all of them with
    /// probability 2^-count, and long blocks come here with more patterns left.
    func tailParities(bits: Int) -> Int {
        var count = 0
        while 2 << count <= bits { count += 1 }
        return max(12, count)
    }

    /// log2 of the first pass's block size.
    func firstLevel(errorRate: Double) -> Int {
        if errorRate >= revealRate { return 0 }
        if errorRate >= pairRate { return 1 }
        return max(2, level(target: firstErrors, rate: max(errorRate, floorRate)))
    }

    /// log2 of the block size of pass `pass` (from 0) for a group.
    ///
    /// Pairs whose parities agree hold two errors or none, so after a pass of pairs one bit stands for both,
    /// at the rate e²/(e² + (1-e)²): the next pass is again a first one.
    func level(pass: Int, of group: CascadePlan.Group) -> Int {
        if pass == 0 { return group.level }
        if group.level == 1 {
            let e = group.errorRate
            let pairRate = e * e / (e * e + (1 - e) * (1 - e))
            let second = max(1, level(target: firstErrors, rate: max(pairRate, floorRate)))
            if pass == 1 { return second }
            return min(CascadePlan.maximumLevel, second + secondStep + (pass - 2) * laterStep)
        }
        return min(CascadePlan.maximumLevel, group.level + secondStep + (pass - 1) * laterStep)
    }
}
