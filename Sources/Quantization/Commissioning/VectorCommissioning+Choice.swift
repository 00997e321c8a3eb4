// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

extension VectorCommissioning {
    /// The bits of one component that are worth most under each limit, 1, 2, … `maximumBits`; nil where none are.
    ///
    /// - Parameters:
    ///   - x, y: both ends' normal scores, row by row.
    ///   - effective: how many independent rows they are worth.
    ///   - eve: where she was recorded, the upper bound of her correlation, if the rows carry one.
    func choose(
        source: Int, _ x: [Double], _ y: [Double], effective: Double, estimates: Int, eve: Double??
    ) -> [Choice?] {
        let none = [Choice?](repeating: nil, count: base.options.maximumBits)
        let correlation = min(Series.correlation(x, y), 0.9999)
        guard correlation > Self.leastCorrelation,
            let lower = base.charges.lowerBound(
                correlation, effectiveSamples: effective, estimates: estimates),
            lower > 0.1
        else { return none }
        // A recorded Eve is never passed over in silence.
        if case .some(.none) = eve { return none }
        let charge = base.charges.eveCharge(measured: eve ?? nil)
        var (best, most) = (Choice?.none, 0.05)
        var result = none
        let half = x.count / 2
        let crossed = twofold(x, half: half)
        // More bits than the information and a little are never worth their errors.
        let widest = min(
            base.options.maximumBits,
            max(1, Int(SampleStatistics.information(correlation) + base.options.reconciliation.spareBits)))
        for bits in stride(from: 1, through: base.options.maximumBits, by: 1) {
            defer { result[bits - 1] = best }
            guard bits <= widest else { continue }
            // Wide symbols have narrow cells already; and each helper bit doubles the cells whose uniformity must be
            // shown.
            let helpers =
                base.options.labels == .helper ? (base.options.helperBits ?? (bits <= 4 ? 3 : 2)) : 0
            let law = base.charges.errorLaw(
                labels: base.options.labels, bits: bits, helperBits: helpers, correlation: correlation,
                lowerBound: lower)
            let deficit = SampleStatistics.plugInDeficit(crossed, bits: bits, helperBits: helpers)
            let cells = ((1 << bits) - 1) << helpers
            let worth = Double(bits) - charge - base.options.reconciliation.bits(law)
            // What this component adds to the bound that all share.
            let share = SampleStatistics.upperBound(
                plugIn: deficit, degrees: cells, samples: Double(x.count), effective: effective, z: 1)
            if worth - share > most {
                most = worth - share
                best = Choice(
                    source: source, bits: bits, helperBits: helpers, correlation: correlation, lower: lower,
                    deficit: deficit, cells: cells, eve: charge, errors: law, worth: worth)
            }
        }
        return result
    }

    /// Scores of each half under the other half's distribution.
    private func twofold(_ x: [Double], half: Int) -> [Double] {
        let (first, second) = (Array(x[..<half]), Array(x[half...]))
        guard let early = MarginalDistribution(samples: first),
            let late = MarginalDistribution(samples: second)
        else {
            return x.map { _ in 0 }
        }
        return first.map { late.score($0) } + second.map { early.score($0) }
    }
}
