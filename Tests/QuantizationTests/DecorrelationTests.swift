// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@testable import Quantization

@Suite struct DecorrelationTests {
    /// Rows of a linear mix of independent sources, and a second end that sees them through another filter.
    private func ends(_ rows: Int, seed: UInt64) -> (FeatureMatrix, FeatureMatrix) {
        var noise = Gaussians(seed: seed)
        let mix = (0..<6).map { _ in noise.array(4) }
        var a: [Float] = []
        var b: [Float] = []
        for _ in 0..<rows {
            let source = noise.array(4)
            let shared = mix.map { weights in zip(weights, source).reduce(0) { $0 + $1.0 * $1.1 } }
            a += shared.map { Float($0 + 0.1 * noise.next() + 3) }
            b += shared.enumerated().map { Float((0.5 + 0.3 * Double($0)) * $1 + 0.1 * noise.next() - 1) }
        }
        return (
            FeatureMatrix(rows: rows, columns: 6, values: a), FeatureMatrix(rows: rows, columns: 6, values: b)
        )
    }

    @Test func `the transform's components are uncorrelated, strongest first`() throws {
        let (a, b) = ends(4000, seed: 1)
        let maps = try #require(Decorrelator(.klt, a, b, limit: 6))
        let components = maps.initiator.apply(a)
        let power = components.map { Series.variance($0) }
        #expect(zip(power, power.dropFirst()).allSatisfy { $0 >= $1 })
        for i in components.indices {
            #expect(abs(Series.mean(components[i])) < 1e-4)
            for j in 0..<i { #expect(abs(Series.correlation(components[i], components[j])) < 1e-4) }
        }
        // All the power, for the transform is a rotation.
        let total = (0..<6).reduce(0) { $0 + Series.variance(a.column($1)) }
        #expect(abs(power.reduce(0, +) / total - 1) < 1e-4)
    }

    /// The normal equations of least squares: what the responder's map leaves is uncorrelated with all he has.
    @Test func `the responder's map predicts the initiator's components as well as anything linear`() throws {
        let (a, b) = ends(4000, seed: 2)
        let maps = try #require(Decorrelator(.klt, a, b, limit: 4))
        let x = maps.initiator.apply(a)
        let y = maps.responder.apply(b)
        #expect(x.count == 4 && y.count == 4)
        for k in 0..<4 {
            let residual = zip(x[k], y[k]).map { $0 - $1 }
            for column in 0..<6 { #expect(abs(Series.correlation(residual, b.column(column))) < 1e-3) }
            #expect(Series.correlation(x[k], y[k]) > 0.9)
        }
        // On samples that neither saw before.
        let (newA, newB) = ends(500, seed: 2)
        #expect(Series.correlation(maps.initiator.apply(newA)[0], maps.responder.apply(newB)[0]) > 0.9)
    }

    @Test func `constant features make no transform, and limits hold`() {
        let flat = FeatureMatrix(rows: 100, columns: 3, values: [Float](repeating: 2, count: 300))
        #expect(Decorrelator(.klt, flat, flat, limit: 3) == nil)
        let (a, b) = ends(200, seed: 3)
        #expect(Decorrelator(.klt, a, b, limit: 2)?.initiator.components == 2)
        #expect(Decorrelator(.identity, a, b, limit: 2)?.initiator.selection == [0, 1])
        let selected = Decorrelator(.dct, a, b, limit: 3)?.initiator.selection ?? []
        let power = (0..<6).map { Series.variance(a.column($0)) }
        #expect(selected == Array(power.indices.sorted { power[$0] > power[$1] }.prefix(3)))
    }

    /// C[u, v] of each plane by the definition's double sum.
    @Test(arguments: [1, 2], [1, 4, 5])
    func `a block's transform is the DCT's double sum over time and tones`(
        planes: Int, timeBlock: Int
    ) {
        let width = 6
        var noise = Gaussians(seed: 5)
        let rows = 2 * timeBlock + (timeBlock > 1 ? 1 : 0)
        let matrix = FeatureMatrix(
            rows: rows, columns: planes * width, values: noise.array(rows * planes * width).map { Float($0) })
        let result = BlockTransform(timeBlock: timeBlock, planes: planes).apply(matrix)
        #expect(result.rows == 2 && result.columns == timeBlock * planes * width)
        func scale(_ u: Int, _ n: Int) -> Double { ((u == 0 ? 1 : 2) / Double(n)).squareRoot() }
        for block in 0..<2 {
            for plane in 0..<planes {
                for u in 0..<timeBlock {
                    for v in 0..<width {
                        var sum = 0.0
                        for t in 0..<timeBlock {
                            let slow = cos(Double.pi * Double((2 * t + 1) * u) / Double(2 * timeBlock))
                            for k in 0..<width {
                                let fast = cos(Double.pi * Double((2 * k + 1) * v) / Double(2 * width))
                                sum += Double(matrix[block * timeBlock + t, plane * width + k]) * slow * fast
                            }
                        }
                        let got = Double(result[block, (plane * timeBlock + u) * width + v])
                        #expect(abs(got - sum * scale(u, timeBlock) * scale(v, width)) < 1e-5)
                    }
                }
            }
        }
    }

    @Test func `maps apply weights or selections to what the mean leaves`() {
        let matrix = FeatureMatrix(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
        let weights = LinearMap(mean: [1, 1, 1], weights: [[1, 0, 1], [0, 2, 0]])
        #expect(weights.apply(matrix) == [[2, 8], [2, 8]])
        let selection = LinearMap(mean: [1, 1, 1], selection: [2, 0])
        #expect(selection.apply(matrix) == [[2, 5], [0, 3]])
        #expect(weights.keeping([1]).apply(matrix) == [[2, 8]])
        #expect(selection.keeping([1]).selection == [0])
        #expect(weights.isValid(inputs: 3) && !weights.isValid(inputs: 2))
        #expect(!LinearMap(mean: [0], weights: [[1]], selection: [0]).isValid(inputs: 1))
        #expect(!LinearMap(mean: [0]).isValid(inputs: 1))
        #expect(!LinearMap(mean: [0], selection: [1]).isValid(inputs: 1))
        #expect(!LinearMap(mean: [.nan], selection: [0]).isValid(inputs: 1))
        #expect(!LinearMap(mean: [0], weights: [[.infinity]]).isValid(inputs: 1))
    }
}
