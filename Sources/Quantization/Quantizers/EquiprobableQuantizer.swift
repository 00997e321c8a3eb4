// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// 2^M cells of equal probability with Gray labels, no helper data.
///
/// It discloses nothing; the price is disagreement near its thresholds.
public struct EquiprobableQuantizer: Sendable, Hashable {
    /// M, bits of a symbol.
    public let bits: Int
    /// The inner thresholds Φ⁻¹(b/2^M) in normal scores, rising.
    public let thresholds: [Double]

    /// - Precondition: 1 ≤ bits ≤ 10.
    public init(bits: Int) {
        precondition((1...10).contains(bits), "bits out of range")
        self.bits = bits
        thresholds = (1..<1 << bits).map { Normal.quantile(Double($0) / Double(1 << bits)) }
    }

    /// The cell of a normal score: the number of thresholds that aren't above it.
    public func symbol(_ score: Double) -> Int {
        var low = 0
        var high = thresholds.count
        while low < high {
            let middle = (low + high) / 2
            if thresholds[middle] <= score { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The Gray label of a cell.
    public func label(_ symbol: Int) -> Int { GrayCode.encode(symbol) }

    /// Log-likelihood ratios of the label bits (least significant first; natural logarithm, positive for 0) of the
    /// peer's symbol, given one's own score and the correlation ρ.
    public func logLikelihoods(score y: Double, correlation rho: Double) -> [Double] {
        let mass = probabilities(score: y, correlation: rho)
        return (0..<bits).map { bit in
            var zero = 0.0
            var one = 0.0
            for cell in mass.indices {
                if label(cell) >> bit & 1 == 0 { zero += mass[cell] } else { one += mass[cell] }
            }
            return (max(zero, 1e-300) / max(one, 1e-300)).logarithm
        }
    }
}
