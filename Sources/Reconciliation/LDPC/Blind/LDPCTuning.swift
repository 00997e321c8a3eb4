// SPDX-License-Identifier: GPL-3.0-or-later

/// Sizes of the messages, found by measuring leak and rounds at 2 to 30 % disagreement.
struct LDPCTuning: Sendable {
    /// What a frame needs on the average beyond its entropy, as a share of it.
    var excess = 0.022
    /// And in standard deviations of the information that it lacks.
    var spread = 1.62
    /// The standard deviation of the need over that of the information.
    var deviation = 1.15
    /// How much each round makes known, in standard deviations of the need from its mean.
    var steps = [-0.2, 1.0, 3.5]
    /// Each later step is this many times the one before it.
    var growth = 2.0
    /// Iterations of a try.
    var iterations = 50

    /// Syndrome bits that a frame has been told after each round, for as long as that leaves something to tell.
    ///
    /// - Parameters:
    ///   - need: that of the whole frame.
    ///   - granule: bits come in multiples of this, `least` at the least.
    ///   - limit: from here on the frame's bits themselves are told instead.
    func rounds(need: LDPCNeed, granule: Int, least: Int, limit: Int) -> [Int] {
        let information = need.dispersion.squareRoot()
        let mean = need.entropy * (1 + excess) + spread * information
        let unit = deviation * information
        var result: [Int] = []
        var step = 1.0
        var wanted = 0.0
        for round in 0..<64 {
            if round < steps.count {
                step = round == 0 ? unit : (steps[round] - steps[round - 1]) * unit
                wanted = mean + steps[round] * unit
            } else {
                step *= growth
                wanted += step
            }
            // An entropy of next to nothing mustn't make steps of next to nothing.
            let floor = Double(result.last ?? 0) + max(Double(granule), Double(limit) / 64)
            let bits = round == 0 ? max(wanted, Double(least)) : max(wanted, floor)
            guard bits < Double(limit) else { break }
            result.append((Int(bits) + granule - 1) / granule * granule)
        }
        while let last = result.last, last >= limit { result.removeLast() }
        return result
    }
}
