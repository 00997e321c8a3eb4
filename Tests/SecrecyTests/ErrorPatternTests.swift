// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Secrecy
import Statistics
import TestSupport
import Testing

@Suite struct ErrorPatternTests {
    /// The nearest multiple of the last printed digit.
    static func agrees(_ value: Double, _ printed: Double, digits: Int) -> Bool {
        abs(value - printed) <= 0.5000001 * pow(10, -Double(digits))
    }

    static func rho(_ decibels: Double) -> Double {
        MutualInformation.correlation(signalToNoise: pow(10, decibels / 10))
    }

    /// Zero-leakage symbols, nearest candidate, Gray labels, B = 3: charge, bit error rate, H(E|W) for M = 1…4.
    static let table: [(Double, [(Double, Double, Double)])] = [
        (5, [(0.000, 0.182, 0.678), (0.168, 0.278, 1.673), (0.281, 0.345, 2.685), (0.344, 0.381, 3.688)]),
        (8, [(0.000, 0.096, 0.449), (0.171, 0.195, 1.406), (0.333, 0.280, 2.441), (0.410, 0.332, 3.455)]),
        (10, [(0.000, 0.050, 0.282), (0.150, 0.146, 1.184), (0.352, 0.233, 2.224), (0.454, 0.295, 3.248)]),
        (15, [(0.000, 0.002, 0.024), (0.069, 0.050, 0.567), (0.307, 0.124, 1.557), (0.508, 0.198, 2.609)]),
        (20, [(0.000, 0.000, 0.000), (0.008, 0.005, 0.084), (0.153, 0.047, 0.806), (0.434, 0.110, 1.847)]),
        (25, [(0.000, 0.000, 0.000), (0.000, 0.000, 0.000), (0.026, 0.007, 0.168), (0.232, 0.046, 1.018)]),
    ]

