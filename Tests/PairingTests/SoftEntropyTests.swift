// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import Quantization
import Secrecy
import TestSupport
import Testing

/// The commissioned entropies against the quantizers' own log-likelihoods: two rooms, two ways to the same number.
@Suite struct SoftEntropyTests {
    private static func normal(_ random: inout SplitMix64) -> Double {
        let radius = (-2 * log(Double.random(in: 1e-300..<1, using: &random))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
    }

    @Test(arguments: [(1, 0, 0.9), (2, 3, 0.95), (3, 3, 0.98), (4, 3, 0.99), (3, 0, 0.97)])
    func `log-likelihoods cost what the commissioned entropy of each label bit says`(
        _ bits: Int, _ helperBits: Int, _ rho: Double
    ) throws {
        let entropies = try #require(
            SymbolUncertainty.labelBits(bits: bits, helperBits: helperBits, correlation: rho))
        let helper = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        let plain = EquiprobableQuantizer(bits: bits)
        var random = SplitMix64(seed: 77)
        let count = 40_000
        var told = [Double](repeating: 0, count: bits)
        for _ in 0..<count {
            let x = Self.normal(&random)
            let y = rho * x + (1 - rho * rho).squareRoot() * Self.normal(&random)
            let (symbol, w) = helperBits > 0 ? helper.split(x) : (plain.symbol(x), 0)
            let ratios =
                helperBits > 0
                ? helper.logLikelihoods(score: y, helper: w, correlation: rho)
                : plain.logLikelihoods(score: y, correlation: rho)
            for place in 0..<bits {
                let isOne = helper.label(symbol) >> (bits - 1 - place) & 1 == 1
                let ratio = ratios[bits - 1 - place]
                told[place] += log2(1 + exp(isOne ? ratio : -ratio))
            }
        }
        for place in 0..<bits {
            // The decoder's likelihoods take a cell for a point, so they can only cost more, and little.
            let mean = told[place] / Double(count)
            #expect(mean > entropies[place] - 0.012 && mean < entropies[place] + 0.02, "bit \(place)")
        }
    }

    @Test func `soft samples leave less than hard bits, and the bits together no less than the symbol`()
        throws
    {
        for (bits, helperBits, rho) in [(1, 0, 0.9), (3, 3, 0.98), (4, 3, 0.99)] {
            let soft = try #require(
                SymbolUncertainty.labelBits(bits: bits, helperBits: helperBits, correlation: rho))
            let hard = try #require(ErrorPattern(bits: bits, helperBits: helperBits, correlation: rho))
            for place in 0..<bits { #expect(soft[place] < binaryEntropy(hard.bitErrorRates[place])) }
            let symbol = try #require(
                SymbolUncertainty.symbol(bits: bits, helperBits: helperBits, correlation: rho))
            #expect(soft.reduce(0, +) >= symbol - 1e-9)
            // One after the other they are exactly the symbol, and none more than on its own.
            let staged = try #require(
                SymbolUncertainty.stagedBits(bits: bits, helperBits: helperBits, correlation: rho))
            #expect(abs(staged.reduce(0, +) - symbol) < 1e-9)
            #expect(zip(staged, soft).allSatisfy { $0 <= $1 + 1e-9 } && abs(staged[0] - soft[0]) < 1e-9)
        }
    }
}
