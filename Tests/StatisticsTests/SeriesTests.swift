// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import TestSupport
import Testing

@Suite struct SeriesTests {
    @Test func `Levinson and Durbin solve the Yule-Walker equations`() {
        let result = LevinsonDurbin(autocovariance: [1, 0.8, 0.5, 0.2, 0.1])
        let coefficients = [
            1.1124620060790278, -0.13677811550152005, -0.5653495440729484, 0.3981762917933132,
        ]
        let errors = [1.0, 0.36, 0.30555555555555536, 0.29909090909090885, 0.25167173252279607]
        for i in 0..<4 { #expect(abs(result.coefficients[i] - coefficients[i]) < 1e-12) }
        for i in 0..<5 { #expect(abs(result.errors[i] - errors[i]) < 1e-12) }
    }

    @Test func `an impossible or empty autocovariance gives a short predictor, not a trap`() {
        #expect(LevinsonDurbin(autocovariance: [1, 1, 1]).errors == [1])
        #expect(LevinsonDurbin(autocovariance: [0, 0]).errors == [0])
        #expect(LevinsonDurbin(autocovariance: []).errors == [0])
        #expect(LevinsonDurbin(autocovariance: [1, 0.5, .nan]).errors == [1, 0.75])
        #expect(LevinsonDurbin(autocovariance: [.nan, 1]).coefficients.isEmpty)
    }

    @Test func `the correlation is numpy's`() {
        #expect(close(Series.correlation([1, 2, 3, 5], [2, 1, 4, 6]), 0.9022436386781061, 1e-14))
        #expect(close(Series.correlation([1, 2, 3], [-1, -2, -3]), -1, 1e-15))
    }

    @Test func `a constant series correlates with nothing, and gives no NaN`() {
        #expect(Series.correlation([0.1, 0.1, 0.1], [1, 2, 3]) == 0)
        #expect(Series.correlation([], []) == 0)
        #expect(Series.autocorrelation([7, 7, 7], maximumLag: 2) == [0, 0, 0])
        #expect(Series.mean([]) == 0)
        #expect(Series.median([]) == 0)
    }

    @Test func `the cross-correlation peaks at the planted lag`() {
        var generator = SplitMix64(seed: 4)
        let x = (0..<200).map { _ in Double.random(in: -1...1, using: &generator) }
        let y = [0, 0, 0] + x.dropLast(3)
        #expect(close(Series.crossCorrelation(x, y, lag: 3), 1, 1e-12))
        #expect(abs(Series.crossCorrelation(x, y, lag: 0)) < 0.3)
        #expect(close(Series.crossCorrelation(y, x, lag: -3), 1, 1e-12))
        #expect(Series.crossCorrelation(x, y, lag: 500) == 0)
    }

    @Test func `the autocorrelation follows the biased definition`() {
        // Mean 2, deviations −1, 0, 1, 0: covariance 0.5, 0, −0.25.
        #expect(Series.autocovariance([1, 2, 3, 2], maximumLag: 2) == [0.5, 0, -0.25])
        #expect(Series.autocorrelation([1, 2, 3, 2], maximumLag: 9).count == 4)
    }

    @Test func `moving windows shrink at the edges`() {
        #expect(Series.movingMean([1, 2, 6, 3, 5], width: 3) == [1.5, 3, 11.0 / 3, 14.0 / 3, 4])
        #expect(Series.movingMedian([1, 2, 6, 3, 5], width: 3) == [1.5, 2, 3, 5, 4])
        #expect(Series.movingMean([1, 2, 3], width: 2) == [1, 1.5, 2.5])
        #expect(Series.movingMean([1, 2, 3], width: 1) == [1, 2, 3])
        #expect(Series.movingMean([], width: 5).isEmpty)
        #expect(Series.median([4, 1, 3, 2]) == 2.5)
        #expect(Series.variance([1, 3]) == 1)
    }
}
