// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Secrecy

/// Bound B: printed beside A, so its numbers must be right and its claim must hold where it is proved.
@Suite struct RenyiBoundTests {
    private static func component(
        _ symbols: Int, bits: Int, helperBits: Int = 3, correlation: Double
    ) -> LengthTerms.Component {
        let charge = ConfidenceBound.charge(correlation: correlation)
        return LengthTerms.Component(
            name: "a", symbols: symbols, bits: bits, helperBits: helperBits, correlation: 0.99,
            correlationLowerBound: 0.98, memoryCorrelation: 0, memoryCharge: 0, eveCharge: charge, deficit: 0,
            charge: charge, errorPatternCharge: 0)
    }

    @Test(
        arguments: [
            (1, 0.4, 0.916, [0.812, 0.863, 0.882, 0.902, 0.912]),
            (2, 0.4, 1.889, [1.767, 1.827, 1.849, 1.873, 1.885]),
            (3, 0.4, 2.878, [2.748, 2.813, 2.836, 2.862, 2.874]),
            // This row of the published Monte Carlo table lies 0.008 below two independent quadratures.
            (3, 0.9, 1.868, [1.618, 1.740, 1.786, 1.836, 1.860]),
        ])
    func `the bound per symbol is the published one`(
        bits: Int, correlation: Double, shannon: Double, expected: [Double]
    ) throws {
        let law = try #require(RenyiSymbol(bits: bits, helperBits: 3, correlation: correlation))
        #expect(abs(law.shannon - shannon) < 0.0011)
        for (n, value) in zip([1_024, 4_096, 10_000, 65_536, 1_000_000], expected) {
            let part = Self.component(n, bits: bits, correlation: correlation)
            let bound = try #require(RenyiBound([part], epsilon: 0x1p-40))
            #expect(
                abs(bound.minEntropy / Double(n) - value) < 0.0016, "\(n): \(bound.minEntropy / Double(n))")
        }
    }

    @Test(arguments: [(2.4, 0.9), (2.0, 0.0), (1.01, 0.4), (5.0, 0.99)])
    func `a Rényi entropy equals a plain sum over a fine grid`(order: Double, correlation: Double) throws {
        // The reference: X on a grid of its own given z, cells counted one by one.
        let (bits, helperBits) = (2, 2)
        let law = try #require(RenyiSymbol(bits: bits, helperBits: helperBits, correlation: correlation))
        let sigma = (1 - correlation * correlation).squareRoot()
        let cells = 1 << (bits + helperBits)
        func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
        func edge(_ cell: Int) -> Double {
            var (low, high) = (-9.0, 9.0)
            for _ in 0..<80 {
                let middle = (low + high) / 2
                if cumulative(middle) < Double(cell) / Double(cells) { low = middle } else { high = middle }
            }
            return low
        }
        let edges = [-40] + (1..<cells).map(edge) + [40]
        var mean = 0.0
        for step in -4000...4000 {
            let z = Double(step) / 500
            let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot() / 500
            for helper in 0..<1 << helperBits {
                let joint = (0..<1 << bits).map { symbol in
                    let cell = symbol << helperBits | helper
                    return cumulative((edges[cell + 1] - correlation * z) / sigma)
                        - cumulative((edges[cell] - correlation * z) / sigma)
                }
                let total = joint.reduce(0, +)
                guard total > 0 else { continue }
                mean += density * total * joint.reduce(0) { $0 + pow($1 / total, order) }
            }
        }
        #expect(abs(law.entropy(order: order) - -log2(mean) / (order - 1)) < 1e-6)
    }

    @Test(arguments: [(1, 0.4, 12), (2, 0.7, 8), (1, 0.95, 12)])
    func `exact enumeration never finds a block below the bound`(bits: Int, correlation: Double, n: Int)
        throws
    {
        // Z in 41 cells and every symbol: the exact distribution of −log2 P(s^n|w^n,z^n), symbol by symbol, in steps
        // of 1/128 bit rounded down, which lowers the exact value by n/128 at the most.
        let law = try #require(RenyiSymbol(bits: bits, helperBits: 1, correlation: correlation))
        let part = Self.component(n, bits: bits, helperBits: 1, correlation: correlation)
        let scale = 128.0
        var block: [Int: Double] = [0: 1]
        var costs: [Int: Double] = [:]
        for (share, weight) in law.atoms where share * weight > 0 {
            costs[Int((-log2(share) * scale).rounded(.down)), default: 0] += share * weight
        }
        for _ in 0..<n {
            var next: [Int: Double] = [:]
            for (cost, mass) in block {
                for (more, probability) in costs { next[cost + more, default: 0] += mass * probability }
            }
            block = next.filter { $0.value > 1e-14 }
        }
        for epsilon in [0.5, 0.1, 0.01, 1e-4] {
            // The smallest cost t with P[cost ≤ t] > ε: mass up to it can be cut away.
            var mass = 0.0
            var exact = 0.0
            for (cost, probability) in block.sorted(by: { $0.key < $1.key }) {
                mass += probability
                exact = Double(cost) / scale
                if mass > epsilon { break }
            }
            let bound = try #require(RenyiBound([part], epsilon: epsilon))
            #expect(
                bound.minEntropy <= exact + Double(n) / scale, "\(epsilon): \(bound.minEntropy) of \(exact)")
            // And it says something where ε is large.
            #expect(bound.minEntropy > 0 || epsilon < 0.4)
        }
    }

    @Test func `the best order is found, falls with the block, and every other order gives less`() throws {
        var before = Double.infinity
        for n in [1_024, 16_384, 1_000_000] {
            let parts = [
                Self.component(n, bits: 3, correlation: 0.4),
                Self.component(n / 2, bits: 1, correlation: 0.8),
            ]
            let best = try #require(RenyiBound(parts, epsilon: 0x1p-40))
            #expect(best.order < before)
            before = best.order
            for order in [1.001, 1.01, 1.05, 1.2, 1.5, 2, 3, 8] {
                let other = try #require(RenyiBound(parts, epsilon: 0x1p-40, order: order))
                #expect(other.minEntropy <= best.minEntropy + 1e-6)
            }
        }
    }

    /// The reason why B isn't the default where there is memory: what one factor of the product is depends on the
    /// past, and so do its neighbors.
    @Test func `with memory the factors of the product aren't independent, so the product overstates`() throws
    {
        // g(m) = E_w Σ_s P(s|w, past mean m)^α for one symbol of two bits; X a Gauss–Markov chain of correlation r.
        let (r, order) = (0.7, 1.5)
        let sigma = (1 - r * r).squareRoot()
        let edges = [-9, -0.67448975, 0, 0.67448975, 9]
        func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
        func factor(_ x: Double) -> Double {
            (0..<4).reduce(0) { sum, cell in
                sum
                    + pow(
                        cumulative((edges[cell + 1] - r * x) / sigma)
                            - cumulative((edges[cell] - r * x) / sigma), order)
            }
        }
        func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
        let grid = (-160...160).map { Double($0) / 20 }
        var one = 0.0
        var two = 0.0
        for x in grid {
            one += density(x) / 20 * factor(x)
            for y in grid {
                two += density(x) / 20 * density((y - r * x) / sigma) / sigma / 20 * factor(x) * factor(y)
            }
        }
        #expect(two > one * one * 1.001)
    }

    @Test func `senseless components and orders have no bound and never trap`() {
        let good = Self.component(1_000, bits: 2, correlation: 0.4)
        #expect(RenyiBound([], epsilon: 0x1p-40) == nil)
        #expect(RenyiBound([good], epsilon: 0) == nil && RenyiBound([good], epsilon: .nan) == nil)
        for order in [1, 0, -3, Double.nan, .infinity] {
            #expect(RenyiBound([good], epsilon: 0x1p-40, order: order) == nil)
        }
        for change in [
            { $0.bits = 0 }, { $0.bits = Int.min }, { $0.helperBits = 60 }, { $0.charge = .nan },
            { $0.symbols = -1 },
        ] as [(inout LengthTerms.Component) -> Void] {
            var bad = good
            change(&bad)
            #expect(RenyiBound([bad], epsilon: 0x1p-40) == nil)
        }
        // Far more laws than any plan has are refused, not computed for hours; equal ones are one law.
        let hostile = (0..<5000).map {
            Self.component(1, bits: 8, helperBits: 4, correlation: 1 - 1e-7 * Double($0 + 1))
        }
        #expect(RenyiBound(hostile, epsilon: 0x1p-40, order: 2) == nil)
        #expect(
            RenyiBound([LengthTerms.Component](repeating: good, count: 100_000), epsilon: 0x1p-40, order: 2)
                != nil)
        // A symbol of which everything is known has nothing to give.
        var known = good
        known.charge = 1e9
        #expect((RenyiBound([known], epsilon: 0x1p-40)?.minEntropy ?? 0) < 1)
    }
}
