// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Testing

@testable import ChannelModels

@Suite struct SimulatorTests {
    /// |Σ a*b| over the root of the powers, and the complex coefficient.
    static func correlation(_ a: [Complex], _ b: [Complex]) -> Complex {
        var cross = Complex.zero
        var first = 0.0
        var second = 0.0
        for (x, y) in zip(a, b) {
            cross = cross + x.conjugate * y
            first += x.power
            second += y.power
        }
        return cross * (1 / (first * second).squareRoot())
    }

    static func complex(_ gain: IQ) -> Complex { Complex(Double(gain.re), Double(gain.im)) }

    /// 2,000 realizations of 50 pairs far apart in time.
    @Test(arguments: [(20.0, 0.5e-3, 50.0), (10, 5e-3, 19.3)])
    func `ST-11 Alice and Bob correlate as noise and turnaround say`(
        snr: Double, turnaround: Double, doppler: Double
    )
        throws
    {
        var parameters = SimulationParameters(model: .rayleigh, snr: snr, probeRate: 0.5, duration: 100)
        parameters.toneIndices = [0]
        parameters.impairments = .none
        parameters.turnaround = turnaround
        parameters.speed = doppler * parameters.wavelength
        var alice: [Complex] = []
        var bob: [Complex] = []
        for seed in 0..<2000 {
            parameters.channelSeed = UInt64(seed)
            parameters.aliceSeed = UInt64(seed) &+ 1_000_000
            parameters.bobSeed = UInt64(seed) &+ 2_000_000
            let simulator = try TwoSidedSimulator(parameters)
            alice += try simulator.trace(.alice).gains.map(Self.complex)
            bob += try simulator.trace(.bob).gains.map(Self.complex)
        }
        #expect(alice.count == 100_000)
        let linear = pow(10, snr / 10)
        let expected = linear / (1 + linear) * j0(2 * Double.pi * doppler * turnaround)
        let measured = Self.correlation(alice, bob)
        #expect(abs(measured.re - expected) < 0.005)
        #expect(abs(measured.im) < 0.005)
    }

    /// Eve's first stream against Bob's true channel; her second is independent of it.
    @Test(arguments: [0.0, 3])
    func `ST-12 Eve correlates with Bob as her distance says, only in what she hears of Alice`(kappa: Double)
        throws
    {
        let ratios = [0.05, 0.1, 0.2, 0.3, 0.5, 0.61, 1]
        for ratio in ratios {
            var parameters = SimulationParameters(model: .rayleigh, probeRate: 0.5, duration: 8)
            parameters.toneIndices = [0]
            parameters.impairments = .none
            parameters.eve = EveParameters(distanceToBob: ratio * parameters.wavelength, snr: 100)
            parameters.eve.concentration = kappa
            var bob: [Complex] = []
            var ofAlice: [Complex] = []
            var ofBob: [Complex] = []
            for seed in 0..<3000 {
                parameters.channelSeed = UInt64(seed)
                let simulator = try TwoSidedSimulator(parameters)
                bob += try simulator.trace(.truth).gains.enumerated().filter { $0.offset % 2 == 1 }
                    .map { Self.complex($0.element) }
                let eve = try simulator.trace(.eve)
                #expect(eve.shape(at: 0) == SnapshotShape(transmitAntennas: 2, subcarriers: 1))
                for (index, gain) in eve.gains.enumerated() {
                    if index % 2 == 0 {
                        ofAlice.append(Self.complex(gain))
                    } else {
                        ofBob.append(Self.complex(gain))
                    }
                }
            }
            let measured = Self.correlation(bob, ofAlice)
            // Independent of the simulator's own routine where a closed form exists.
            let x = 2 * Double.pi * ratio
            let expected = kappa == 0 ? Complex(j0(x), 0) : Self.quadrature(x: x, kappa: kappa)
            #expect(abs(measured.re - expected.re) < 0.02, "d/λ = \(ratio)")
            #expect(abs(measured.im - expected.im) < 0.02)
            #expect(Self.correlation(bob, ofBob).power.squareRoot() < 0.025)
        }
    }

