// SPDX-License-Identifier: GPL-3.0-or-later

/// Simple statistics of a series of numbers. Constant or empty series give 0, never NaN.
public enum Series {
    public static func mean(_ x: some Collection<Double>) -> Double {
        x.isEmpty ? 0 : x.reduce(0, +) / Double(x.count)
    }

    /// Population variance (divided by n).
    public static func variance(_ x: some Collection<Double>) -> Double {
        let mean = mean(x)
        return x.isEmpty ? 0 : x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    }

    /// Middle value; the mean of the two middle ones for an even count; 0 for none.
    public static func median(_ x: some Collection<Double>) -> Double {
        let sorted = x.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
    }

    /// Pearson's correlation; 0 where either side is constant.
    ///
    /// - Precondition: equal counts.
    public static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        precondition(x.count == y.count, "series of different lengths")
        return crossCorrelation(x, y, lag: 0)
    }

    /// Pearson's correlation of x(n) with y(n + `lag`) over the pairs that exist; 0 where either is constant.
    public static func crossCorrelation(_ x: [Double], _ y: [Double], lag: Int) -> Double {
        let first = max(0, -lag)
        let last = min(x.count, y.count - lag)
        guard last - first >= 2 else { return 0 }
        let n = Double(last - first)
        var meanX = 0.0
        var meanY = 0.0
        for i in first..<last {
            meanX += x[i]
            meanY += y[i + lag]
        }
        meanX /= n
        meanY /= n
        var xx = 0.0
        var yy = 0.0
        var xy = 0.0
        for i in first..<last {
            let a = x[i] - meanX
            let b = y[i + lag] - meanY
            xx += a * a
            yy += b * b
            xy += a * b
        }
        // A constant series leaves only the rounding of its mean.
        let noiseX = 0x1p-50 * abs(meanX)
        let noiseY = 0x1p-50 * abs(meanY)
        guard xx > n * noiseX * noiseX, yy > n * noiseY * noiseY, xx > 0, yy > 0 else { return 0 }
        let r = xy / (xx.squareRoot() * yy.squareRoot())
        return r.isFinite ? min(1, max(-1, r)) : 0
    }

    /// Biased autocovariance (divided by n) at lags 0…`maximumLag`: always a valid covariance sequence.
    public static func autocovariance(_ x: [Double], maximumLag: Int) -> [Double] {
        guard !x.isEmpty, maximumLag >= 0 else { return [] }
        let mean = mean(x)
        let centered = x.map { $0 - mean }
        return (0...min(maximumLag, x.count - 1)).map { lag in
            var sum = 0.0
            for i in 0..<centered.count - lag { sum += centered[i] * centered[i + lag] }
            return sum / Double(x.count)
        }
    }

    /// Autocorrelation at lags 0…`maximumLag`; lag 0 is 1 (0 for a constant series).
    public static func autocorrelation(_ x: [Double], maximumLag: Int) -> [Double] {
        let covariance = autocovariance(x, maximumLag: maximumLag)
        guard let variance = covariance.first, variance > 0 else { return covariance.map { _ in 0 } }
        return covariance.map { $0 / variance }
    }

    /// Mean over a window of `width` samples centered on each sample (an even width reaches one further back);
    /// at the edges over the part of the window that exists.
    public static func movingMean(_ x: [Double], width: Int) -> [Double] {
        // Sums up to each sample, less the series' own mean so that they stay small: O(n) at any width.
        let middle = mean(x)
        var sums = [0.0]
        sums.reserveCapacity(x.count + 1)
        var sum = 0.0
        for value in x {
            sum += value - middle
            sums.append(sum)
        }
        return windows(x.count, width).map {
            middle + (sums[$0.upperBound] - sums[$0.lowerBound]) / Double($0.count)
        }
    }

    /// Median over a centered window, edges as in `movingMean`. O(n · width log width).
    public static func movingMedian(_ x: [Double], width: Int) -> [Double] {
        windows(x.count, width).map { median(x[$0]) }
    }

    private static func windows(_ count: Int, _ width: Int) -> [Range<Int>] {
        let width = max(1, width)
        let ahead = (width - 1) / 2
        let back = width - 1 - ahead
        return (0..<count).map { max(0, $0 - back)..<min(count, $0 + ahead + 1) }
    }
}
