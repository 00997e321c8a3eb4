// SPDX-License-Identifier: GPL-3.0-or-later
import QWaveCore
import Testing

@testable import ChannelModels

@Suite struct ReproducibilityTests {
    /// FNV-1a over every snapshot's number, time and gains, by bit pattern.
    static func digest(_ trace: ChannelTrace) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ value: UInt64) {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                hash = (hash ^ (value >> shift & 0xFF)) &* 0x100_0000_01B3
            }
        }
        for index in 0..<trace.count {
            mix(trace.sequence(at: index) ?? .max)
            mix(trace.time(at: index)?.bitPattern ?? 0)
            for gain in trace.gains(at: index) {
                mix(UInt64(gain.re.bitPattern) << 32 | UInt64(gain.im.bitPattern))
            }
        }
        return hash
    }

    static var everything: SimulationParameters {
        var parameters = SimulationParameters(model: TGn.d.model, duration: 4, seed: 42)
        parameters.riceFactor = 3
        parameters.impairments.hardwareFilters = true
        parameters.impairments.lossProbability = 0.05
        parameters.impairments.lossBurst = 2
        parameters.impairments.reorderProbability = 0.02
        parameters.impairments.duplicateProbability = 0.02
        parameters.impairments.gainStep = 1
        parameters.impairments.shadowing = 3
        return parameters
    }

    /// Recorded once on x86-64 Linux; any other platform must compute the same.
    @Test func `ST-16 a run's bits are those on record`() throws {
        let simulator = try TwoSidedSimulator(Self.everything)
        let digests = try [SimulatedEnd.alice, .bob, .eve, .truth].map {
            Self.digest(try simulator.trace($0))
        }
        let record: [UInt64] = [
            16_936_181_550_865_081_268, 2_461_023_325_449_074_879, 2_944_938_034_532_460_814,
            14_858_115_923_319_014_934,
        ]
        #expect(digests == record)
        var bell = Self.everything
        bell.spectrum = .bell
        bell.impairments = .standard
        bell.eve.concentration = 3
        let other = try TwoSidedSimulator(bell)
        let eve = Self.digest(try other.trace(.eve))
        #expect(eve == 240_686_481_449_747_879)
    }

    @Test func `whole traces, streams and prefixes are the same snapshots`() throws {
        let simulator = try TwoSidedSimulator(Self.everything)
        for end in SimulatedEnd.allCases {
            let whole = try simulator.trace(end)
            var stream = ChannelTrace(description: whole.description)
            var iterator = simulator.stream(end)
            while let snapshot = iterator.next() { stream.append(snapshot) }
            #expect(Self.digest(stream) == Self.digest(whole))
            #expect(iterator.next() == nil)
        }
        var endless = Self.everything
        endless.duration = nil
        let open = try TwoSidedSimulator(endless)
        #expect(throws: QWaveError.self) { try open.trace(.alice) }
        #expect(Self.digest(try open.trace(.bob, probes: 200)) == Self.digest(try simulator.trace(.bob)))
        #expect(
            open.stream(.alice).prefix(10).map(\.gains) == simulator.stream(.alice).prefix(10).map(\.gains))
    }

    @Test func `ST-16 Eve's place, ear and seed leave Alice and Bob as they were`() throws {
        let plain = try TwoSidedSimulator(Self.everything)
        var parameters = Self.everything
        parameters.eve = EveParameters(distanceToBob: 0.01, snr: 40)
        parameters.eve.distanceToAlice = 0.02
        parameters.eveSeed = 99
        let other = try TwoSidedSimulator(parameters)
        for end in [SimulatedEnd.alice, .bob, .truth] {
            #expect(Self.digest(try plain.trace(end)) == Self.digest(try other.trace(end)))
        }
        #expect(Self.digest(try plain.trace(.eve)) != Self.digest(try other.trace(.eve)))
    }

    @Test func `an end's own seed changes its noise only, and nobody else's`() throws {
        let plain = try TwoSidedSimulator(Self.everything)
        var parameters = Self.everything
        parameters.aliceSeed = 7
        let other = try TwoSidedSimulator(parameters)
        for end in [SimulatedEnd.bob, .eve, .truth] {
            #expect(Self.digest(try plain.trace(end)) == Self.digest(try other.trace(end)))
        }
        #expect(Self.digest(try plain.trace(.alice)) != Self.digest(try other.trace(.alice)))
        parameters.channelSeed = 8
        let third = try TwoSidedSimulator(parameters)
        #expect(Self.digest(try other.trace(.truth)) != Self.digest(try third.trace(.truth)))
    }

    @Test func `ends of one seed draw different noise`() throws {
        var parameters = SimulationParameters(model: .rayleigh, snr: 0, speed: 0, duration: 20, seed: 5)
        parameters.impairments = .none
        parameters.turnaround = 0
        let simulator = try TwoSidedSimulator(parameters)
        let truth = simulator.channel.response(at: 0, tones: parameters.tones)
        func noise(_ end: SimulatedEnd) throws -> [Complex] {
            try simulator.trace(end).gains.enumerated().map { index, gain in
                SimulatorTests.complex(gain - truth[index % truth.count])
            }
        }
        let correlation = SimulatorTests.correlation(try noise(.alice), try noise(.bob))
        #expect(correlation.power.squareRoot() < 0.02)
    }
}
