// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Quantization
import Statistics
import TestSupport
import Testing

/// Known answers and yardsticks, computed independently.
@Suite struct HelperDataTests {
    static let rho = 100.0 / 101

    struct Row: Sendable {
        var x: Double, y: Double, u: Double, symbol: Int, label: Int, helper: Int, decided: Int
        var ratios: [Double]
    }
    static let table = [
        Row(
            x: -2.0, y: -1.90, u: 0.022750132, symbol: 0, label: 0b000, helper: 1, decided: 0,
            ratios: [18.9656, 43.0006, 97.1876]),
        Row(
            x: -1.0, y: -1.05, u: 0.158655254, symbol: 1, label: 0b001, helper: 2, decided: 1,
            ratios: [-12.0580, 6.1585, 33.2227]),
        Row(
            x: -0.3, y: -0.10, u: 0.382088578, symbol: 3, label: 0b010, helper: 0, decided: 4,
            ratios: [4.8304, -16.0137, -0.6147]),
        Row(
            x: 0.0, y: 0.02, u: 0.500000000, symbol: 4, label: 0b110, helper: 0, decided: 4,
            ratios: [2.6102, -11.6198, -2.5965]),
        Row(
            x: 0.1, y: 0.40, u: 0.539827837, symbol: 4, label: 0b110, helper: 2, decided: 5,
            ratios: [-2.3369, -4.0480, -9.6980]),
        Row(
            x: 0.5, y: 0.50, u: 0.691462461, symbol: 5, label: 0b111, helper: 4, decided: 5,
            ratios: [-2.6868, -4.2793, -10.3489]),
        Row(
            x: 1.0, y: 1.30, u: 0.841344746, symbol: 6, label: 0b101, helper: 5, decided: 6,
            ratios: [-2.2142, 11.5605, -46.8408]),
        Row(
            x: 1.7, y: 1.20, u: 0.955434537, symbol: 7, label: 0b100, helper: 5, decided: 6,
            ratios: [-6.1527, 9.3396, -41.3327]),
        Row(
            x: 2.5, y: 2.60, u: 0.993790335, symbol: 7, label: 0b100, helper: 7, decided: 7,
            ratios: [55.8491, 96.0377, -173.0266]),
    ]

