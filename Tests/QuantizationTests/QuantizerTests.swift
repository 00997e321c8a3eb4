// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Quantization
import Statistics
import Testing

@Suite struct QuantizerTests {
    @Test func `Gray labels of neighbors differ in one bit, and every label appears once`() {
        #expect((0..<8).map(GrayCode.encode) == [0b000, 0b001, 0b011, 0b010, 0b110, 0b111, 0b101, 0b100])
        for bits in 1...10 {
            let labels = (0..<1 << bits).map(GrayCode.encode)
            #expect(Set(labels) == Set(0..<1 << bits))
            #expect(zip(labels, labels.dropFirst()).allSatisfy { ($0 ^ $1).nonzeroBitCount == 1 })
        }
    }

    /// Quantiles of the normal distribution, from tables.
    @Test func `thresholds of equal cells are the published ones`() {
        let eighths = [0.318639364, 0.674489750, 1.150349380]
        let sixteenths = [
            0.157310685, 0.318639364, 0.488776411, 0.674489750, 0.887146559, 1.150349380, 1.534120544,
        ]
        func mirrored(_ half: [Double]) -> [Double] { half.reversed().map { -$0 } + [0] + half }
        let tables = [[0], mirrored([0.674489750]), mirrored(eighths), mirrored(sixteenths)]
        for (index, table) in tables.enumerated() {
            let got = EquiprobableQuantizer(bits: index + 1).thresholds
            #expect(got.count == table.count)
            #expect(zip(got, table).allSatisfy { abs($0 - $1) < 6e-10 })
        }
    }

    @Test func `a score falls into the cell whose lower threshold it reaches`() {
        for bits in 1...10 {
            let quantizer = EquiprobableQuantizer(bits: bits)
            for (index, threshold) in quantizer.thresholds.enumerated() {
                #expect(quantizer.symbol(threshold) == index + 1)
                #expect(quantizer.symbol(threshold.nextDown) == index)
            }
            #expect(quantizer.symbol(-100) == 0 && quantizer.symbol(100) == (1 << bits) - 1)
            #expect((0..<1 << bits).map(quantizer.label) == (0..<1 << bits).map(GrayCode.encode))
        }
    }

    /// log P(bit = 0 | y)/P(bit = 1 | y) by the trapezoidal rule over x given y.
    @Test(arguments: [1, 2, 3, 4], [0.3, 0.9, 100.0 / 101])
    func `likelihoods of equal cells agree with integration of the density`(bits: Int, rho: Double) {
        let quantizer = EquiprobableQuantizer(bits: bits)
        for y in [-3.0, -1.1, -0.2, 0, 0.05, 0.7, 2.4] {
            var mass = [(Double, Double)](repeating: (0, 0), count: bits)
            let spread = (1 - rho * rho).squareRoot()
            let steps = 20_000
            for step in 0..<steps {
                let t = -9 + 18 * (Double(step) + 0.5) / Double(steps)
                let weight = exp(-t * t / 2)
                let label = GrayCode.encode(quantizer.thresholds.filter { $0 <= rho * y + spread * t }.count)
                for bit in 0..<bits {
                    if label >> bit & 1 == 0 { mass[bit].0 += weight } else { mass[bit].1 += weight }
                }
            }
            let ratios = quantizer.logLikelihoods(score: y, correlation: rho)
            #expect(ratios.count == bits)
            for (got, (zero, one)) in zip(ratios, mass) where zero > 1e-7 * one && one > 1e-7 * zero {
                #expect(abs(got - log(zero / one)) < 0.01 + 0.002 * abs(got))
            }
        }
    }

    @Test func `likelihoods of equal cells stay finite far out and near certainty`() {
        for rho in [1e-9, 0.5, 0.9999, 1 - 1e-12] {
            for y in [-8.0, -7.9, 0, 8] {
                let ratios = EquiprobableQuantizer(bits: 4).logLikelihoods(score: y, correlation: rho)
                #expect(ratios.allSatisfy { $0.isFinite })
            }
        }
        // Symmetry: the top label bit says the sign, the others don't.
        let quantizer = EquiprobableQuantizer(bits: 3)
        let (up, down) = (
            quantizer.logLikelihoods(score: 0.9, correlation: 0.95),
            quantizer.logLikelihoods(score: -0.9, correlation: 0.95)
        )
        #expect(abs(up[2] + down[2]) < 1e-9 && abs(up[0] - down[0]) < 1e-9 && abs(up[1] - down[1]) < 1e-9)
    }
}
