// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import ChannelModels
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Radio

/// Two probers in one ether of virtual time.
struct VirtualProbingTests {
    /// Mean square error per gain against the true channel, the common phase and the timing of each estimate fitted.
    private static func error(
        _ series: ProbeSeries, clock: EndClock, channel: FadingChannel
    ) -> (mean: Double, count: Int) {
        let tones = SoundingBurst.tones
        var sum = 0.0
        for index in 0..<series.trace.count {
            let time = clock.trueTime(elapsed: (series.trace.time(at: index) ?? 0) - clock.offset)
            // The middle of the four pilot symbols: 320 of preamble, 7 symbols of header, 2 of pilots.
            let truth = channel.response(at: time + Double(320 + 9 * 80) / 20e6, tones: tones)
            let found = Array(series.trace.gains(at: index))
            sum += rest(found, truth, tones)
        }
        return (sum / Double(series.trace.count), series.trace.count)
    }

    /// min over α and β of mean |Ĥ − H·exp(j(α + βk))|², by a fine search around a coarse one.
    private static func rest(_ found: [IQ], _ truth: [IQ], _ tones: [Int]) -> Double {
        let products = zip(found, truth).map { $0 * $1.conjugate }
        func match(_ slope: Double) -> Double {
            var (re, im) = (0.0, 0.0)
            for (product, tone) in zip(products, tones) {
                let (s, c) = (sin(-slope * Double(tone)), cos(-slope * Double(tone)))
                re += Double(product.re) * c - Double(product.im) * s
                im += Double(product.re) * s + Double(product.im) * c
            }
            return (re * re + im * im).squareRoot()
        }
        var best = 0.0
        var step = 0.02
        for slope in stride(from: -0.6, through: 0.6, by: step) where match(slope) > match(best) {
            best = slope
        }
        while step > 1e-5 {
            for slope in [best - step, best + step] where match(slope) > match(best) { best = slope }
            step /= 2
        }
        let power = found.reduce(0.0) { $0 + Double($1.power) } + truth.reduce(0.0) { $0 + Double($1.power) }
        return (power - 2 * match(best)) / Double(tones.count)
    }

    @Test
    func `ten thousand probes over drifting clocks, carriers apart and losses: exact pairs, at the bound`()
        async throws
    {
        let channel = try Rig.channel("tgn-d", speed: 1, seed: 11, loss: 0.05)
        var parameters = EtherParameters(channel: channel, snr: 20)
        Rig.apart(&parameters)
        let plan = ProbePlan(count: 10_000, turnaround: .microseconds(400))
        let (alice, bob) = try await Rig.run(try Ether(parameters), plan: plan)

        // Both ways have a loss of 5 %: Bob hears 95 %, Alice 90 %; nothing else goes missing.
        #expect((9390...9610).contains(bob.trace.count))
        #expect((8880...9170).contains(alice.trace.count))
        #expect(alice.tally.rejected == 0 && bob.tally.rejected == 0)
        #expect(alice.tally.late == 0 && bob.tally.late == 0)
        #expect(alice.tally.sent == 10_000 && alice.tally.acknowledged == 10_000)

        // Handed over in any order, numbers alone pair them; what is paired is of one round, by true time.
        var random = SplitMix64(seed: 4)
        let hers = alice.trace.selecting((0..<alice.trace.count).shuffled(using: &random))
        let his = bob.trace.selecting((0..<bob.trace.count).shuffled(using: &random))
        var places: [UInt64: Int] = [:]
        for index in 0..<his.count {
            let number = try #require(his.sequence(at: index))
            places[number] = index
        }
        #expect(places.count == his.count)
        let clocks = (parameters.waveform.alice, parameters.waveform.bob)
        var pairs = 0
        for index in 0..<hers.count {
            // Every answer answers a probe that was heard.
            let number = try #require(hers.sequence(at: index))
            let other = try #require(places[number])
            let hisTime = try #require(his.time(at: other))
            let herTime = try #require(hers.time(at: index))
            let a = clocks.0.trueTime(elapsed: herTime - clocks.0.offset)
            let b = clocks.1.trueTime(elapsed: hisTime - clocks.1.offset)
            #expect(abs(a - b - 400e-6) < 0.5e-6)
            pairs += 1
        }
        #expect(pairs == alice.trace.count)

        // Cramér–Rao: a gain from four symbols of 52 equal tones in 64 samples of noise σ²: σ²·52/(4·64).
        let noise = pow(10, -parameters.waveform.sampleSNR / 10)
        let bound = noise * 52 / (4 * 64)
        #expect(abs(bound - 0.01) < 1e-9)
        let truth = try TwoSidedSimulator(channel).channel
        for (series, clock) in [(alice, clocks.0), (bob, clocks.1)] {
            let (mean, _) = Self.error(series, clock: clock, channel: truth)
            // The fit of phase and timing takes 2 of 104 dimensions.
            #expect(mean < 1.2 * bound && mean > 0.9 * bound * 102 / 104, "\(mean / bound) of the bound")
            let claimed = try #require(series.trace.description.noiseVariance)
            #expect(abs(claimed / bound - 1) < 0.1)
        }
        let offset = try #require(bob.carrierOffset)
        #expect(abs(offset - 20e3) < 12e3)
    }

