// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// How fast a channel changes, from sacrificed probes: the largest Doppler shift that Clarke's spectrum would need.
///
/// Powers are compared, not gains, because two radios without a common reference turn the phase between probes.
/// For Rayleigh fading the power's autocovariance over time is J₀²(2πf_dτ) of its variance (Clarke 1968; Jakes 1974,
/// 1.3); noise lies in lag 0 alone, so lags from 1 on are compared with the line through lags 1 and 2. The first lag
/// at which the correlation falls below ½, J₀ = 0.7071 at 1.1263, tells f_d.
public struct DopplerEstimate: Sendable, Hashable {
    /// In Hz; where the channel didn't change enough, the largest that it may be.
    public var maximumDoppler: Double
    /// False where the channel stood still as far as these probes can tell.
    public var isResolved: Bool

    static let halfPoint = 1.1263

    /// - Parameters:
    ///   - probes: gains by sequence number, the same tones in each.
    ///   - period: seconds from number to number.
    /// - Returns: nil for fewer than 16 probes.
    public init?(_ probes: [(sequence: UInt32, gains: [IQ])], period: Double) {
        guard probes.count >= 16, period > 0, let tones = probes.first?.gains.count,
            probes.allSatisfy({ $0.gains.count == tones }), tones > 0
        else { return nil }
        let powers = probes.map { $0.gains.map { Double($0.power) } }
        var mean = [Double](repeating: 0, count: tones)
        for power in powers { for tone in 0..<tones { mean[tone] += power[tone] / Double(powers.count) } }
        var index: [UInt32: Int] = [:]
        for (place, probe) in probes.enumerated() { index[probe.sequence] = place }
        func covariance(_ lag: UInt32) -> Double? {
            var sum = 0.0
            var pairs = 0
            for (place, probe) in probes.enumerated() {
                guard let other = index[probe.sequence &+ lag] else { continue }
                pairs += 1
                for tone in 0..<tones {
                    sum += (powers[place][tone] - mean[tone]) * (powers[other][tone] - mean[tone])
                }
            }
            return pairs >= 8 ? sum / Double(pairs) : nil
        }
        guard let first = covariance(1), let second = covariance(2) else { return nil }
        // A parabola through lags 1 and 2 with its top at 0 says what lag 0 is without noise.
        let top = first + (first - second) / 3
        let reach = UInt32(max(2, probes.count / 4))
        guard top > 0, first > 0 else {
            self.init(maximumDoppler: Self.halfPoint / (2 * .pi * period), isResolved: true)
            return
        }
        var before = 1.0
        for lag in 1...reach {
            guard let value = covariance(lag) else { break }
            let correlation = value / top
            if correlation < 0.5 {
                let part = (before - 0.5) / max(before - correlation, 1e-9)
                let time = (Double(lag) - 1 + part) * period
                self.init(
                    maximumDoppler: Self.halfPoint / (2 * .pi * max(time, period / 4)), isResolved: true)
                return
            }
            before = correlation
        }
        self.init(maximumDoppler: Self.halfPoint / (2 * .pi * Double(reach) * period), isResolved: false)
    }

    private init(maximumDoppler: Double, isResolved: Bool) {
        self.maximumDoppler = maximumDoppler
        self.isResolved = isResolved
    }

    /// Probes a second that follow the channel: six a period of the largest shift, so that interpolation, which takes
    /// four, and a first estimate that is a third too low both hold.
    public func rate(in range: ClosedRange<Double>) -> Double {
        min(max(6 * maximumDoppler, range.lowerBound), range.upperBound)
    }
}
