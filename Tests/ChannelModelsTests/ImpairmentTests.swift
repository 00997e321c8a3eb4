// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Testing

@testable import ChannelModels

/// ST-17, which every test's name begins with: each impairment alone changes its own statistic.
@Suite struct ImpairmentTests {
    static func simulator(
        duration: Double = 20, snr: Double = 120, speed: Double = 1, _ change: (inout Impairments) -> Void
    ) throws -> TwoSidedSimulator {
        var parameters = SimulationParameters(snr: snr, speed: speed, duration: duration, seed: 11)
        parameters.impairments = .none
        change(&parameters.impairments)
        return try TwoSidedSimulator(parameters)
    }

    static func gains(_ trace: ChannelTrace, _ index: Int) -> [Complex] {
        trace.gains(at: index).map(SimulatorTests.complex)
    }

    @Test func `ST-17 with everything off and no noise the ends see the truth`() throws {
        let simulator = try Self.simulator { _ in }
        let truth = try simulator.trace(.truth)
        let alice = try simulator.trace(.alice)
        let bob = try simulator.trace(.bob)
        for index in 0..<truth.count {
            let expected = Self.gains(truth, index)
            for (seen, wanted) in zip(Self.gains(alice, index) + Self.gains(bob, index), expected) {
                #expect((seen + wanted * -1).power.squareRoot() < 1e-5)
            }
            #expect(alice.time(at: index) == Double(index) / 50)
            #expect(abs(bob.time(at: index)! - Double(index) / 50 - 0.5e-3) < 1e-12)
            // The channel's own function of time says the same.
            let asked = simulator.channel.response(at: Double(index) / 50, tones: simulator.parameters.tones)
            #expect(asked == Array(truth.gains(at: index).prefix(52)))
        }
    }

    @Test(arguments: [0.0, 10, 20])
    func `ST-17 the noise has its variance and is white`(snr: Double) throws {
        let simulator = try Self.simulator(snr: snr, speed: 0) { _ in }
        let truth = Self.gains(try simulator.trace(.truth), 0)
        let alice = try simulator.trace(.alice)
        var power = 0.0
        var neighbor = Complex.zero
        for index in 0..<alice.count {
            let noise = zip(Self.gains(alice, index), truth).map { $0 + $1 * -1 }
            power += noise.reduce(0) { $0 + $1.power }
            for k in 1..<52 { neighbor = neighbor + noise[k].conjugate * noise[k - 1] }
        }
        let variance = power / Double(52 * alice.count)
        #expect(abs(variance * pow(10, snr / 10) - 1) < 0.02)
        #expect(neighbor.power.squareRoot() / power < 0.02)
    }

    @Test func `ST-17 carrier phase turns each capture as a whole, uniformly, at each end on its own`() throws
    {
        let simulator = try Self.simulator(duration: 60) { $0.carrierPhase = true }
        let truth = try simulator.trace(.truth)
        var sums = [Complex.zero, .zero, .zero]
        for (slot, trace) in [try simulator.trace(.alice), try simulator.trace(.bob)].enumerated() {
            for index in 0..<trace.count {
                let ideal = Self.gains(truth, index)[(slot * 52)...(slot * 52 + 51)]
                let coefficient = SimulatorTests.correlation(Array(ideal), Self.gains(trace, index))
                #expect(abs(coefficient.power - 1) < 1e-5)
                sums[slot] = sums[slot] + coefficient
                sums[2] = sums[2] + coefficient * coefficient
            }
        }
        for sum in sums { #expect(sum.power.squareRoot() / 3000 < 0.05) }
    }

    @Test func `ST-17 timing offsets are uniform slopes over the tones`() throws {
        let simulator = try Self.simulator(duration: 60) { $0.timingOffset = 3 }
        let truth = try simulator.trace(.truth)
        let alice = try simulator.trace(.alice)
        var offsets: [Double] = []
        for index in 0..<alice.count {
            let ratio = zip(Self.gains(truth, index), Self.gains(alice, index)).map { $0.conjugate * $1 }
            // Tones −26 and −25 are neighbors: their ratios differ by one step of the slope.
            let step = ratio[0].conjugate * ratio[1]
            let samples = -atan2(step.im, step.re) / (2 * Double.pi) * 64
            offsets.append(samples)
            let last = ratio[0].conjugate * ratio[51]
            let predicted = Complex.turned(-52 * samples / 64)
            #expect((last * predicted.conjugate).re > 0.99 * last.power.squareRoot())
        }
        #expect(offsets.allSatisfy { abs($0) <= 3.0001 })
        let variance = offsets.reduce(0) { $0 + $1 * $1 } / Double(offsets.count)
        #expect(abs(variance / 3 - 1) < 0.05)
    }

    @Test func `ST-17 turnaround jitter stays within its share`() throws {
        let simulator = try Self.simulator { $0.turnaroundJitter = 0.1 }
        let gaps = (0..<5000).map { n -> Double in
            let times = simulator.receptionTimes(of: n)
            return (times.bob - times.alice) / 0.5e-3 - 1
        }
        #expect(gaps.allSatisfy { abs($0) <= 0.1001 })
        let variance = gaps.reduce(0) { $0 + $1 * $1 } / 5000
        #expect(abs(variance / (0.01 / 3) - 1) < 0.05)
        var reversed = simulator.parameters
        reversed.firstReceiver = .bob
        let times = try TwoSidedSimulator(reversed).receptionTimes(of: 3)
        #expect(times.alice > times.bob && times.bob == 3.0 / 50)
    }

    @Test(arguments: [1.0, 4])
    func `ST-17 losses have their probability and burst length, each end its own`(burst: Double) throws {
        let simulator = try Self.simulator(duration: 400) {
            $0.lossProbability = 0.1
            $0.lossBurst = burst
        }
        var missing: [Set<UInt64>] = []
        for end in [SimulatedEnd.alice, .bob] {
            let trace = try simulator.trace(end)
            let present = Set((0..<trace.count).compactMap { trace.sequence(at: $0) })
            missing.append(Set(0..<20_000).subtracting(present))
        }
        for lost in missing {
            #expect(abs(Double(lost.count) / 20_000 - 0.1) < (burst == 1 ? 0.005 : 0.015))
            let starts = lost.count { $0 == 0 || !lost.contains($0 - 1) }
            #expect(
                abs(Double(lost.count) / Double(starts) / (burst == 1 ? 1 / 0.9 : burst) - 1) < 0.05 * burst)
        }
        let both = Double(missing[0].intersection(missing[1]).count) / 20_000
        #expect(abs(both - 0.01) < 0.004)
        // A lost probe takes nothing else with it: what remains is what was.
        let whole = try Self.simulator(duration: 4) { _ in }.trace(.alice)
        let thinned = try simulator.trace(.alice)
        for index in 0..<100 {
            let sequence = Int(thinned.sequence(at: index)!)
            #expect(thinned.gains(at: index).elementsEqual(whole.gains(at: sequence)))
        }
    }