    /// The null control: an Eve in the same place must break everything.
    @Test func `an Eve at no distance hears exactly what Alice and Bob hear`() throws {
        var parameters = SimulationParameters(duration: 4)
        parameters.impairments = .none
        parameters.eve = EveParameters(distanceToBob: 0, snr: 120)
        parameters.eve.distanceToAlice = 0
        let simulator = try TwoSidedSimulator(parameters)
        let eve = try simulator.trace(.eve)
        let truth = try simulator.trace(.truth)
        for index in 0..<truth.count {
            let heard = eve.gains(at: index).map(Self.complex)
            let real = truth.gains(at: index).map(Self.complex)
            // Eve's first stream is Alice's probe, which is Bob's channel: the truth's second.
            for (mine, theirs) in zip(heard, real[52...] + real[..<52]) {
                #expect((mine + theirs * -1).power.squareRoot() < 2e-5)
            }
        }
        #expect(simulator.ceilings.eveBitsPerSnapshot > simulator.ceilings.bitsPerSnapshot)
        #expect(simulator.ceilings.secretBitsPerSnapshot < 1e-3)
        #expect(simulator.ceilings.secretBitsPerMinute == 0)
    }

    /// E[exp(jx·cos(φ − 90°))] over a von Mises density, by the rectangle rule.
    static func quadrature(x: Double, kappa: Double) -> Complex {
        var sum = Complex.zero
        var weight = 0.0
        for step in 0..<20_000 {
            let angle = 2 * Double.pi * (Double(step) + 0.5) / 20_000
            let density = exp(kappa * cos(angle))
            weight += density
            sum = sum + Complex(cos(x * sin(angle)), sin(x * sin(angle))) * density
        }
        return sum * (1 / weight)
    }

