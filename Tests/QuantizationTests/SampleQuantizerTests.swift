// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Quantization
import Statistics
import TestSupport
import Testing

/// Known answers of each quantizer, worked by hand from its definition.
@Suite struct SampleQuantizerTests {
    static let received = [-60.0, -55, -58, -62, -57, -59, -61, -56, -58, -60]

    static func text(_ bits: [Bool?]) -> String { bits.map { $0.map { $0 ? "1" : "0" } ?? "-" }.joined() }

    @Test func `ASBG's single-bit example gives its published thresholds and bits`() {
        let quantizer = GuardBandQuantizer(alpha: 0.35)
        let (low, high) = quantizer.thresholds(of: Self.received)
        #expect(abs(high + 57.8625042) < 1e-7 && abs(low + 59.3374958) < 1e-7)
        #expect(Self.text(quantizer.bits(of: Self.received)) == "01-01-01-0")
    }

    @Test func `ASBG's multi-bit example gives its published indices and labels`() {
        let quantizer = AdaptiveMultibitQuantizer(block: 10)
        #expect(quantizer.bits(of: Self.received) == 2)
        let indices = quantizer.indices(of: Self.received, bits: 2)
        #expect(indices == [1, 3, 2, 0, 2, 1, 0, 3, 2, 1])
        #expect(indices.map(quantizer.label) == [0b01, 0b10, 0b11, 0b00, 0b11, 0b01, 0b00, 0b10, 0b11, 0b01])
        #expect(quantizer.bits(of: [1, 2, 1, 2.9]) == 0 && quantizer.bits(of: [0, 2]) == 1)
        #expect(quantizer.bits(of: [0, 1e9]) == 8)
        #expect(quantizer.indices(of: [3, 3, 3], bits: 4) == [0, 0, 0])
    }

    @Test func `blocks have bands of their own, and a shorter rest gives nothing`() {
        let low = [0.0, 1, 2, 3]
        let quantizer = GuardBandQuantizer(alpha: 0.2, block: 4)
        let bits = quantizer.bits(of: low + low.map { $0 + 100 } + [500, 600])
        #expect(Self.text(bits) == "00110011--")
        // The median of a skewed block lies elsewhere than its mean.
        let skewed = [0.0, 0, 0, 1, 100]
        #expect(Self.text(GuardBandQuantizer(alpha: 0.01, center: .mean).bits(of: skewed)) == "00001")
        #expect(Self.text(GuardBandQuantizer(alpha: 0.01, center: .median).bits(of: skewed)) == "---11")
        #expect(GuardBandQuantizer().bits(of: []).isEmpty)
    }

    static let crossing = [
        0.1, 0.9, 1.0, 1.2, 0.8, -0.1, -0.9, -1.1, -0.7, 0.2, 1.1, 0.9, -0.8, -0.9, -1.2, -1.0, 0.05,
    ]

    @Test func `level crossing finds the published excursions`() {
        let quantizer = LevelCrossingQuantizer(alpha: 0.5, run: 3)
        let (low, high) = quantizer.thresholds(of: Self.crossing)
        #expect(abs(high - 0.3998783) < 1e-7 && abs(low + 0.4528195) < 1e-7)
        let found = quantizer.excursions(of: Self.crossing)
        #expect(found.map(\.samples) == [1...4, 6...8, 12...15])
        #expect(found.map(\.center) == [2, 7, 13])
        #expect(found.map(\.isAbove) == [true, false, false])
    }

    /// The window of m − 1 samples about a center: for m = 3 the center and the next, for m = 4 one before too.
    @Test func `the responder keeps a center whose window lies on one side`() {
        let three = LevelCrossingQuantizer(alpha: 0.5, run: 3)
        #expect(three.bits(of: Self.crossing, at: [2, 7, 13]) == [true, false, false])
        #expect(three.bits(of: Self.crossing, at: [0, 4, 8, 10, 11, 16]) == [nil, nil, nil, true, nil, nil])
        let four = LevelCrossingQuantizer(alpha: 0.5, run: 4)
        #expect(four.bits(of: Self.crossing, at: [1, 2, 10, 13]) == [nil, true, nil, false])
        #expect(four.bits(of: Self.crossing, at: [0, 16]) == [nil, nil])
    }

    @Test func `MAQ's maps are the published ones`() {
        let one = BinClassQuantizer(bits: 1)
        #expect((1...8).map(one.publicBit) == [0, 1, 1, 0, 0, 1, 1, 0])
        #expect((1...8).map { one.label($0, publicBit: 1) } == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect((1...8).map { one.label($0, publicBit: 0) } == [0, 0, 1, 1, 1, 1, 0, 0])
        let two = BinClassQuantizer(bits: 2)
        let symbols = (1...16).map { two.label($0, publicBit: two.publicBit($0)) }
        #expect(symbols == [0, 0, 0, 1, 1, 1, 1, 3, 3, 3, 3, 2, 2, 2, 2, 0])
    }

