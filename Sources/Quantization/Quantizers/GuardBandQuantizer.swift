// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// One bit a sample: 1 above q₊ = μ + α σ, 0 below q₋ = μ − α σ, nothing between.
///
/// Each end says which samples it dropped, so that both keep the same: the lists are public and charged.
/// σ is the population's (divided by n); α of 0.2 to 0.8 trades rate for agreement.
public struct GuardBandQuantizer: Sendable, Hashable {
    /// What stands in the middle of the band.
    public enum Center: String, Sendable, Codable, CaseIterable { case mean, median }

    public let alpha: Double
    public let center: Center
    /// Samples of a block, each with a band of its own; 0 for one block of all. A shorter rest gives no bits.
    public let block: Int

    /// - Precondition: α is not negative and the block neither.
    public init(alpha: Double = 0.35, center: Center = .mean, block: Int = 0) {
        precondition(alpha >= 0 && block >= 0, "a guard band has a width and a block a length")
        self.alpha = alpha
        self.center = center
        self.block = block
    }

    /// q₋ and q₊ of a block.
    public func thresholds(of samples: some Collection<Double>) -> (low: Double, high: Double) {
        let middle = center == .mean ? Series.mean(samples) : Series.median(samples)
        let margin = alpha * Series.variance(samples).squareRoot()
        return (middle - margin, middle + margin)
    }

    /// The bit of each sample, nil where it is dropped.
    public func bits(of samples: [Double]) -> [Bool?] {
        var result = [Bool?](repeating: nil, count: samples.count)
        let length = block == 0 ? max(samples.count, 1) : block
        for start in stride(from: 0, through: samples.count - length, by: length) {
            let (low, high) = thresholds(of: samples[start..<start + length])
            for index in start..<start + length {
                if samples[index] > high { result[index] = true }
                if samples[index] < low { result[index] = false }
            }
        }
        return result
    }
}
