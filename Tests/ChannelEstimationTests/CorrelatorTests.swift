// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct CorrelatorTests {
    static func noise(_ count: Int, seed: UInt64) -> [IQ] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Air.gaussian(1, &random) }
    }

    /// The definition, in double precision.
    static func naive(_ x: [IQ], at n: Int, lag: Int, window: Int) -> (re: Double, im: Double, energy: Double)
    {
        var (re, im, energy) = (0.0, 0.0, 0.0)
        for i in n..<n + window {
            let (a, b) = (x[i], x[i + lag])
            re += Double(a.re) * Double(b.re) + Double(a.im) * Double(b.im)
            im += Double(a.re) * Double(b.im) - Double(a.im) * Double(b.re)
            energy += (Double(a.power) + Double(b.power)) / 2
        }
        return (re, im, energy)
    }

    @Test func `every kernel's block sums are the generic ones bit for bit`() throws {
        let samples = Self.noise(16 * 133 + 64, seed: 1)
        for kernel in CorrelatorKernel.available {
            for count in [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 128, 129] {
                for lag in [16, 32, 64] {
                    let sums = [CorrelatorKernel.generic, kernel].map { kernel in
                        var re = [Float](repeating: 0, count: count + 1)
                        var im = re
                        var energy = re
                        let floats = samples.flatMap { [$0.re, $0.im] }
                        unsafe qw_correlate_blocks(
                            kernel.rawValue, floats, count, lag, &re, &im, &energy)
                        return [re, im, energy].map { $0.map(\.bitPattern) }
                    }
                    #expect(sums[0] == sums[1], "\(kernel), \(count) blocks, lag \(lag)")
                }
            }
        }
    }

    @Test(arguments: [(16, 48), (16, 144), (32, 288), (64, 576), (64, 64)])
    func `the sums are their definition's`(lag: Int, window: Int) throws {
        let samples = Self.noise(window + lag + 200, seed: 2)
        let correlator = try DelayCorrelator(lag: lag, window: window, threshold: 0.5)
        let (products, energies) = correlator.sums(samples.span, from: 7, count: 150)
        for n in 0..<150 {
            let expected = Self.naive(samples, at: n + 7, lag: lag, window: window)
            #expect(abs(Double(products[n].re) - expected.re) < 1e-4 * expected.energy)
            #expect(abs(Double(products[n].im) - expected.im) < 1e-4 * expected.energy)
            #expect(abs(Double(energies[n]) - expected.energy) < 1e-5 * expected.energy)
        }
    }

    @Test(arguments: [1, 16], [Float(0.2), 0.3, 0.36, 0.5, 0.7])
    func `hits are where a look at every position finds them, with each kernel`(stride: Int, threshold: Float)
        throws
    {
        // Noise, silence, a periodic stretch of growing and falling strength: all sides of the screen.
        var samples = Self.noise(6000, seed: UInt64(threshold * 100))
        for index in 2000..<2300 { samples[index] = .zero }
        for index in 3100..<3400 { samples[index] = samples[index] + samples[3084 + index % 16] * 1.5 }
        for index in 5000..<5200 { samples[index] = samples[index - 16] * 1.02 }
        let metrics = (0..<5600).map { n in
            let sums = Self.naive(samples, at: n, lag: 16, window: 144)
            return sums.energy > 0 ? (sums.re * sums.re + sums.im * sums.im).squareRoot() / sums.energy : 0
        }
        for kernel in CorrelatorKernel.available {
            let correlator = try DelayCorrelator(
                lag: 16, window: 144, threshold: threshold, stride: stride, kernel: kernel)
            var from = 3
            while true {
                let hit = correlator.firstHit(samples.span, from: from, to: 5600)
                let expected = Swift.stride(from: from, to: 5600, by: stride).first {
                    metrics[$0] > Double(threshold)
                }
                // Rounding may decide a metric that is the threshold to five digits.
                if let hit, let expected, hit != expected {
                    let doubtful = metrics[min(hit, expected)]
                    #expect(abs(doubtful - Double(threshold)) < 1e-5, "\(kernel) \(hit) \(expected)")
                } else {
                    #expect(hit == expected, "\(kernel) from \(from)")
                }
                guard let next = hit ?? expected else { break }
                from = next + 1 + (next * 7) % 37
            }
        }
    }

    @Test func `silence, constants and numbers beyond all bounds are no trap`() throws {
        let correlator = try DelayCorrelator(lag: 16, window: 144, threshold: 0.36)
        let count = 1000
        #expect(correlator.firstHit(Air.silence(count).span, to: count - correlator.reach) == nil)
        let constant = [IQ](repeating: IQ(3, 4), count: count)
        #expect(correlator.firstHit(constant.span, from: 5, to: count - correlator.reach) == 5)
        // Products overflow to infinity, and infinity doesn't exceed infinity.
        let huge = [IQ](repeating: IQ(.greatestFiniteMagnitude, 0), count: count)
        #expect(correlator.firstHit(huge.span, to: count - correlator.reach) == nil)
    }

    @Test(arguments: [
        (15, 144, 0.3), (16, 16, 0.3), (16, 1040, 0.3), (16, 144, 0), (16, 144, 1), (16, 144, .nan),
    ])
    func `values outside the limits are refused`(lag: Int, window: Int, threshold: Double) {
        let error = #expect(throws: QWaveError.self) {
            _ = try DelayCorrelator(lag: lag, window: window, threshold: Float(threshold))
        }
        #expect(error?.code == .usage)
    }
}