    @Test func `the same seed gives the same traces, however the tasks are run`() async throws {
        func run() async throws -> (ChannelTrace, ChannelTrace) {
            var parameters = EtherParameters(
                channel: try Rig.channel("tgn-b", seed: 21, loss: 0.1), snr: 15)
            Rig.apart(&parameters)
            let (alice, bob) = try await Rig.run(
                try Ether(parameters), plan: ProbePlan(count: 200, turnaround: .microseconds(300)))
            return (alice.trace, bob.trace)
        }
        let first = try await run()
        let second = try await run()
        #expect(first.0.gains == second.0.gains && first.1.gains == second.1.gains)
        #expect(first.0.count > 100)
    }

    @Test func `the rate falls to what the channel needs, by the sacrificed probes, and both ends follow`()
        async throws
    {
        // 0.25 m/s at 2.437 GHz: 2.03 Hz, so about 12 a second instead of 100.
        var parameters = EtherParameters(channel: try Rig.channel("tgn-d", speed: 0.25, seed: 9), snr: 25)
        Rig.apart(&parameters)
        var plan = ProbePlan(count: 512 + 200, rate: 100, turnaround: .microseconds(400))
        plan.sacrificed = 512
        plan.minimumRate = 2
        let (alice, bob) = try await Rig.run(try Ether(parameters), plan: plan)
        let doppler = try #require(alice.doppler)
        #expect(doppler.maximumDoppler > 1.2 && doppler.maximumDoppler < 3.2, "\(doppler)")
        #expect(alice.rate > 7 && alice.rate < 20)
        // The sacrificed ones are in no trace.
        for series in [alice, bob] {
            #expect(series.sacrificed.count > 480)
            #expect((0..<series.trace.count).allSatisfy { (series.trace.sequence(at: $0) ?? 0) >= 512 })
        }
        #expect(alice.trace.count > 180)
    }

    @Test(arguments: [2.0, 5, 10, 12])
    func `a slow series is answered at the turnaround that its radio chooses`(rate: Double) async throws {
        var parameters = EtherParameters(channel: try Rig.channel("tgn-b", speed: 0.05, seed: 14), snr: 35)
        Rig.apart(&parameters)
        let ether = try Ether(parameters)
        let radio = try ether.join(.eve)
        let plan = ProbePlan(
            count: 40, rate: rate,
            turnaround: ProbePlan.shortestTurnaround(radio.capabilities, slowest: rate))
        await radio.close()
        let (alice, bob) = try await Rig.run(ether, plan: plan)
        #expect(alice.trace.count >= 37 && bob.trace.count >= 38, "\(alice.tally) \(bob.tally)")
        #expect(bob.tally.unanswerable <= 2 && bob.tally.late == 0)
    }

