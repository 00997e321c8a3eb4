// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Quantization
import Statistics
import TestSupport
import Testing

@Suite struct MarginalTests {
    /// χ² of u on `cells` cells.
    private func chiSquare(_ scores: [Double], cells: Int) -> Double {
        var counts = [Double](repeating: 0, count: cells)
        for score in scores { counts[min(cells - 1, Int(Normal.cumulative(score) * Double(cells)))] += 1 }
        let expected = Double(scores.count) / Double(cells)
        return counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    }

    @Test func `scores of fresh samples are uniform whatever the distribution`() throws {
        var noise = Gaussians(seed: 12)
        let laws: [(Double) -> Double] = [
            { $0 }, { exp($0) }, { 3 * $0 * $0 * $0 + $0 - 7 }, { $0 > 0 ? $0 : 5 * $0 },
        ]
        for law in laws {
            let marginal = try #require(MarginalDistribution(samples: noise.array(200_000).map(law)))
            #expect(marginal.isValid)
            let scores = noise.array(20_000).map { marginal.score(law($0)) }
            // 64 cells: mean 63, deviation 11; the fit's own error adds a tenth.
            #expect(chiSquare(scores, cells: 64) < 140)
        }
        // The test sees what it should: a Gaussian read through a table of another spread.
        let narrow = try #require(MarginalDistribution(samples: noise.array(20_000).map { 0.9 * $0 }))
        #expect(chiSquare(noise.array(20_000).map { narrow.score($0) }, cells: 64) > 200)
    }

    @Test func `scores rise with the value, all the way into the tails, within eight`() throws {
        var noise = Gaussians(seed: 13)
        let marginal = try #require(MarginalDistribution(samples: noise.array(1000).map { $0 * 4 + 2 }))
        let values = (-4000...4000).map { Double($0) * 0.02 }
        let scores = values.map { marginal.score($0) }
        #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(scores.allSatisfy { abs($0) <= 8 })
        #expect(scores.first == -8 && scores.last == 8)
        #expect(marginal.score(.infinity) == 8 && marginal.score(-.infinity) == -8)
        #expect(abs(marginal.score(.nan)) <= 8)
        // A standard deviation beyond the table is one more of score.
        let last = marginal.values[marginal.values.count - 1]
        #expect(abs(marginal.score(last + marginal.deviation) - marginal.score(last) - 1) < 1e-9)
        let first = marginal.values[0]
        #expect(abs(marginal.score(first - marginal.deviation) - marginal.score(first) + 1) < 1e-9)
    }

    @Test func `table points have the scores that they were made for`() throws {
        var noise = Gaussians(seed: 14)
        let samples = noise.array(5000).map { exp($0) }
        let marginal = try #require(MarginalDistribution(samples: samples))
        #expect(marginal.values.count == 129)
        for (index, value) in marginal.values.enumerated() {
            let expected = marginal.firstScore * (1 - Double(index) / 64)
            #expect(abs(marginal.score(value) - expected) < 1e-6)
        }
        // The median has score 0, to the resolution of the table.
        #expect(abs(marginal.score(Series.median(samples))) < 1e-3)
        let sorted = samples.sorted()
        for quarter in [0.1, 0.25, 0.75, 0.9] {
            #expect(abs(Normal.cumulative(marginal.score(sorted[Int(quarter * 5000)])) - quarter) < 0.002)
        }
    }

    @Test func `what carries no distribution makes no table`() {
        #expect(MarginalDistribution(samples: []) == nil)
        #expect(MarginalDistribution(samples: (0..<15).map(Double.init)) == nil)
        #expect(MarginalDistribution(samples: [Double](repeating: 3, count: 100)) == nil)
        #expect(MarginalDistribution(samples: (0..<99).map(Double.init) + [.nan]) == nil)
        #expect(MarginalDistribution(samples: (0..<99).map(Double.init) + [.infinity]) == nil)
        // Two values only: still strictly rising.
        #expect(MarginalDistribution(samples: (0..<100).map { Double($0 % 2) })?.isValid == true)
    }

    @Test func `a table survives its journey, and damaged ones are found out`() throws {
        var noise = Gaussians(seed: 15)
        let marginal = try #require(MarginalDistribution(samples: noise.array(300)))
        let data = try JSONEncoder().encode(marginal)
        #expect(try JSONDecoder().decode(MarginalDistribution.self, from: data) == marginal)
        func table(_ values: String, _ first: String, _ deviation: String) throws -> MarginalDistribution {
            try JSONDecoder().decode(
                MarginalDistribution.self,
                from: Data("{\"values\":\(values),\"firstScore\":\(first),\"deviation\":\(deviation)}".utf8))
        }
        #expect(try table("[-1,0,1]", "-2", "0.7").isValid)
        for (values, first, deviation) in [
            ("[]", "-2", "1"), ("[1]", "-2", "1"), ("[1,1]", "-2", "1"), ("[2,1]", "-2", "1"),
            ("[1,2]", "2", "1"),
            ("[1,2]", "0", "1"), ("[1,2]", "-9", "1"), ("[1,2]", "-2", "0"), ("[1,2]", "-2", "-1"),
            ("[-1.5e308,1.5e308]", "-2", "1"),
        ] {
            #expect(try !table(values, first, deviation).isValid, "\(values) \(first) \(deviation)")
        }
    }
}