    @Test func `the published table comes out to its printed digits`() throws {
        for (decibels, row) in Self.table {
            for (index, expected) in row.enumerated() {
                let pattern = try #require(
                    ErrorPattern(bits: index + 1, helperBits: 3, correlation: Self.rho(decibels)))
                #expect(
                    Self.agrees(pattern.charge, expected.0, digits: 3), "\(decibels) dB, M = \(index + 1)")
                // 345 and 295 in the page are 0.34449 and 0.29459: one unit in the last digit.
                #expect(abs(pattern.bitErrorRate - expected.1) < 0.00055, "\(decibels) dB, M = \(index + 1)")
                #expect(abs(pattern.errorEntropy - expected.2) < 0.00055, "\(decibels) dB, M = \(index + 1)")
            }
        }
    }

    @Test func `the table's small entries are right too`() throws {
        let charges = [(5.0, 0.00001), (8, 0.00003)]
        for (decibels, expected) in charges {
            let pattern = try #require(ErrorPattern(bits: 1, helperBits: 3, correlation: Self.rho(decibels)))
            #expect(Self.agrees(pattern.charge, expected, digits: 5))
        }
        let high = try #require(ErrorPattern(bits: 2, helperBits: 3, correlation: Self.rho(25)))
        #expect(Self.agrees(high.charge, 0.00003, digits: 5))
        #expect(Self.agrees(high.errorEntropy, 0.0005, digits: 4))
        let binary = try #require(ErrorPattern(bits: 1, helperBits: 3, correlation: Self.rho(15)))
        #expect(Self.agrees(binary.bitErrorRate, 0.0025, digits: 4))
    }

    @Test func `without helper data the bit error rates are those of equiprobable Gray`() throws {
        // Computed independently; one bit has the closed form acos(ρ)/π.
        for (bits, rate) in [(1, 0.0448), (2, 0.0581), (3, 0.0826), (4, 0.1253)] {
            let pattern = try #require(ErrorPattern(bits: bits, helperBits: 0, correlation: Self.rho(20)))
            #expect(abs(pattern.bitErrorRate - rate) < 1e-4)
            #expect(abs(pattern.bitErrorRates[0] - acos(Self.rho(20)) / Double.pi) < 1e-9)
            #expect(pattern.bitErrorRates == pattern.bitErrorRates.sorted())
        }
        let one = try #require(ErrorPattern(bits: 1, helperBits: 0, correlation: Self.rho(20)))
        #expect(one.charge < 1e-9, "a symmetric one-bit quantizer errs the same way on both sides")
    }

    @Test func `a simulation of symbols agrees with the quadrature`() throws {
        let bits = 2
        let helpers = 4
        let rho = Self.rho(10)
        var generator = SplitMix64(seed: 11)
        func normal() -> Double {
            Normal.quantile((Double(generator.next() >> 11) + 0.5) * 0x1p-53)
        }
        var joint = [Double](repeating: 0, count: 16 * helpers)
        let count = 200_000
        var wrong = 0
        for _ in 0..<count {
            let x = normal()
            let y = rho * x + (1 - rho * rho).squareRoot() * normal()
            let v = 4 * Normal.cumulative(x)
            let s = min(3, Int(v))
            let w = min(helpers - 1, Int(Double(helpers) * (v - Double(s))))
            var best = (0, Double.infinity)
            for i in 0..<4 {
                let u = (Double(i) + (Double(w) + 0.5) / Double(helpers)) / 4
                let distance = abs(y - rho * Normal.quantile(u))
                if distance < best.1 { best = (i, distance) }
            }
            let e = (s ^ s >> 1) ^ (best.0 ^ best.0 >> 1)
            if e != 0 { wrong += 1 }
            joint[w * 16 + s * 4 + e] += 1 / Double(count)
        }
        func h(_ p: Double) -> Double { p > 0 ? -p * log2(p) : 0 }
        var charge = 0.0
        for w in 0..<helpers {
            let block = Array(joint[w * 16..<w * 16 + 16])
            for s in 0..<4 { charge += h(block[s * 4..<s * 4 + 4].reduce(0, +)) }
            for e in 0..<4 { charge += h((0..<4).reduce(0) { $0 + block[$1 * 4 + e] }) }
            charge -= h(block.reduce(0, +))
            for p in block { charge -= h(p) }
        }
        let pattern = try #require(ErrorPattern(bits: bits, helperBits: 2, correlation: rho))
        #expect(abs(charge - pattern.charge) < 0.004)
        #expect(abs(Double(wrong) / Double(count) - pattern.symbolErrorRate) < 0.005)
    }

    @Test(arguments: [
        (0.1, 0.0069893036), (0.3, 0.0655941868), (0.4, 0.1212331026), (0.6, 0.3095475228),
        (0.9, 1.1319186532),
    ])
    func `what Eve's measurement tells agrees with an independent integral`(rho: Double, expected: Double)
        throws
    {
        // numpy: H(S|W,Z) summed over 20,001 values of z with exact cell probabilities, M = B = 3.
        let pattern = try #require(
            ErrorPattern(bits: 3, helperBits: 3, correlation: Self.rho(20), eveCorrelation: rho))
        #expect(abs(pattern.eveInformation - expected) < 1e-7)
        #expect(pattern.eveInformation <= ConfidenceBound.charge(correlation: rho))
    }

    @Test func `the Shannon limit agrees with an independent integral`() throws {
        let uncertainty = [1: 0.5684883832, 2: 0.5050374546, 3: 0.4888495511, 6: 0.4834576162]
        for (helperBits, expected) in uncertainty {
            let value = try #require(
                SymbolUncertainty.symbol(bits: 3, helperBits: helperBits, correlation: Self.rho(20)))
            #expect(abs(value - expected) < 1e-6)
        }
    }

    @Test func `the component charge bounds every Eve's charge`() throws {
        for decibels in [5.0, 12, 20] {
            for eve in [0.0, 0.2, 0.4, 0.7, 0.95] {
                let pattern = try #require(
                    ErrorPattern(bits: 3, helperBits: 3, correlation: Self.rho(decibels), eveCorrelation: eve)
                )
                #expect(pattern.chargeGivenEve <= pattern.componentCharge + 1e-9)
                #expect(pattern.charge <= pattern.componentCharge)
                #expect(pattern.charge <= pattern.errorEntropy)
            }
        }
    }

    @Test func `the upper bound covers every correlation of its interval`() throws {
        // The charge has a maximum inside: 0.34, 0.51 and 0.23 at 5, 15 and 25 dB for four bits.
        let interval = Self.rho(5)...Self.rho(25)
        for accounting in [ErrorPattern.Accounting.anyMemory, .independentSymbols] {
            let bound = try #require(
                ErrorPattern.upperBound(
                    bits: 4, helperBits: 3, correlation: interval, eveCorrelation: 0.4, accounting: accounting
                ))
            for step in 0...40 {
                let rho =
                    interval.lowerBound + (interval.upperBound - interval.lowerBound) * Double(step) / 40
                let pattern = try #require(
                    ErrorPattern(bits: 4, helperBits: 3, correlation: rho, eveCorrelation: 0.4))
                let charge = accounting == .anyMemory ? pattern.componentCharge : pattern.chargeGivenEve
                #expect(charge <= bound + 1e-6)
            }
        }
        let point = try #require(
            ErrorPattern.upperBound(bits: 3, helperBits: 3, correlation: Self.rho(20)...Self.rho(20)))
        let exact = try #require(ErrorPattern(bits: 3, helperBits: 3, correlation: Self.rho(20)))
        #expect(point == exact.componentCharge)
    }

    @Test func `extreme correlations give finite answers, senseless ones none`() throws {
        for rho in [0.0, 1e-9, 0.999999, 1] {
            let pattern = try #require(
                ErrorPattern(bits: 2, helperBits: 3, correlation: rho, eveCorrelation: 0.4))
            #expect(
                pattern.charge.isFinite && pattern.componentCharge.isFinite && pattern.errorEntropy.isFinite)
        }
        #expect(try #require(ErrorPattern(bits: 2, helperBits: 3, correlation: 1)).symbolErrorRate < 1e-12)
        #expect(ErrorPattern(bits: 0, helperBits: 3, correlation: 0.9) == nil)
        #expect(ErrorPattern(bits: 3, helperBits: 10, correlation: 0.9) == nil)
        #expect(ErrorPattern(bits: 3, helperBits: 3, correlation: .nan) == nil)
        #expect(ErrorPattern(bits: 3, helperBits: 3, correlation: 0.9, eveCorrelation: 1) == nil)
        #expect(ErrorPattern.upperBound(bits: 3, helperBits: 3, correlation: -0.5...0.5) == nil)
    }
}