    @Test func `ST-17 reordering and duplicates keep numbers true and lose nothing`() throws {
        let simulator = try Self.simulator(duration: 40) {
            $0.reorderProbability = 0.1
            $0.duplicateProbability = 0.05
        }
        let trace = try simulator.trace(.bob)
        let numbers = (0..<trace.count).compactMap { trace.sequence(at: $0) }
        #expect(Set(numbers) == Set(0..<2000))
        let late = zip(numbers, numbers.dropFirst()).count { $0 > $1 }
        #expect(late > 100 && late < 260)
        #expect(numbers.count - 2000 > 50 && numbers.count - 2000 < 150)
        #expect(
            numbers.enumerated().allSatisfy {
                abs(trace.time(at: $0.offset)! - Double($0.element) / 50) < 1e-3
            })
    }

    @Test func `ST-17 clocks have offset, drift and jitter of their own`() throws {
        let simulator = try Self.simulator(duration: 100) {
            $0.clockOffset = 1
            $0.clockDrift = 20
            $0.clockJitter = 1e-3
        }
        var offsets: [Double] = []
        for end in [SimulatedEnd.alice, .bob] {
            let trace = try simulator.trace(end)
            let errors = (0..<trace.count).map { trace.time(at: $0)! - Double($0) / 50 }
            let mean = errors.reduce(0, +) / Double(errors.count)
            #expect(mean > 0 && mean < 1.01)
            let deviation = (errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(errors.count))
                .squareRoot()
            #expect(abs(deviation / 1e-3 - 1) < 0.2)
            offsets.append(mean)
        }
        #expect(abs(offsets[0] - offsets[1]) > 1e-3)
    }

    @Test func `ST-17 hardware filters are fixed, differ by direction and have their spread`() throws {
        var levels: [Double] = []
        var angles: [Double] = []
        for seed in 0..<400 {
            var parameters = SimulationParameters(snr: 120, speed: 0, duration: 0.04, seed: UInt64(seed))
            parameters.impairments = .none
            parameters.impairments.hardwareFilters = true
            let simulator = try TwoSidedSimulator(parameters)
            let truth = Self.gains(try simulator.trace(.truth), 0)
            let alice = try simulator.trace(.alice)
            #expect(
                zip(Self.gains(alice, 0), Self.gains(alice, 1)).allSatisfy { ($0 + $1 * -1).power < 1e-9 })
            for k in [0, 51] {
                let ratio = truth[k].conjugate * Self.gains(alice, 0)[k] * (1 / truth[k].power)
                levels.append(10 * log10(ratio.power))
                angles.append(atan2(ratio.im, ratio.re) * 180 / Double.pi)
            }
            let bob = try simulator.trace(.bob)
            #expect(Self.gains(bob, 0) != Self.gains(alice, 0))
        }
        // Two filters in a row: variances add.
        let spread = { (x: [Double]) in (x.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot() }
        #expect(abs(spread(levels) / 2.0.squareRoot() - 1) < 0.08)
        #expect(abs(spread(angles) / 50.0.squareRoot() - 1) < 0.08)
    }

    @Test func `ST-17 gain control evens out power and converters quantize`() throws {
        let controlled = try Self.simulator(duration: 40) { $0.gainStep = 1 }
        #expect(controlled.description(.alice).noiseVariance == nil)
        let trace = try controlled.trace(.alice)
        let levels = (0..<trace.count).map { index in
            10 * log10(Self.gains(trace, index).reduce(0) { $0 + $1.power } / 52)
        }
        let mean = levels.reduce(0, +) / Double(levels.count)
        let variance = levels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(levels.count)
        #expect(abs(mean) < 0.05)
        // Half a decibel of error and a uniform remainder of one-decibel steps.
        #expect(abs(variance / (0.25 + 1.0 / 12) - 1) < 0.1)

        let converted = try Self.simulator(duration: 2) { $0.converterBits = 8 }
        let coarse = try converted.trace(.alice).gains
        let fine = try Self.simulator(duration: 2) { _ in }.trace(.alice).gains
        let step = Float(8.0 / 256)
        #expect(coarse.allSatisfy { ($0.re / step).rounded() == $0.re / step })
        #expect(zip(coarse, fine).allSatisfy { abs($0.re - $1.re) <= step / 2 + 1e-6 })
    }

    @Test func `ST-17 oscillators turn phase and timing steadily, with opposite signs at the two ends`()
        throws
    {
        var parameters = SimulationParameters(snr: 120, speed: 0, duration: 4, seed: 11)
        parameters.impairments = .none
        parameters.turnaround = 0
        let plain = try TwoSidedSimulator(parameters)
        let still = Self.gains(try plain.trace(.truth), 0)
        parameters.impairments.carrierOffset = 5
        let simulator = try TwoSidedSimulator(parameters)
        var steps: [Double] = []
        for end in [SimulatedEnd.alice, .bob] {
            let trace = try simulator.trace(end)
            let turns = (0..<trace.count).map { index in
                let coefficient = SimulatorTests.correlation(
                    Array(still.prefix(52)), Self.gains(trace, index))
                #expect(abs(coefficient.power - 1) < 1e-5)
                return atan2(coefficient.im, coefficient.re) / (2 * Double.pi)
            }
            let steady = zip(turns, turns.dropFirst()).map { $1 - $0 - ($1 - $0).rounded() }
            #expect(steady.allSatisfy { abs($0 - steady[0]) < 1e-4 })
            steps.append(steady[0])
        }
        // Two devices of at most 5 Hz each, 20 ms between pairs.
        #expect(abs(steps[0] + steps[1]) < 1e-4 && abs(steps[0]) > 1e-3 && abs(steps[0]) <= 0.2)

        parameters.impairments = .none
        parameters.impairments.samplingOffset = 1
        let drifting = try TwoSidedSimulator(parameters).trace(.alice)
        let slopes = (0..<drifting.count).map { index -> Double in
            let ratio = zip(still, Self.gains(drifting, index)).map { $0.conjugate * $1 }
            let step = ratio[0].conjugate * ratio[1]
            return -atan2(step.im, step.re) / (2 * Double.pi) * 64
        }
        #expect(slopes.allSatisfy { abs($0) <= 0.5001 })
        let advances = zip(slopes, slopes.dropFirst()).map { $1 - $0 - ($1 - $0).rounded() }
        #expect(advances.allSatisfy { abs($0 - advances[0]) < 2e-3 })
        #expect(abs(advances[0]) > 0.004 && abs(advances[0]) <= 0.8)
    }

    @Test func `ST-17 shadowing is slow, common to all ends and has its deviation`() throws {
        var levels: [Double] = []
        for seed in 0..<1500 {
            var parameters = SimulationParameters(
                model: .rayleigh, snr: 120, speed: 0, duration: 0.02, seed: UInt64(seed))
            parameters.toneIndices = [0]
            parameters.impairments = .none
            let plain = try TwoSidedSimulator(parameters)
            parameters.impairments.shadowing = 3
            let shadowed = try TwoSidedSimulator(parameters)
            let ratios = try [SimulatedEnd.alice, .bob, .eve].map { end in
                10 * log10(Double(try shadowed.trace(end).gains[0].power / plain.trace(end).gains[0].power))
            }
            #expect(abs(ratios[0] - ratios[1]) < 0.05 && abs(ratios[0] - ratios[2]) < 0.05)
            levels.append(ratios[0])
        }
        let deviation = (levels.reduce(0) { $0 + $1 * $1 } / Double(levels.count)).squareRoot()
        #expect(abs(deviation / 3 - 1) < 0.05)
    }
}
