// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import TestSupport
import Testing

@testable import Secrecy

@Suite struct ControlTests {
    @Test func `the control is the documented generator's, of the length and width that is asked for`() throws
    {
        #expect(Array("QWave90B".utf8).reduce(0) { $0 << 8 | UInt64($1) } == UniformControl.seed)
        for bits in 1...8 {
            let series = try UniformControl.series(count: 500, bits: bits)
            #expect(series.symbols == Source.uniform(seed: UniformControl.seed, count: 500, bits: bits))
            #expect(series.bits == bits)
        }
    }

    @Test func `an assessment holds the symbols' value beside that of a control of equal length`() throws {
        let symbols = Source.autoregressive(seed: 5, count: 30_000)
        let series = try SymbolSeries(symbols, bits: 2)
        let assessment = try KeyLengthInputs.Assessment(commissioning: series)
        #expect(assessment.symbols == 30_000)
        #expect(try assessment.assessed == NonIIDAssessment(series).minEntropy)
        let control = try NonIIDAssessment(UniformControl.series(count: 30_000, bits: 2))
        #expect(assessment.control == control.minEntropy)
        // A perfect source of that length is far from two bits, too: hence the ratio.
        #expect(assessment.control < 1.6)
        #expect(assessment.gated(bits: 2) == 2 * assessment.assessed / assessment.control)
        #expect(assessment.gated(bits: 2) < 0.5)
    }

    @Test func `the gate never credits more than the symbol's width, and nothing to nonsense`() {
        #expect(KeyLengthInputs.Assessment(assessed: 0.95, control: 0.9, symbols: 1).gated(bits: 3) == 3)
        #expect(KeyLengthInputs.Assessment(assessed: 0.45, control: 0.9, symbols: 1).gated(bits: 1) == 0.5)
        let nonsense: [(Double, Double)] = [(0.5, 0), (.nan, 1), (-1, 1), (0, 0), (0.5, -1)]
        for (assessed, control) in nonsense {
            let assessment = KeyLengthInputs.Assessment(assessed: assessed, control: control, symbols: 1)
            #expect(assessment.gated(bits: 2) == 0)
        }
    }

    @Test func `a million symbols of a poor source cap the key, and the assurance says so`() throws {
        let series = try SymbolSeries(Source.markov(seed: 3, count: 1_000_000))
        var inputs = Example.inputs(symbols: 65_536, bits: 1)
        let model = KeyLength.compute(inputs)
        #expect(model.assurance == "model" && model.assessedBits == nil)
        inputs.components[0].assessment = try KeyLengthInputs.Assessment(commissioning: series)
        let gated = KeyLength.compute(inputs)
        #expect(gated.assurance == "model+90B")
        let h90B = try #require(gated.terms.components[0].h90B)
        #expect(h90B > 0.2 && h90B < 0.3)
        #expect(try #require(gated.assessedBits) < #require(model.modelBits))
    }
}
