// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Quantization
import Statistics
import Testing

@Suite struct InterpolationTests {
    /// The end that receives first moves forward by half the turnaround (probing, section 1, step 5).
    @Test(arguments: [true, false], [0.0, 0.05, 0.1, 0.25])
    func `a slow sinusoid moves by half the turnaround`(first: Bool, fraction: Double) {
        let interval = 0.02
        let turnaround = 2 * fraction * interval
        let tool = MidpointInterpolation(turnaround: turnaround, interval: interval, receivesFirst: first)
        #expect(abs(tool.fraction - (first ? fraction : -fraction)) < 1e-12)
        // An eighth of the rate: twice what the rule f_s ≥ 4 f_d demands.
        let frequency = 1 / (8 * interval)
        let wave = { (t: Double) in sin(2 * Double.pi * frequency * t + 0.3) }
        let x = (0..<100).map { wave(Double($0) * interval) }
        let moved = tool.apply(x)
        let shift = first ? turnaround / 2 : -turnaround / 2
        // Cubic Lagrange: error at most μ(1 − μ²)(2 − μ)/24·(2πf T)⁴.
        let bound = fraction * (1 - fraction * fraction) * (2 - fraction) / 24 * pow(Double.pi / 4, 4) + 1e-12
        for n in 2..<98 { #expect(abs(moved[n] - wave(Double(n) * interval + shift)) <= bound) }
    }

    @Test func `cubics are moved exactly, forward and back`() {
        let cubic = { (t: Double) in 2 - t + 0.5 * t * t - 0.1 * t * t * t }
        let x = (0..<20).map { cubic(Double($0)) }
        for first in [true, false] {
            let tool = MidpointInterpolation(turnaround: 0.6, interval: 1, receivesFirst: first)
            let moved = tool.apply(x)
            for n in 2..<18 { #expect(abs(moved[n] - cubic(Double(n) + tool.fraction)) < 1e-10) }
        }
    }

    @Test func `two samples at each edge stay, and short streams stay whole`() {
        let tool = MidpointInterpolation(turnaround: 0.01, interval: 0.02, receivesFirst: true)
        for count in 0..<8 {
            let x = (0..<count).map { Double($0 * $0) + 1 }
            let moved = tool.apply(x)
            #expect(moved.count == count)
            for n in 0..<count where n < 2 || n >= count - 2 { #expect(moved[n] == x[n]) }
        }
    }

    /// 1.5 ms of turnaround at 18 Hz and 80 pairs a second: what both ends' streams share rises.
    @Test func `both ends moved to the middle agree better than they did`() {
        let (doppler, turnaround, interval) = (18.0, 1.5e-3, 1 / 80.0)
        let wave = { (t: Double) in
            sin(2 * Double.pi * doppler * t) + cos(2 * Double.pi * doppler * 0.61 * t + 1)
        }
        let a = (0..<2000).map { wave(Double($0) * interval) }
        let b = (0..<2000).map { wave(Double($0) * interval + turnaround) }
        let moved = [(a, true), (b, false)].map {
            MidpointInterpolation(turnaround: turnaround, interval: interval, receivesFirst: $1).apply($0)
        }
        let before = Series.correlation(a, b)
        let after = Series.correlation(moved[0], moved[1])
        #expect(1 - after < 0.2 * (1 - before))
    }

    @Test func `an interval of zero leaves the stream alone`() {
        let x = (0..<10).map { Double($0) }
        for interval: Double in [0, -.infinity, .nan] {
            let tool = MidpointInterpolation(turnaround: 1e-3, interval: interval, receivesFirst: true)
            #expect(tool.apply(x).allSatisfy { $0.isFinite })
        }
    }
}
