// SPDX-License-Identifier: GPL-3.0-or-later

/// Sizes of the messages, found by measuring leak and rounds at 2 to 30 % disagreement.
struct LDPCTuning: Sendable {
    /// What a code frame needs in the middle case beyond its entropy: this times the root of its bits and entropy,
    var excess = 0.053
    /// and in standard deviations of the information that it lacks.
    var spread = 0.55
    /// How much each round makes known, in the same deviations from the middle case.
    var steps = [0.05, 1.6, 4.7]
    /// Each later step is this many times the one before it.
    var growth = 1.5
    /// The first step is this share of the frame at the least, each later one `growth` times as much.
    var leastStep = 1.0 / 256
    /// Iterations of a try in the first round,
    var firstIterations = 30
    /// and in later ones.
    var iterations = 40
    /// Scales of the log-likelihoods, in hundredths, for further tries of a frame that isn't decoded: one more each
    /// round, after `patience` rounds.
    var scales = [75, 50, 160, 400]
    var patience = 0

    /// Syndrome bits that a frame has been told after each round, for as long as that leaves something to tell.
    ///
    /// - Parameters:
    ///   - need: that of the whole frame, which has `bits` bits.
    ///   - granule: bits come in multiples of this, `least` at the least.
    ///   - limit: from here on the frame's bits themselves are told instead.
    func rounds(need: LDPCNeed, bits count: Int, granule: Int, least lowest: Int, limit: Int) -> [Int] {
        let unit = need.dispersion.squareRoot()
        let middle =
            need.entropy + excess * (Double(count) * need.entropy).squareRoot() + spread * unit
        var result: [Int] = []
        var step = 1.0
        var wanted = 0.0
        var least = Double(limit) * leastStep
        for round in 0..<64 {
            if round < steps.count {
                step = round == 0 ? unit : (steps[round] - steps[round - 1]) * unit
                wanted = middle + steps[round] * unit
            } else {
                step *= growth
                wanted += step
            }
            // An entropy of next to nothing mustn't make steps of next to nothing.
            let floor = Double(result.last ?? 0) + max(Double(granule), least)
            least *= growth
            let bits = round == 0 ? max(wanted, Double(lowest)) : max(wanted, floor)
            guard bits < Double(limit) else { break }
            result.append((Int(bits) + granule - 1) / granule * granule)
        }
        while let last = result.last, last >= limit { result.removeLast() }
        return result
    }
}