    /// 100 a second fall to the least; of every way's bursts the losses take some, among them the last sacrificed one's
    /// answer under one seed or another.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func `the rate falls whatever was lost, and both ends agree`(seed: UInt64) async throws {
        let channel = try Rig.channel("tgn-d", speed: 0.25, seed: 40 + seed, loss: 0.3)
        let ether = try Ether(EtherParameters(channel: channel, snr: 25))
        let radio = try ether.join(.eve)
        var plan = ProbePlan(
            count: 384 + 40, rate: 100,
            turnaround: ProbePlan.shortestTurnaround(radio.capabilities, slowest: 4))
        await radio.close()
        plan.sacrificed = 384
        plan.minimumRate = 4
        let (alice, bob) = try await Rig.run(ether, plan: plan)
        #expect(alice.doppler != nil)
        #expect(alice.rate < 40, "\(alice.rate)")
        // What was kept came at that rate, by either clock, up to the last of it.
        for series in [alice, bob] {
            #expect(series.trace.count >= 8)
            let last = series.trace.count - 1
            let (first, end) = (
                try #require(series.trace.time(at: 0)), try #require(series.trace.time(at: last))
            )
            let numbers =
                Double(try #require(series.trace.sequence(at: last)))
                - Double(try #require(series.trace.sequence(at: 0)))
            #expect(abs((end - first) / numbers * alice.rate - 1) < 0.02)
        }
    }

    /// The answer to the last sacrificed probe, the only one that is lost here, was what the rate hung on.
    @Test func `a rate that falls doesn't hang on the last sacrificed probe's answer`() async throws {
        let ether = try Ether(
            EtherParameters(channel: try Rig.channel("tgn-d", speed: 0.25, seed: 9), snr: 25))
        var plan = ProbePlan(count: 256 + 30, rate: 100, turnaround: .microseconds(400))
        plan.sacrificed = 256
        plan.minimumRate = 10
        var faults = FaultyTransceiver.Faults()
        faults.receive = { $0 == 255 ? .overflow : nil }
        let hers = try ether.join(.alice)
        let his = try ether.join(.bob)
        let (first, second) = (
            Prober(plan, key: .known, role: .initiator), Prober(plan, key: .known, role: .responder)
        )
        async let alice = first.run(on: FaultyTransceiver(hers, faults))
        async let bob = second.run(on: his)
        let series = (try await alice, try await bob)
        #expect(!series.0.sacrificed.contains { $0.sequence == 255 })
        #expect(series.0.rate < 40, "\(series.0.rate)")
        #expect(series.0.trace.count > 20 && series.1.trace.count > 20)
    }

    @Test func `a series that kept nothing says why, and one that kept a probe doesn't`() async throws {
        let ether = try Ether(EtherParameters(channel: try Rig.channel("tgn-b"), snr: 20))
        let radio = try ether.join(.alice)
        let plan = ProbePlan(count: 5, turnaround: .microseconds(400))
        var series = ProbeSeries(plan: plan, role: .initiator, radio: radio.capabilities)
        func silence() -> String { series.silence.map { "\($0.code): \($0.message)" } ?? "" }
        #expect(silence().hasPrefix("unavailable: no answer"))
        #expect(silence().contains("longer --turnaround") && silence().contains("--frequency"))
        series.tally.late = 3
        #expect(silence().contains("3 bursts and windows were late"))
        series.tally.wrongTag = 4
        #expect(silence().contains("same --key"))
        series.tally.clipped = 5
        #expect(silence().contains("--rx-gain"))
        await radio.close()
        let (alice, bob) = try await Rig.run(ether, plan: plan)
        #expect(!alice.trace.isEmpty && alice.silence == nil && bob.silence == nil)
    }

    @Test func `the hardware's ratio is found from sacrificed probes, and is none where there is none`()
        async throws
    {
        func ratio(_ chains: Bool) async throws -> ChainRatio {
            var channel = try Rig.channel("tgn-b", speed: 1, seed: 31)
            channel.impairments.hardwareFilters = chains
            var parameters = EtherParameters(channel: channel, snr: 30)
            Rig.apart(&parameters)
            let (alice, bob) = try await Rig.run(
                try Ether(parameters), plan: ProbePlan(count: 300, turnaround: .microseconds(300)))
            return try ChainRatio(initiator: alice.trace, responder: bob.trace)
        }
        let ideal = try await ratio(false)
        #expect(ideal.amplitudeSpread < 0.3 && ideal.phaseSpread < 1)
        let real = try await ratio(true)
        #expect(real.amplitudeSpread > 1 || real.phaseSpread > 2)
        #expect(real.pairs > 280)
    }
}
