// SPDX-License-Identifier: GPL-3.0-or-later
internal import Statistics

/// The distribution F of one component at one end, as a table from commissioning: value to normal score.
///
/// Between table points the score is linear; beyond them it goes on like a Gaussian of the commissioned spread,
/// and it is held within ±8.
public struct MarginalDistribution: Sendable, Hashable, Codable {
    /// Values at equally spaced normal scores, rising strictly.
    public let values: [Double]
    /// The normal score of the first value; the last has the opposite one.
    public let firstScore: Double
    /// Spread beyond the table.
    public let deviation: Double

    /// Fits the table to samples; at least 16 and not constant, else nil.
    public init?(samples: [Double], points: Int = 129) {
        guard samples.count >= 16, samples.allSatisfy(\.isFinite) else { return nil }
        let sorted = samples.sorted()
        let deviation = Series.variance(samples).squareRoot()
        guard deviation > 0, sorted[0] < sorted[sorted.count - 1] else { return nil }
        let count = Double(sorted.count)
        let first = Normal.quantile(0.5 / count)
        let tiny = deviation * 1e-9
        var values: [Double] = []
        for index in 0..<points {
            let score = first * (1 - 2 * Double(index) / Double(points - 1))
            let place = Normal.cumulative(score) * count - 0.5
            let low = min(max(Int(place.rounded(.down)), 0), sorted.count - 1)
            let high = min(low + 1, sorted.count - 1)
            let value = sorted[low] + (sorted[high] - sorted[low]) * min(max(place - Double(low), 0), 1)
            values.append(max(value, (values.last ?? -.infinity) + tiny))
        }
        self.values = values
        firstScore = first
        self.deviation = deviation
    }

    /// A table from outside; throws away nothing, checks everything.
    public var isValid: Bool {
        values.count >= 2 && values.count <= 4096 && firstScore < 0 && firstScore >= -8 && deviation > 0
            && deviation.isFinite && values.allSatisfy(\.isFinite)
            && zip(values, values.dropFirst()).allSatisfy(<)
            && (values[values.count - 1] - values[0]).isFinite
    }

    /// The normal score Φ⁻¹(F(x)).
    public func score(_ x: Double) -> Double {
        let last = values.count - 1
        let limit = 8.0
        // Written so that a value that isn't a number has a score all the same.
        if !(x > values[0]) {
            let score = firstScore + (x - values[0]) / deviation
            return score > -limit ? score : -limit
        }
        if x >= values[last] {
            let score = -firstScore + (x - values[last]) / deviation
            return score < limit ? score : limit
        }
        var low = 0
        var high = last
        while high - low > 1 {
            let middle = (low + high) / 2
            if values[middle] <= x { low = middle } else { high = middle }
        }
        let step = -2 * firstScore / Double(last)
        return firstScore + step * (Double(low) + (x - values[low]) / (values[high] - values[low]))
    }
}
