// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Statistics
import TestSupport
import Testing

/// The quadrature of the error pattern's charge against counts of simulated symbols, Eve's measurement inside: both
/// labels that a plan can have, at every width that replays choose.
@Suite struct ErrorPatternSimulationTests {
    struct Case: Sendable {
        var bits: Int
        /// 0: equiprobable Gray labels, decided by the same thresholds; else helper data, nearest candidate.
        var helperBits: Int
        var decibels: Double
        var eve: Double
    }

    /// Counted entropies with the correction of Miller and Madow, so that cells that are rarely met cost nothing.
    private struct Counts {
        var cells: [Int: Int] = [:]
        var total = 0
        mutating func add(_ cell: Int) {
            cells[cell, default: 0] += 1
            total += 1
        }
        var entropy: Double {
            let n = Double(total)
            let plain = cells.values.reduce(0.0) { $0 - Double($1) / n * log2(Double($1) / n) }
            return plain + Double(cells.count - 1) / (2 * n * log(2))
        }
    }

    @Test(arguments: [
        Case(bits: 1, helperBits: 0, decibels: 12, eve: 0.4),
        Case(bits: 1, helperBits: 3, decibels: 8, eve: 0.7),
        Case(bits: 2, helperBits: 0, decibels: 15, eve: 0.7),
        Case(bits: 2, helperBits: 2, decibels: 10, eve: 0.4),
        Case(bits: 3, helperBits: 0, decibels: 18, eve: 0.4),
        Case(bits: 3, helperBits: 1, decibels: 15, eve: 0.8),
        Case(bits: 4, helperBits: 0, decibels: 20, eve: 0.6),
        Case(bits: 4, helperBits: 1, decibels: 20, eve: 0.4),
    ])
    func `counted patterns tell what the quadrature says, of the symbol and given Eve`(_ test: Case) throws {
        var generator = SplitMix64(seed: UInt64(100 * test.bits + test.helperBits))
        func uniform() -> Double { (Double(generator.next() >> 11) + 0.5) * 0x1p-53 }
        func normals() -> (Double, Double) {
            let radius = (-2 * log(uniform())).squareRoot()
            let angle = 2 * Double.pi * uniform()
            return (radius * cos(angle), radius * sin(angle))
        }
        let symbols = 1 << test.bits
        let helpers = 1 << test.helperBits
        let rho = MutualInformation.correlation(signalToNoise: pow(10, test.decibels / 10))
        let edges = (1..<symbols * helpers).map {
            Normal.quantile(Double($0) / Double(symbols * helpers))
        }
        let centers = (0..<symbols).map { s in
            (0..<helpers).map { w in
                Normal.quantile((Double(s * helpers + w) + 0.5) / Double(symbols * helpers))
            }
        }
        // Eve's value in cells: what they lose of it is below what the counts scatter.
        let zones = 20
        let zoneEdges = (1..<zones).map { Normal.quantile(Double($0) / Double(zones)) }
        func place(_ value: Double, _ edges: [Double]) -> Int {
            var low = 0
            var high = edges.count
            while low < high {
                let middle = (low + high) / 2
                if edges[middle] <= value { low = middle + 1 } else { high = middle }
            }
            return low
        }
        // Symbol, pattern, both, neither: with the helper value, and with it and Eve's cell.
        var plain = [Counts](repeating: Counts(), count: 4)
        var given = [Counts](repeating: Counts(), count: 4)
        let count = 60_000
        for _ in 0..<count {
            let (x, n) = normals()
            let (m, _) = normals()
            let y = rho * x + (1 - rho * rho).squareRoot() * n
            let z = test.eve * x + (1 - test.eve * test.eve).squareRoot() * m
            let cell = place(x, edges)
            let s = cell / helpers
            let w = cell % helpers
            var guess = 0
            if helpers == 1 {
                guess = place(y, edges)
            } else {
                var least = Double.infinity
                for candidate in 0..<symbols {
                    let distance = abs(y - rho * centers[candidate][w])
                    if distance < least { (guess, least) = (candidate, distance) }
                }
            }
            let e = (s ^ s >> 1) ^ (guess ^ guess >> 1)
            let known = w * zones + place(z, zoneEdges)
            for (place, cell) in [s * symbols, e, s * symbols + e, 0].enumerated() {
                plain[place].add((w * 4 + place) * 4096 + cell)
                given[place].add((known * 4 + place) * 4096 + cell)
            }
        }
        func information(_ counts: [Counts]) -> Double {
            counts[0].entropy + counts[1].entropy - counts[2].entropy - counts[3].entropy
        }
        let pattern = try #require(
            ErrorPattern(
                bits: test.bits, helperBits: test.helperBits, correlation: rho, eveCorrelation: test.eve))
        let scatter = 0.006 + 0.004 * Double(symbols * symbols) / 64
        #expect(
            abs(information(plain) - pattern.charge) < scatter, "\(information(plain)), \(pattern.charge)")
        #expect(
            abs(information(given) - pattern.chargeGivenEve) < scatter,
            "\(information(given)), \(pattern.chargeGivenEve)")
        // What Eve's value alone tells of the symbol: M less what it leaves.
        let left = given[0].entropy - given[3].entropy
        #expect(abs(Double(test.bits) - left - pattern.eveInformation) < 0.02)
        // The charge that is used covers both, and Eve together with the pattern.
        #expect(pattern.componentCharge >= max(information(plain), information(given)) - scatter)
    }
}