    @Test(arguments: table) func `the table of known answers comes out to its last digit`(row: Row) {
        let quantizer = QuantileHelperQuantizer(bits: 3, helperBits: 3)
        #expect(abs(Normal.cumulative(row.x) - row.u) < 6e-10)
        let (symbol, helper) = quantizer.split(row.x)
        #expect(symbol == row.symbol && helper == row.helper)
        #expect(quantizer.label(symbol) == row.label)
        #expect(quantizer.decide(score: row.y, helper: helper, correlation: Self.rho) == row.decided)
        let ratios = quantizer.logLikelihoods(score: row.y, helper: helper, correlation: Self.rho)
        #expect(ratios.count == 3)
        for (got, want) in zip(ratios, row.ratios) { #expect(abs(got - want) < 6e-5) }
    }

    @Test func `candidates are the published ones`() {
        let quantizer = QuantileHelperQuantizer(bits: 3, helperBits: 3)
        let second = [-1.761670, -0.977898, -0.556126, -0.217107, 0.098072, 0.423576, 0.803173, 1.366204]
        let fifth = [-1.366204, -0.803173, -0.423576, -0.098072, 0.217107, 0.556126, 0.977898, 1.761670]
        for (helper, table) in [(2, second), (5, fifth)] {
            let got = Array(quantizer.candidates(helper: helper))
            #expect(got.count == 8)
            #expect(zip(got, table).allSatisfy { abs($0 - $1) < 6e-7 })
        }
    }

    /// Every size: cells and places tile (0, 1), and the candidate of one's own symbol is the middle of its place.
    @Test func `symbol and place lead back to the score`() {
        for bits in [1, 2, 3, 5, 8, 10] {
            for helperBits in [0, 1, 3, 6, 8] {
                let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
                for step in 0..<257 {
                    let u = (Double(step) + 0.37) / 257
                    let (symbol, helper) = quantizer.split(Normal.quantile(u))
                    #expect((0..<1 << bits).contains(symbol) && (0..<1 << helperBits).contains(helper))
                    let candidates = Array(quantizer.candidates(helper: helper))
                    let middle = Normal.cumulative(candidates[symbol])
                    #expect(abs(middle - u) <= 0.5000001 / Double(1 << (bits + helperBits)))
                    #expect(zip(candidates, candidates.dropFirst()).allSatisfy { $0 < $1 })
                }
            }
        }
    }

    @Test func `scores beyond all measure stay in the outer cells`() {
        let quantizer = QuantileHelperQuantizer(bits: 4, helperBits: 3)
        #expect(quantizer.split(-.infinity) == (0, 0) && quantizer.split(-40) == (0, 0))
        #expect(quantizer.split(.infinity) == (15, 7) && quantizer.split(40) == (15, 7))
        let (symbol, helper) = quantizer.split(.nan)
        #expect((0..<16).contains(symbol) && (0..<8).contains(helper))
        for w in [0, 7] {
            #expect(quantizer.decide(score: 100, helper: w, correlation: 0.9) == 15)
            #expect(quantizer.decide(score: -100, helper: w, correlation: 0.9) == 0)
            let ratios = quantizer.logLikelihoods(score: 100, helper: w, correlation: 0.999_999)
            #expect(ratios.allSatisfy { $0.isFinite })
        }
    }

    @Test func `the decision is the largest metric's, and the signs of two-cell likelihoods follow it`() {
        var noise = Gaussians(seed: 3)
        let quantizer = QuantileHelperQuantizer(bits: 3, helperBits: 3)
        for _ in 0..<2000 {
            let y = noise.next() * 1.5
            let helper = Int(abs(noise.next() * 3)) % 8
            let candidates = Array(quantizer.candidates(helper: helper))
            let metric = candidates.map {
                -(y - Self.rho * $0) * (y - Self.rho * $0) / (2 * (1 - Self.rho * Self.rho))
            }
            let best = metric.indices.max { metric[$0] < metric[$1] }
            #expect(quantizer.decide(score: y, helper: helper, correlation: Self.rho) == best)
            for (bit, got) in quantizer.logLikelihoods(score: y, helper: helper, correlation: Self.rho)
                .enumerated()
            {
                var sums = (0.0, 0.0)
                let top = metric.max() ?? 0
                for (i, m) in metric.enumerated() {
                    if (i ^ (i >> 1)) >> bit & 1 == 0 {
                        sums.0 += exp(m - top)
                    } else {
                        sums.1 += exp(m - top)
                    }
                }
                if sums.0 > 0, sums.1 > 0 {
                    #expect(abs(got - log(sums.0 / sums.1)) < 1e-6 * max(1, abs(got)))
                }
            }
        }
    }

    /// Section 5.1: mean bit error rate 0.0041 and 0.0467, symbol error rate 0.0081 and 0.140 at 20 dB.
    @Test(arguments: [(2, 0.0041, 0.0081), (3, 0.0467, 0.140)])
    func `hard decisions at 20 dB err as published`(bits: Int, bitRate: Double, symbolRate: Double) {
        var noise = Gaussians(seed: UInt64(bits))
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: 3)
        let n = 200_000
        let x = noise.array(n)
        let y = noise.partner(of: x, rho: Self.rho)
        var wrongBits = 0
        var wrongSymbols = 0
        for (a, b) in zip(x, y) {
            let (symbol, helper) = quantizer.split(a)
            let decided = quantizer.decide(score: b, helper: helper, correlation: Self.rho)
            wrongBits += (quantizer.label(symbol) ^ quantizer.label(decided)).nonzeroBitCount
            wrongSymbols += symbol == decided ? 0 : 1
        }
        // Five standard errors and the rounding of the printed figures.
        let bitError = Double(wrongBits) / Double(n * bits)
        let symbolError = Double(wrongSymbols) / Double(n)
        #expect(abs(bitError - bitRate) < 5 * (bitRate / Double(n * bits)).squareRoot() + 6e-5)
        #expect(abs(symbolError - symbolRate) < 5 * (symbolRate / Double(n)).squareRoot() + 6e-4)
    }

