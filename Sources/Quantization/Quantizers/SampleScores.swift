// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// Normal scores of a stream of samples, for quantizers that go by them.
public enum SampleScores {
    /// Φ⁻¹ of each sample's place in the stream's own distribution, or with `gaussian` its deviation from the mean.
    ///
    /// Nil for fewer than 16 samples, or samples that are all the same. Fitted to the samples themselves: for
    /// experiments, and for samples that aren't keyed.
    public static func scores(of samples: [Double], gaussian: Bool = false) -> [Double]? {
        guard gaussian else {
            return MarginalDistribution(samples: samples).map { law in samples.map(law.score) }
        }
        let deviation = Series.variance(samples).squareRoot()
        guard samples.count >= 16, deviation > 0, deviation.isFinite else { return nil }
        let mean = Series.mean(samples)
        return samples.map { ($0 - mean) / deviation }
    }
}
