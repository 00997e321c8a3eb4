// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Statistics
import TestSupport
import Testing

@testable import Quantization

@Suite struct DitherTests {
    private func dithered(_ values: [Float], columns: Int = 1, seed: UInt64 = 5) throws -> FeatureMatrix {
        var matrix = FeatureMatrix(rows: values.count / columns, columns: columns, values: values)
        try Dither.apply(to: &matrix, random: SeededRandomSource(seed: seed))
        return matrix
    }

    @Test func `whole decibels become numbers with a density, each within half a step of what was recorded`()
        throws
    {
        var gaussians = Gaussians(seed: 2)
        let recorded = gaussians.array(20_000).map { Float(($0 * 3 - 70).rounded()) }
        let values = try dithered(recorded).values
        #expect(zip(values, recorded).allSatisfy { abs($0 - $1) <= 0.5 })
        #expect(Set(values).count > 19_000)
        // Uniform inside the step, and of the step's variance.
        let noise = zip(values, recorded).map { Double($0 - $1) }
        #expect(abs(noise.reduce(0, +) / 20_000) < 0.01)
        #expect(abs(Series.variance(noise) * 12 - 1) < 0.03)
        #expect(abs(Series.correlation(noise, recorded.map(Double.init))) < 0.03)
    }

    @Test func `uneven steps are filled to the middle of their gaps, by another draw each time`() throws {
        let levels: [Float] = [1, 2, 4, 8]
        let recorded = (0..<4_000).map { levels[$0 % 4] }
        let values = try dithered(recorded).values
        for (value, level) in zip(values, recorded) {
            let low: Float = level == 1 ? 0.5 : level * 0.75
            let high: Float = level == 8 ? 10 : level * 1.5
            #expect(value >= low && value <= high, "\(level) became \(value)")
        }
        #expect(try dithered(recorded, seed: 6).values != values)
    }

    @Test func `measured fractions and constants stay what they are`() throws {
        var gaussians = Gaussians(seed: 3)
        let fractions = gaussians.array(2_000).map { Float($0) }
        #expect(try dithered(fractions).values == fractions)
        #expect(
            try dithered([Float](repeating: -60, count: 500)).values == [Float](repeating: -60, count: 500))
        // Column by column.
        let mixed = (0..<2_000).flatMap { [fractions[$0], Float($0 % 5)] }
        let matrix = try dithered(mixed, columns: 2)
        #expect(matrix.column(0) == fractions.map(Double.init))
        #expect(zip(matrix.column(1), 0..<2_000).contains { $0 != Double($1 % 5) })
    }
}
