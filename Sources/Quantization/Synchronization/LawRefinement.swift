// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The Doppler law by the likelihood of synchronized blocks: the phase-free fit is off by a few percent, which is too
/// much for a lock.
enum LawRefinement {
    /// Modes that say enough.
    static let modes = 8
    /// Blocks that say enough.
    static let blocks = 16

    /// −log likelihood (natural) of the blocks' modes under a law.
    static func cost(
        _ blocks: [BlockTracker.Result], _ model: SynchronizationModel, law: DopplerLaw, count: Int
    )
        -> Double
    {
        let correlation = law.correlation(count)
        let width = model.powers.count
        var total = 0.0
        for mode in 0..<min(width, modes) {
            let (coefficients, errors) = DopplerLaw.predictors(
                correlation, power: model.powers[mode], noise: model.noise, order: count - 1)
            for block in blocks {
                let re = (0..<count).map { Double(block.real[$0 * width + mode]) }
                let im = (0..<count).map { Double(block.imaginary[$0 * width + mode]) }
                for t in 0..<count {
                    var (a, b) = (re[t], im[t])
                    let weights = coefficients[t]
                    for lag in 0..<t {
                        a -= weights[lag] * re[t &- 1 &- lag]
                        b -= weights[lag] * im[t &- 1 &- lag]
                    }
                    total += (a * a + b * b) / errors[t] + log(errors[t])
                }
            }
        }
        return total
    }

    /// The likeliest of the laws within 8 %, to half a percent.
    static func refine(
        _ law: DopplerLaw, _ blocks: [BlockTracker.Result], _ model: SynchronizationModel, count: Int
    ) -> DopplerLaw {
        let some = Array(blocks.prefix(Self.blocks))
        func best(_ factors: [Double], of law: DopplerLaw) -> DopplerLaw {
            let scaled = factors.map { law.scaled(by: $0) }.filter(\.isValid)
            let costs = scaled.map { cost(some, model, law: $0, count: count) }
            guard let least = costs.indices.min(by: { costs[$0] < costs[$1] }) else { return law }
            return scaled[least]
        }
        let coarse = best((-4...4).map { 1 + 0.02 * Double($0) }, of: law)
        return best((-3...3).map { 1 + 0.005 * Double($0) }, of: coarse)
    }
}

extension Double {
    var cosine: Double { cos(self) }
    var sine: Double { sin(self) }
}
