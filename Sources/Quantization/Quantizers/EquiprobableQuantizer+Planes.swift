// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

extension EquiprobableQuantizer {
    /// P(cell of the peer | own score y) for each cell: Φ((t_{b+1} − ρy)/√(1 − ρ²)) − Φ((t_b − ρy)/√(1 − ρ²)).
    ///
    /// - Precondition: |ρ| < 1.
    public func probabilities(score y: Double, correlation rho: Double) -> [Double] {
        let spread = (1 - rho * rho).squareRoot()
        let edges = [-Double.infinity] + thresholds + [.infinity]
        return (0..<1 << bits).map { cell in
            let low = (edges[cell] - rho * y) / spread
            let high = (edges[cell + 1] - rho * y) / spread
            // The difference of tails on the side where both are small keeps its digits.
            return max(
                low > 0
                    ? Normal.upperTail(low) - Normal.upperTail(high)
                    : Normal.cumulative(high) - Normal.cumulative(low), 0)
        }
    }

    /// The log-likelihood ratio (natural, positive for 0) of a label bit, given those above it that a multistage
    /// decoder has decided.
    ///
    /// - Parameters:
    ///   - plane: the label bit, 0 the least significant.
    ///   - decided: the label's bits above `plane`, as they stand in the label; the others are ignored.
    public func logLikelihood(plane: Int, decided: Int, score y: Double, correlation rho: Double) -> Double {
        var zero = 0.0
        var one = 0.0
        let above = decided >> (plane + 1)
        for (cell, mass) in probabilities(score: y, correlation: rho).enumerated() {
            let label = label(cell)
            guard label >> (plane + 1) == above else { continue }
            if label >> plane & 1 == 0 { zero += mass } else { one += mass }
        }
        return (max(zero, 1e-300) / max(one, 1e-300)).logarithm
    }
}
