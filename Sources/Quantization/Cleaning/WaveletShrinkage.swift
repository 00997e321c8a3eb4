// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// Takes noise out of a stream by shrinking the details of its wavelet transform.
///
/// Daubechies' wavelet with four vanishing moments (db4, eight coefficients; CPAM 41(7), 1988), three levels, and
/// Donoho and Johnstone's universal threshold σ √(2 ln N), soft, with σ the median of the finest details' magnitudes
/// over 0.6745 (Biometrika 81(3), 1994). The transform is periodic: the stream is continued by its mirror image.
public struct WaveletShrinkage: Sendable, Hashable {
    public let levels: Int

    /// - Precondition: 1 to 10 levels.
    public init(levels: Int = 3) {
        precondition((1...10).contains(levels), "levels out of range")
        self.levels = levels
    }

    /// The low-pass filter: of unit energy, its sum √2.
    public static let scaling = [
        0.23037781330885523, 0.7148465705525415, 0.6308807679295904, -0.02798376941698385,
        -0.18703481171888114, 0.030841381835986965, 0.032883011666982945, -0.010597401784997278,
    ]

    /// The high-pass filter: (−1)^k h(7 − k).
    public static let wavelet = scaling.indices.map { k in (k % 2 == 0 ? 1 : -1) * scaling[7 - k] }

    /// One level: approximation and details, half as many each, of a periodic stream of an even count.
    static func analyze(_ x: [Double]) -> (low: [Double], high: [Double]) {
        let half = x.count / 2
        func filtered(_ filter: [Double]) -> [Double] {
            (0..<half).map { n in
                filter.indices.reduce(0) { $0 + filter[$1] * x[(2 * n + $1) % x.count] }
            }
        }
        return (filtered(scaling), filtered(wavelet))
    }

    /// The stream of one level's approximation and details.
    static func synthesize(_ low: [Double], _ high: [Double]) -> [Double] {
        var x = [Double](repeating: 0, count: 2 * low.count)
        for n in low.indices {
            for k in scaling.indices {
                x[(2 * n + k) % x.count] += scaling[k] * low[n] + wavelet[k] * high[n]
            }
        }
        return x
    }

    /// The stream with its noise shrunk; one shorter than 8 samples a level stays as it is.
    public func apply(_ x: [Double]) -> [Double] {
        guard x.count >= 8 << levels else { return x }
        // Mirrored at its end the stream has no jump; filled up to what halves `levels` times.
        let unit = 1 << levels
        let length = (2 * x.count + unit - 1) / unit * unit
        let mirrored = x + x.reversed()
        var low = (0..<length).map { mirrored[min($0, mirrored.count - 1)] }
        var details: [[Double]] = []
        for _ in 0..<levels {
            let (next, high) = Self.analyze(low)
            details.append(high)
            low = next
        }
        let sigma = Series.median(details[0].map(abs)) / 0.6745
        let threshold = sigma * (2 * log(Double(x.count))).squareRoot()
        for high in details.reversed() {
            let shrunk = high.map { value in
                value > 0 ? max(0, value - threshold) : min(0, value + threshold)
            }
            low = Self.synthesize(low, shrunk)
        }
        return Array(low.prefix(x.count))
    }
}