    @Test func `ST-18 a frozen channel never changes`() throws {
        var parameters = SimulationParameters(snr: 100, speed: 0, duration: 20)
        parameters.impairments = .none
        let truth = try TwoSidedSimulator(parameters).trace(.truth)
        for index in 0..<truth.count { #expect(Array(truth.gains(at: index)) == Array(truth.gains(at: 0))) }
        let alice = try TwoSidedSimulator(parameters).trace(.alice)
        let first = alice.gains(at: 0).map(Self.complex)
        for index in 1..<alice.count {
            let now = alice.gains(at: index).map(Self.complex)
            #expect(Self.correlation(first, now).power.squareRoot() >= 0.999999)
        }
    }

    @Test func `a trace says what it is`() throws {
        let simulator = try TwoSidedSimulator(SimulationParameters(snr: 20, probeRate: 50, duration: 2))
        for end in SimulatedEnd.allCases {
            let trace = try simulator.trace(end)
            #expect(trace.count == 100)
            #expect(trace.description.simulated)
            #expect(trace.description.toneIndices == Bandwidth.mhz20.toneIndices)
            #expect(trace.description.fftLength == 64)
            #expect(trace.description.subcarrierSpacing == 312_500)
            #expect(trace.description.nominalRate == 50)
            #expect(trace.description.carrierFrequency == 2.437e9)
            #expect((0..<100).allSatisfy { trace.sequence(at: $0) == UInt64($0) })
            #expect((1..<100).allSatisfy { abs(trace.time(at: $0)! - trace.time(at: $0 - 1)! - 0.02) < 1e-3 })
            #expect(trace.shape(at: 0).transmitAntennas == (end == .alice || end == .bob ? 1 : 2))
        }
        #expect(abs(try simulator.trace(.alice).description.noiseVariance! - 0.01) < 1e-12)
    }

    @Test func `the ground truth survives JSON and holds the parameters' consequences`() throws {
        var parameters = SimulationParameters(model: .rice, snr: 10, speed: 1)
        parameters.eve.distanceToBob = 0.3827 * parameters.wavelength
        let truth = try TwoSidedSimulator(parameters).groundTruth
        let again = try JSONDecoder().decode(GroundTruth.self, from: JSONEncoder().encode(truth))
        #expect(again == truth)
        #expect(truth.simulated)
        #expect(abs(truth.maximumDoppler - 2.437e9 / 299_792_458) < 1e-9)
        #expect(abs(truth.aliceNoiseVariance - 0.1) < 1e-12)
        #expect(truth.eveCorrelation.magnitude < 1e-3)
        #expect(abs(truth.riceFactor - pow(10, 0.6)) < 1e-12)
    }

    @Test func `parameters that make no sense are refused by name`() {
        func refusal(_ change: (inout SimulationParameters) -> Void) -> String? {
            var parameters = SimulationParameters()
            change(&parameters)
            do {
                _ = try TwoSidedSimulator(parameters)
                return nil
            } catch {
                return error.code == .usage ? error.message : nil
            }
        }
        #expect(refusal { $0.snr = .nan }?.contains("SNR") == true)
        #expect(refusal { $0.speed = -1 }?.contains("speed") == true)
        #expect(refusal { $0.probeRate = 0 }?.contains("probe rate") == true)
        #expect(refusal { $0.duration = .infinity }?.contains("duration") == true)
        #expect(refusal { $0.toneIndices = [] }?.contains("tones") == true)
        #expect(refusal { $0.toneIndices = [.min] }?.contains("tone index") == true)
        #expect(refusal { $0.sinusoids = 3 }?.contains("sinusoids") == true)
        #expect(refusal { $0.impairments.lossProbability = 1 }?.contains("loss") == true)
        #expect(refusal { $0.eve.distanceToBob = -1 }?.contains("Eve") == true)
        #expect(refusal { $0.duration = nil } == nil)
        #expect(refusal { $0.duration = 1e8 }?.contains("number of probes") == true)
    }

    @Test func `a model from a file is checked before it is used`() throws {
        func model(_ taps: String) throws -> ChannelModel {
            try JSONDecoder().decode(
                ChannelModel.self, from: Data(#"{"name": "x", "taps": [\#(taps)]}"#.utf8))
        }
        for taps in [
            "", #"{"delay": 0, "power": 0.5}"#, #"{"delay": -1, "power": 1}"#,
            #"{"delay": 0, "power": 2}, {"delay": 0, "power": -1}"#,
        ] {
            let parameters = SimulationParameters(model: try model(taps))
            #expect(throws: QWaveError.self) { try TwoSidedSimulator(parameters) }
        }
        let good = SimulationParameters(model: try model(#"{"delay": 5, "power": 1}"#))
        #expect(try TwoSidedSimulator(good).trace(.alice, probes: 3).count == 3)
        #expect(try TwoSidedSimulator(good).trace(.alice, probes: 0).isEmpty)
    }

    @Test(arguments: [(60.0, 50.0, 3000), (1.1, 10, 11), (0.01, 50, 1), (0, 50, 0), (0.021, 50, 2)])
    func `a duration holds the probes that begin in it`(duration: Double, rate: Double, probes: Int) {
        #expect(SimulationParameters(probeRate: rate, duration: duration).probes == probes)
    }

    @Test func `RSSI is the mean power in whole decibels`() throws {
        var parameters = SimulationParameters(model: .rayleigh, snr: 40, duration: 10)
        parameters.impairments = .none
        let trace = try TwoSidedSimulator(parameters).trace(.alice)
        let rssi = trace.asRSSI(step: 1, reference: -50)
        #expect(rssi.description.quantity == .decibels && rssi.description.simulated)
        #expect(rssi.count == trace.count)
        for index in 0..<trace.count {
            let mean = trace.gains(at: index).reduce(0.0) { $0 + Double($1.power) } / 52
            let level = rssi.gains(at: index)[rssi.gains(at: index).startIndex]
            #expect(level.re == Float((10 * log10(mean) - 50).rounded()) && level.im == 0)
            #expect(rssi.shape(at: index).count == 1)
            #expect(rssi.sequence(at: index) == trace.sequence(at: index))
        }
        #expect(Set(rssi.gains).count > 5)
    }
}
