// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Quantization
import Statistics
import Testing

@Suite struct CleaningTests {
    /// The mean over the part of the window that exists, computed anew at each place.
    private func naiveMean(_ x: [Double], _ width: Int) -> [Double] {
        let half = width / 2
        return x.indices.map { n in
            let part = x[max(0, n - half)...min(x.count - 1, n + half)]
            return part.reduce(0, +) / Double(part.count)
        }
    }

    @Test(arguments: [3, 11, 101, 1001]) func `a moving mean of odd width is subtracted, edges and all`(
        window: Int
    ) {
        var noise = Gaussians(seed: UInt64(window))
        let x = noise.array(500).map { $0 - 60 }
        let centered = TrendRemoval(window: window).centered(x)
        for (got, (value, mean)) in zip(centered, zip(x, naiveMean(x, window))) {
            #expect(abs(got - value + mean) < 1e-9)
        }
    }

    @Test func `a slow trend disappears and fast fading stays`() {
        let fading = (0..<2000).map { sin(2 * Double.pi * Double($0) / 10) }
        let trend = (0..<2000).map { -60 + 0.02 * Double($0) }
        let result = TrendRemoval(window: 101).apply(zip(fading, trend).map { $0 + $1 })
        for n in 60..<1940 { #expect(abs(result[n] - fading[n]) < 0.02) }
    }

    @Test func `windows of zero and one change nothing`() {
        let x = [3.0, 1, 4, 1, 5]
        for window in [0, 1] {
            #expect(TrendRemoval(window: window).apply(x) == x)
            #expect(TrendRemoval(window: window).scale(of: x) == [1, 1, 1, 1, 1])
        }
        #expect(TrendRemoval(window: 11, scaleWindow: 5).apply([]).isEmpty)
    }

    @Test func `the local power is taken out, with its floor`() {
        var noise = Gaussians(seed: 21)
        let x = noise.array(4000).enumerated().map { $1 * ($0 < 2000 ? 1 : 8) }
        let trend = TrendRemoval(window: 0, scaleWindow: 201)
        let result = trend.apply(x)
        let loud = Series.variance(Array(result[2200...])).squareRoot()
        let quiet = Series.variance(Array(result[..<1800])).squareRoot()
        #expect(abs(loud / quiet - 1) < 0.1)
        // A floor of the quiet part's own size halves its power.
        let floored = TrendRemoval(window: 0, scaleWindow: 201, scaleFloor: 1).apply(x)
        #expect(abs(Series.variance(Array(floored[..<1800])) / (quiet * quiet) - 0.5) < 0.06)
        #expect(
            TrendRemoval(window: 11, scaleWindow: 45).apply([Double](repeating: 7, count: 100)).allSatisfy {
                $0.isFinite
            })
    }
}
