// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// A correlation that was commissioned, and how far a later one may fall below it by chance.
public struct CommissionedCorrelation: Sendable, Hashable {
    public let value: Double
    /// Effective number of samples behind it.
    public let samples: Double

    public init(value: Double, samples: Double) {
        self.value = value
        self.samples = samples
    }

    /// The commissioned value minus the 2⁻²⁰ bound of the difference of two estimates (Fisher's transform);
    /// NaN where either has too few samples.
    public func floor(samples later: Double, falseAlarm: Double = 0x1p-20) -> Double {
        guard samples > 3, later > 3, abs(value) <= 1 else { return .nan }
        let deviation = (1 / (samples - 3) + 1 / (later - 3)).squareRoot()
        return tanh(atanh(value) - Normal.upperQuantile(falseAlarm) * deviation)
    }
}

/// Alignment: the two ends' projections must line up, on sacrificed probes.
public struct AlignmentTest: Sendable, Hashable {
    /// Commissioning refuses a correlation below this.
    public static let lowestCorrelation = 0.3

    public let commissioned: CommissionedCorrelation
    /// Lags that are searched, on either side.
    public let lags: Int

    public init(commissioned: CommissionedCorrelation, lags: Int = 8) {
        self.commissioned = commissioned
        self.lags = max(1, lags)
    }

    /// Whether the channel may be commissioned at all.
    public static func commissioning(correlation: Double) -> HealthResult {
        HealthResult(
            name: "alignment at commissioning", passed: correlation >= lowestCorrelation,
            threshold: lowestCorrelation, localValue: correlation)
    }

    /// The peak of the cross-correlation must lie at lag −1, 0 or 1 and reach the commissioned value minus its
    /// bound. A constant series has no peak and fails.
    ///
    /// - Parameter samples: effective number of samples; the count of pairs where nil.
    public func run(_ alice: [Double], _ bob: [Double], samples: Double? = nil) -> HealthResult {
        let name = "alignment"
        let count = min(alice.count, bob.count)
        let threshold = commissioned.floor(samples: samples ?? Double(count))
        guard count > 2 * lags + 3, alice.allSatisfy(\.isFinite), bob.allSatisfy(\.isFinite) else {
            return .failure(name, threshold: threshold)
        }
        var peak = (lag: 0, value: -2.0)
        for lag in -lags...lags {
            let value = Series.crossCorrelation(alice, bob, lag: lag)
            if value > peak.value { peak = (lag, value) }
        }
        return HealthResult(
            name: name, passed: abs(peak.lag) <= 1 && peak.value >= threshold && peak.value > 0,
            threshold: threshold, localValue: peak.value)
    }
}

/// The coherence floor: no component's correlation may have fallen below its commissioned one, on sacrificed
/// probes.
public struct CoherenceFloorTest: Sendable, Hashable {
    public let commissioned: CommissionedCorrelation

    public init(commissioned: CommissionedCorrelation) { self.commissioned = commissioned }

    public func run(correlation: Double, samples: Double, component: String) -> HealthResult {
        let threshold = commissioned.floor(samples: samples)
        return HealthResult(
            name: "coherence floor \(component)", passed: correlation >= threshold && abs(correlation) <= 1,
            threshold: threshold, localValue: correlation)
    }
}

/// The mismatch ceiling: reconciliation must not find more errors than commissioning promised.
public struct MismatchCeilingTest: Sendable, Hashable {
    /// Commissioned error rate, and of how many trials; nil for a rate that follows from the model.
    public let rate: Double
    public let trials: Int?

    public init(commissionedRate rate: Double, trials: Int? = nil) {
        self.rate = rate
        self.trials = trials
    }

    /// - Parameters:
    ///   - errors: wrong bits (or symbols) that reconciliation corrected.
    ///   - count: of how many.
    ///   - correlated: how many of them fail together at the most: bits per symbol when bits are counted.
    public func run(errors: Int, of count: Int, correlated: Int = 1) -> HealthResult {
        let name = "mismatch ceiling"
        guard rate >= 0, rate <= 1, count > 0, errors >= 0, errors <= count, correlated >= 1 else {
            return .failure(name)
        }
        let independent = max(1, count / correlated)
        let law = Binomial(trials: independent, probability: upperRate)
        let threshold = Double(law.criticalValue(tail: 0x1p-20)) / Double(independent)
        let observed = Double(errors) / Double(count)
        return HealthResult(
            name: name, passed: observed <= threshold, threshold: threshold, localValue: observed)
    }

    /// The rate's upper bound at 2⁻²⁰ (Clopper and Pearson) where it was counted, else the rate itself.
    private var upperRate: Double {
        guard let trials, trials > 0 else { return rate }
        let errors = Int((rate * Double(trials)).rounded(.up))
        if errors >= trials { return 1 }
        var low = rate
        var high = 1.0
        for _ in 0..<60 {
            let middle = 0.5 * (low + high)
            if Binomial(trials: trials, probability: middle).cumulative(errors) > 0x1p-20 {
                low = middle
            } else {
                high = middle
            }
        }
        return high
    }
}