    @Test(arguments: 1...6)
    func `MAQ's symbol is uniform given the public bit, and survives an error of one bin`(bits: Int) {
        let quantizer = BinClassQuantizer(bits: bits)
        for e in 0...1 {
            let bins = (1...quantizer.binCount).filter { quantizer.publicBit($0) == e }
            let labels = bins.map { quantizer.label($0, publicBit: e) }
            for value in 0..<1 << bits { #expect(labels.count { $0 == value } == 2) }
            for bin in bins {
                let own = quantizer.label(bin, publicBit: e)
                if bin > 1 { #expect(quantizer.label(bin - 1, publicBit: e) == own) }
                if bin < quantizer.binCount { #expect(quantizer.label(bin + 1, publicBit: e) == own) }
            }
        }
        #expect(
            quantizer.bin(-9) == 1 && quantizer.bin(9) == quantizer.binCount
                && quantizer.bin(0) == quantizer.binCount / 2 + 1)
    }

    @Test func `planes that are decoded one after the other use what is decided`() {
        let quantizer = EquiprobableQuantizer(bits: 3)
        let (y, rho) = (0.4, 0.95)
        // By integration of the Gaussian density over the cells, from the definition.
        let edges = [-9.0] + quantizer.thresholds + [9]
        let mass = (0..<8).map { cell in
            let steps = 4000
            let width = (edges[cell + 1] - edges[cell]) / Double(steps)
            return (0..<steps).reduce(0.0) { sum, step in
                let x = edges[cell] + (Double(step) + 0.5) * width
                return sum + exp(-(x - rho * y) * (x - rho * y) / (2 * (1 - rho * rho))) * width
            }
        }
        let total = mass.reduce(0, +)
        for (cell, value) in quantizer.probabilities(score: y, correlation: rho).enumerated() {
            #expect(abs(value - mass[cell] / total) < 1e-6)
        }
        for plane in 0..<3 {
            for decided in 0..<8 {
                func sum(_ bit: Int) -> Double {
                    (0..<8).filter {
                        GrayCode.encode($0) >> (plane + 1) == decided >> (plane + 1)
                            && GrayCode.encode($0) >> plane & 1 == bit
                    }.reduce(0) { $0 + mass[$1] }
                }
                let expected = log(max(sum(0), 1e-300) / max(sum(1), 1e-300))
                let found = quantizer.logLikelihood(
                    plane: plane, decided: decided, score: y, correlation: rho)
                #expect(abs(found - expected) < 1e-4 * max(1, abs(expected)))
            }
        }
        // The most significant plane knows nothing above it: the joint ratio.
        let joint = quantizer.logLikelihoods(score: y, correlation: rho)[2]
        #expect(abs(quantizer.logLikelihood(plane: 2, decided: 0, score: y, correlation: rho) - joint) < 1e-9)
    }

    @Test func `every quantizer states what it says, and lists are charged their entropy`() throws {
        #expect(Set(SampleQuantizer.named.map(\.name)).count == 8)
        for (name, quantizer) in SampleQuantizer.named {
            #expect(quantizer.name == name)
            try quantizer.validate()
            #expect(!quantizer.disclosure.summary.isEmpty)
            #expect(
                (quantizer.disclosure.charge == .nothing)
                    == (quantizer.disclosure.publicBitsPerSample == 0 && name != "asbg-multi"))
        }
        // C(10, 3) = 120 lists, eleven possible counts.
        #expect(abs(QuantizerDisclosure.listEntropy(size: 10, kept: 3) - log2(120) - log2(11)) < 1e-9)
        #expect(QuantizerDisclosure.listEntropy(size: 0, kept: 0) == 0)
        #expect(abs(QuantizerDisclosure.listEntropy(size: 7, kept: 7) - 3) < 1e-12)
    }

    @Test func `parameters that make no sense are refused`() {
        for wrong in [
            SampleQuantizer.guardBand(alpha: .nan, center: .mean, block: 0),
            .guardBand(alpha: 0.3, center: .mean, block: 1),
            .levelCrossing(alpha: -1, run: 3), .levelCrossing(alpha: 0.5, run: 1),
            .adaptive(alpha: 0.3, block: 0),
            .adaptiveMultibit(block: 1, bits: nil), .adaptiveMultibit(block: 9, bits: 9),
            .equiprobable(bits: 0),
            .soft(bits: 9), .binClass(bits: 7), .quantileHelper(bits: 3, helperBits: 9),
        ] {
            let error = #expect(throws: QWaveError.self) { try wrong.validate() }
            #expect(error?.code == .usage)
        }
    }
}
