// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@Suite struct ReceiverImageTests {
    static func estimate(_ samples: [IQ], _ preamble: LegacyPreamble) throws -> ReceiverImageEstimator {
        var estimator = ReceiverImageEstimator(preamble)
        for frame in try PreambleTests.frames(samples, preamble, kept: preamble.count) {
            estimator.add(frame, sampleRate: preamble.width.sampleRate)
        }
        return estimator
    }

    @Test(arguments: ChannelWidth.allCases)
    func `the image that a receiver adds is measured and removed`(width: ChannelWidth) throws {
        let preamble = LegacyPreamble(width: width)
        let air = Air(taps: Air.fourTaps, offset: 2 * .pi * 33e3 / width.sampleRate, noise: 1e-4)
        let (clean, _) = PreambleTests.recording(
            preamble, air, frames: 30, spacing: 800 * width.parts, seed: 3)
        let image = IQ(0.01, -0.014)
        let samples = clean.map { $0 + image * $0.conjugate }
        let estimator = try Self.estimate(samples, preamble)
        let measured = try #require(estimator.image)
        #expect(estimator.frames == 30)
        #expect((measured.ratio - image).amplitude < 1e-3)
        #expect(estimator.standardError < 1e-3)
        let removed = measured.removed(from: samples)
        let rest = zip(removed, clean).reduce(0.0) { $0 + Double(($1.0 - $1.1).power) }
        let whole = clean.reduce(0.0) { $0 + Double($1.power) }
        // From 3·10⁻⁴ of the power to less than a hundredth of that.
        #expect(rest / whole < 3e-6)
    }

    @Test func `frames without an offset, cut ones and silence tell nothing`() throws {
        let preamble = LegacyPreamble()
        let (samples, _) = PreambleTests.recording(
            preamble, Air(noise: 1e-4), frames: 5, spacing: 800, seed: 3)
        #expect(try Self.estimate(samples, preamble).image == nil)
        var estimator = ReceiverImageEstimator(preamble)
        let frame = try #require(try PreambleTests.frames(samples, preamble).first)
        estimator.add(frame, sampleRate: 20e6)
        #expect(estimator.image == nil && estimator.frames == 0 && estimator.standardError == .infinity)
    }
}
