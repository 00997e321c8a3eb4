// SPDX-License-Identifier: GPL-3.0-or-later

/// What the band-limited Gaussian channel says of a block's modes: predictors and inverse covariances.
///
/// Mode m over time has the covariance R_m = λ_m Toeplitz(r) + σ² I. From Levinson's predictors a_t with errors e_t,
/// R_m⁻¹ = Σ_t b_t b_tᵀ / e_t, b_t = (−a_t reversed, 1), so windows of every length come out of one recursion. What
/// lies outside the modes is noise of variance σ²; as no turn changes |H|², its energy enters as −|z|²/σ², and each
/// mode is weighed with R_m⁻¹ − I/σ², which fades away where λ_m does.
struct BlockLaw: Sendable {
    let groups: Int
    let noise: Float
    /// Longest window and highest order of prediction.
    let window: Int
    /// Weights by order, lag and group: `predictors[order][lag * groups + group]`.
    let predictors: [[Lanes]]
    /// 1/e by order and group; 0 beyond the modes.
    let inverseErrors: [[Lanes]]
    /// R⁻¹ − I/σ² by window length, row, column and group.
    let precisions: [[Lanes]]
    /// The same for the whole block of `block` snapshots.
    let blockPrecision: [Lanes]
    let block: Int
    /// Σ over the modes of ln det R_m/σ² for the whole block.
    let logDeterminant: Double

    init(_ model: SynchronizationModel, law: DopplerLaw, window: Int, block: Int) {
        let modes = model.powers.count
        let groups = (modes + 15) / 16
        let correlation = law.correlation(block + 1)
        self.window = window
        self.groups = groups
        self.block = block
        noise = Float(model.noise)
        var predictors = (0...window).map { [Lanes](repeating: .zero, count: $0 * groups) }
        var inverseErrors = (0...window).map { _ in [Lanes](repeating: .zero, count: groups) }
        var precisions = (0...window).map { [Lanes](repeating: .zero, count: $0 * $0 * groups) }
        var whole = [Lanes](repeating: .zero, count: block * block * groups)
        var logarithms = 0.0
        for (mode, power) in model.powers.enumerated() {
            let (group, lane) = (mode / 16, mode % 16)
            let (coefficients, errors) = DopplerLaw.predictors(
                correlation, power: power, noise: model.noise, order: block - 1)
            for order in 0...window {
                inverseErrors[order][group][lane] = Float(1 / errors[min(order, block - 1)])
                for lag in 0..<min(order, block - 1) {
                    predictors[order][lag * groups + group][lane] = Float(
                        coefficients[min(order, block - 1)][lag])
                }
            }
            // Σ b bᵀ / e, grown row by row, less I/σ².
            var inverse = [Double](repeating: 0, count: block * block)
            for t in 0..<block {
                let b = coefficients[t].reversed().map { -$0 } + [1]
                let weight = 1 / errors[t]
                for i in 0...t {
                    let factor = weight * b[i]
                    for j in 0...t { inverse[i &* block &+ j] += factor * b[j] }
                }
                logarithms += (errors[t] / model.noise).logarithm
                let size = t + 1
                guard size <= window else { continue }
                for i in 0..<size {
                    for j in 0..<size {
                        let value = inverse[i * block + j] - (i == j ? 1 / model.noise : 0)
                        precisions[size][(i * size + j) * groups + group][lane] = Float(value)
                    }
                }
            }
            for i in 0..<block {
                for j in 0..<block {
                    let value = inverse[i * block + j] - (i == j ? 1 / model.noise : 0)
                    whole[(i * block + j) * groups + group][lane] = Float(value)
                }
            }
        }
        self.predictors = predictors
        self.inverseErrors = inverseErrors
        self.precisions = precisions
        blockPrecision = whole
        logDeterminant = logarithms
    }
}
