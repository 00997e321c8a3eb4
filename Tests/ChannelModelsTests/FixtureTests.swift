// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Testing

@testable import ChannelModels

/// CH-7: what each attacker's fixture does, and what her capture knows of it.
@Suite struct FixtureTests {
    static func simulator(
        _ fixtures: [Fixture], speed: Double = 1, duration: Double = 20, riceFactor: Double? = nil
    ) throws -> TwoSidedSimulator {
        var parameters = SimulationParameters(
            model: TGn.b.model, snr: 120, speed: speed, duration: duration, seed: 5)
        parameters.toneIndices = [-20, -7, 7, 20]
        parameters.impairments = .none
        parameters.turnaround = 0
        parameters.riceFactor = riceFactor
        parameters.eve = EveParameters(distanceToBob: 0.05, snr: 120)
        parameters.fixtures = fixtures
        return try TwoSidedSimulator(parameters)
    }

    static func gains(_ trace: ChannelTrace, _ index: Int) -> [Complex] {
        trace.gains(at: index).map(SimulatorTests.complex)
    }

    static func near(_ a: some Collection<Complex>, _ b: some Collection<Complex>) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { ($0 + $1 * -1).power < 1e-8 }
    }

    @Test func `an injector replaces its share of the rounds at both ends by what Eve knows`() throws {
        let attacked = try Self.simulator([Fixture(.injector, ["fraction": 0.2, "level": 6])])
        let plain = try Self.simulator([])
        let (alice, bob) = (try attacked.trace(.alice), try attacked.trace(.bob))
        let eve = try attacked.trace(.eve)
        let genuine = try plain.trace(.alice)
        #expect(eve.shape(at: 0).receiveAntennas == 2)
        var injected = 0
        for index in 0..<alice.count {
            let known = Array(Self.gains(eve, index).suffix(8))
            if known[0] == .zero {
                #expect(alice.gains(at: index).elementsEqual(genuine.gains(at: index)))
            } else {
                injected += 1
                #expect(Self.near(Self.gains(alice, index), known[..<4]))
                #expect(Self.near(Self.gains(bob, index), known[4...]))
                #expect(abs(10 * log10(known[0].power) - 6) < 1e-3)
            }
        }
        #expect(abs(Double(injected) / 1000 - 0.2) < 0.04)
    }

    @Test func `replayed probes come through another channel, under valid numbers or old ones`() throws {
        let plain = try Self.simulator([])
        let genuine = (try plain.trace(.alice), try plain.trace(.bob))
        let valid = try Self.simulator([Fixture(.replay, ["fraction": 0.2])])
        let (alice, bob) = (try valid.trace(.alice), try valid.trace(.bob))
        #expect(alice.count == 1000 && (0..<1000).allSatisfy { alice.sequence(at: $0) == UInt64($0) })
        let replaced = (0..<1000).filter { !alice.gains(at: $0).elementsEqual(genuine.0.gains(at: $0)) }
        #expect(abs(Double(replaced.count) / 1000 - 0.2) < 0.04)
        #expect(
            replaced
                == (0..<1000).filter { !bob.gains(at: $0).elementsEqual(genuine.1.gains(at: $0)) })
        let (a, b) = (replaced.flatMap { Self.gains(alice, $0) }, replaced.flatMap { Self.gains(bob, $0) })
        #expect(SimulatorTests.correlation(a, b).power.squareRoot() < 0.4)

        let old = try Self.simulator([Fixture(.replay, ["fraction": 0.2, "age": 50, "valid": 0])])
            .trace(.alice)
        var seen: Set<UInt64> = []
        var last: UInt64 = 0
        var extra = 0
        for index in 0..<old.count {
            let number = old.sequence(at: index)!
            if seen.insert(number).inserted {
                #expect(old.gains(at: index).elementsEqual(genuine.0.gains(at: Int(number))))
                last = number
            } else {
                extra += 1
                #expect(number == last - 50)
            }
        }
        #expect(seen.count == 1000 && extra > 140 && extra < 240)
    }

    @Test func `a blocker cuts the line of sight in half of each period`() throws {
        let attacked = try Self.simulator(
            [Fixture(.blocker, ["period": 2, "depth": 20])], speed: 0, riceFactor: 60)
        let truth = try attacked.trace(.truth)
        let power = (0..<truth.count).map { Self.gains(truth, $0)[0].power }
        for index in 0..<truth.count {
            let open = index % 100 < 50
            #expect(power[index] == power[open ? 0 : 50])
        }
        // The diffuse part lies 60 dB below the line, which falls by 20 dB.
        #expect(abs(10 * log10(power[0] / power[50]) - 20) < 0.5)
        #expect(throws: QWaveError.self) { try Self.simulator([Fixture(.blocker)]) }
    }

    @Test func `a contaminating pilot adds Eve's channel to each end, which she hears herself`() throws {
        let attacked = try Self.simulator([Fixture(.contamination, ["level": 6])])
        let truth = try attacked.trace(.truth)
        let (alice, bob, eve) = (
            try attacked.trace(.alice), try attacked.trace(.bob), try attacked.trace(.eve)
        )
        let amplitude = pow(10, 6.0 / 20)
        for index in 0..<alice.count {
            let heard = Self.gains(eve, index).map { $0 * amplitude }
            let real = Self.gains(truth, index)
            #expect(Self.near(Self.gains(alice, index), zip(real[..<4], heard[..<4]).map { $0 + $1 }))
            #expect(Self.near(Self.gains(bob, index), zip(real[4...], heard[4...]).map { $0 + $1 }))
        }
    }

    @Test(arguments: [1.0, 0])
    func `a surface turns its reflection by a pattern that Eve knows`(reciprocal: Double) throws {
        let attacked = try Self.simulator([Fixture(.surface, ["level": 6, "reciprocal": reciprocal])])
        let truth = try attacked.trace(.truth)
        let (alice, bob, eve) = (
            try attacked.trace(.alice), try attacked.trace(.bob), try attacked.trace(.eve)
        )
        var equal = 0
        for index in 0..<alice.count {
            let known = Array(Self.gains(eve, index).suffix(8))
            let real = Self.gains(truth, index)
            #expect(Self.near(Self.gains(bob, index), zip(real[4...], known[..<4]).map { $0 + $1 }))
            #expect(Self.near(Self.gains(alice, index), zip(real[..<4], known[4...]).map { $0 + $1 }))
            if Self.near(known[..<4], known[4...]) { equal += 1 }
        }
        #expect(equal == (reciprocal == 1 ? alice.count : 0))
    }

    @Test func `a frozen channel is alive until its moment and still from there`() throws {
        let truth = try Self.simulator([Fixture(.frozen, ["from": 10])]).trace(.truth)
        let plain = try Self.simulator([]).trace(.truth)
        for index in 0...500 { #expect(truth.gains(at: index).elementsEqual(plain.gains(at: index))) }
        for index in 500..<1000 { #expect(truth.gains(at: index).elementsEqual(truth.gains(at: 500))) }
        #expect(!plain.gains(at: 999).elementsEqual(plain.gains(at: 500)))
    }

    @Test func `a jammer adds noise of its level in bursts, and spares Eve`() throws {
        let attacked = try Self.simulator(
            [Fixture(.jammer, ["duty": 0.3, "level": 0, "burst": 20])], duration: 200)
        let truth = try attacked.trace(.truth)
        let alice = try attacked.trace(.alice)
        var jammed: [Int] = []
        var power = 0.0
        for index in 0..<alice.count {
            let noise = zip(Self.gains(alice, index), Self.gains(truth, index)).map { $0 + $1 * -1 }
            let own = noise.reduce(0) { $0 + $1.power }
            if own > 1e-3 {
                jammed.append(index)
                power += own
            }
        }
        #expect(abs(Double(jammed.count) / 10_000 - 0.3) < 0.06)
        #expect(abs(power / Double(4 * jammed.count) - 1) < 0.05)
        #expect(Set(jammed.map { $0 / 20 }).count <= (jammed.count + 19) / 20 + 1)
        let clean = try Self.simulator([], duration: 200).trace(.eve)
        #expect(try attacked.trace(.eve).gains == clean.gains)
    }

    @Test func `predictable mobility repeats its course, and Eve has it`() throws {
        let attacked = try Self.simulator([Fixture(.mobility, ["period": 5, "share": 1])])
        let truth = try attacked.trace(.truth)
        let eve = try attacked.trace(.eve)
        for index in 0..<750 {
            #expect(Self.near(Self.gains(truth, index), Self.gains(truth, index + 250)))
            let known = Array(Self.gains(eve, index).suffix(8))
            #expect(Self.near(Array(known[4...] + known[..<4]), Self.gains(truth, index)))
        }
        let half = try Self.simulator([Fixture(.mobility, ["period": 5, "share": 0.5])]).trace(.truth)
        let laps = (
            (0..<750).map { Self.gains(half, $0)[0] }, (0..<750).map { Self.gains(half, $0 + 250)[0] }
        )
        #expect(abs(SimulatorTests.correlation(laps.0, laps.1).re - 0.5) < 0.3)
    }

    @Test func `an Eve who is Bob has the ends' own captures, noise and all`() throws {
        var parameters = SimulationParameters(duration: 2, seed: 9)
        parameters.impairments = .harsh
        parameters.impairments.lossProbability = 0
        parameters.impairments.reorderProbability = 0
        parameters.impairments.duplicateProbability = 0
        parameters.fixtures = [Fixture(.eveIsBob)]
        let simulator = try TwoSidedSimulator(parameters)
        let (alice, bob, eve) = (
            try simulator.trace(.alice), try simulator.trace(.bob), try simulator.trace(.eve)
        )
        for index in 0..<eve.count {
            #expect(
                Array(eve.gains(at: index)) == Array(bob.gains(at: index)) + Array(alice.gains(at: index)))
        }
    }

    @Test func `CH-7 fixtures are read from text, and refused by name`() throws {
        let fixture = try Fixture(parsing: "jammer:duty=0.2,level=-3")
        #expect(fixture == Fixture(.jammer, ["duty": 0.2, "level": -3]))
        #expect(fixture.description == "jammer:duty=0.2,level=-3.0,burst=10.0")
        for kind in Fixture.Kind.allCases {
            #expect(try Fixture(parsing: kind.rawValue) == Fixture(kind))
            #expect(!kind.summary.isEmpty)
            #expect(kind.options.allSatisfy { $0.range.contains($0.standard) })
        }
        for wrong in [
            "laser", "jammer:", "jammer:duty", "jammer:duty=x", "jammer:duty=2", "jammer:depth=1",
            "frozen:from=nan",
        ] {
            let error = #expect(throws: QWaveError.self) { try Fixture(parsing: wrong) }
            #expect(error?.code == .usage)
        }
    }
}