    /// Section 4.6: H(S|W,Y) at 20 dB, M = 3, by the midpoint candidates is 0.4905 bit at B = 3, 0.5030 at B = 2.
    @Test(arguments: [(3, 0.4905), (2, 0.5030)])
    func `soft decisions leave the published uncertainty`(helperBits: Int, expected: Double) {
        var noise = Gaussians(seed: 41)
        let quantizer = QuantileHelperQuantizer(bits: 3, helperBits: helperBits)
        let n = 150_000
        let x = noise.array(n)
        let y = noise.partner(of: x, rho: Self.rho)
        var loss = 0.0
        for (a, b) in zip(x, y) {
            let (symbol, helper) = quantizer.split(a)
            let metric = quantizer.candidates(helper: helper).map { c in
                -(b - Self.rho * c) * (b - Self.rho * c) / (2 * (1 - Self.rho * Self.rho))
            }
            let top = metric.max() ?? 0
            loss += log2(metric.reduce(0) { $0 + exp($1 - top) }) - (metric[symbol] - top) / log(2)
        }
        // Standard deviation of the loss is about 1.2 bit.
        #expect(abs(loss / Double(n) - expected) < 0.015)
    }

    /// Plug-in I(S;W) less its bias (2^M − 1)(2^B − 1)/(2 n ln 2).
    private func information(_ scores: [Double], bits: Int, helperBits: Int) -> Double {
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        var joint = [[Double]](repeating: [Double](repeating: 0, count: 1 << helperBits), count: 1 << bits)
        for score in scores {
            let (symbol, helper) = quantizer.split(score)
            joint[symbol][helper] += 1 / Double(scores.count)
        }
        var sum = 0.0
        for s in joint.indices {
            for w in joint[s].indices where joint[s][w] > 0 {
                let marginal = joint[s].reduce(0, +) * joint.reduce(0) { $0 + $1[w] }
                sum += joint[s][w] * log2(joint[s][w] / marginal)
            }
        }
        let bias = Double(((1 << bits) - 1) * ((1 << helperBits) - 1)) / (2 * Double(scores.count) * log(2))
        return sum - bias
    }

    @Test func `helper data of a true marginal tell nothing of the symbol, of a wrong one they do`() {
        var noise = Gaussians(seed: 8)
        let x = noise.array(200_000)
        #expect(abs(information(x, bits: 3, helperBits: 3)) < 2e-4)
        #expect(abs(information(x, bits: 1, helperBits: 6)) < 2e-4)
        // Twice the spread: the outer cells are crowded at their outer ends.
        #expect(information(x.map { 2 * $0 }, bits: 3, helperBits: 3) > 0.05)
    }

    /// Section 5.1: I(S;E|W) = 0.0677, 0.1233, 0.3103 at ρ_E = 0.3, 0.4, 0.6, never above I(X;E). (The page's
    /// figures are samples' plug-in values, up to 0.002 high; the integral gives 0.0655, 0.1212, 0.3095.)
    @Test(arguments: [(0.3, 0.0677), (0.4, 0.1233), (0.6, 0.3103)])
    func `what Eve learns of a symbol stays below what she knows of the component`(
        rho: Double, expected: Double
    ) {
        // Exact: for each w and each e on a grid, P(s | w, e) from the density over the places.
        let (bits, helperBits) = (3, 3)
        let places = 1 << (bits + helperBits)
        let edges = (0...places).map { Normal.quantile(Double($0) / Double(places)) }
        let spread = (1 - rho * rho).squareRoot()
        var conditional = 0.0
        let nodes = 8000
        for node in 0..<nodes {
            let e = Normal.quantile((Double(node) + 0.5) / Double(nodes))
            let mass = (0..<places).map {
                Normal.cumulative((edges[$0 + 1] - rho * e) / spread)
                    - Normal.cumulative((edges[$0] - rho * e) / spread)
            }
            for w in 0..<1 << helperBits {
                let cells = (0..<1 << bits).map { mass[$0 << helperBits | w] }
                let total = cells.reduce(0, +)
                for cell in cells where cell > 0 { conditional -= cell * log2(cell / total) / Double(nodes) }
            }
        }
        let leak = Double(bits) - conditional
        #expect(abs(leak - expected) < 0.0025)
        #expect(leak < -0.5 * log2(1 - rho * rho))
        // The room's cells are these places: the same split, so the bound is the room's.
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        for place in 0..<places {
            let (symbol, helper) = quantizer.split(Normal.quantile((Double(place) + 0.5) / Double(places)))
            #expect(symbol << helperBits | helper == place)
        }
    }
}
