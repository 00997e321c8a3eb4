// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelEstimation
import Foundation
import QWaveCore
import TestSupport
import Testing

@testable import Radio

/// The schedules alone, driven without any radio.
struct ScheduleTests {
    private static let rate = 20e6
    private static let lead = Duration.microseconds(100)
    private static let plan = ProbePlan(count: 50, rate: 50, turnaround: .microseconds(500))

    private static func at(_ seconds: Double) -> DeviceTime {
        DeviceTime(seconds: 0, fraction: seconds).onGrid(of: rate)
    }

    @Test func `the initiator sends every number once, a period apart, and listens a turnaround later`()
        throws
    {
        var schedule = InitiatorSchedule(Self.plan, sampleRate: Self.rate)
        var tally = ProbeTally()
        var now = Self.at(1)
        var starts: [DeviceTime] = []
        while let step = try schedule.next(now: now, lead: Self.lead) {
            let (sequence, start) = try #require(step.burst)
            #expect(sequence == UInt32(starts.count))
            #expect(start >= now.advanced(by: Self.lead))
            let window = try #require(step.window)
            let expected = start.advanced(by: .microseconds(500))
            let begin = try #require(window.start)
            #expect(begin < expected)
            let end = begin.advanced(bySeconds: Double(window.count) / Self.rate)
            #expect(end > expected.advanced(bySeconds: Double(SoundingBurst.count) / Self.rate))
            starts.append(start)
            now = end
            // Every third isn't answered: nothing is sent again.
            let heard = sequence % 3 == 0 ? [] : [HeardProbe(sequence: sequence, time: expected)]
            #expect((schedule.heard(heard, into: &tally) != nil) == (sequence % 3 != 0))
        }
        #expect(starts.count == 50)
        #expect(tally.missed == 17)
        for (first, second) in zip(starts, starts.dropFirst()) {
            #expect(abs(first.seconds(to: second) - 0.02) < 1e-7)
        }
    }

    @Test func `a slot that the device can't keep is left out, the beat stays, and no number is lost`() throws
    {
        var schedule = InitiatorSchedule(Self.plan, sampleRate: Self.rate)
        var tally = ProbeTally()
        let first = try #require(try schedule.next(now: Self.at(1), lead: Self.lead)?.burst)
        _ = schedule.heard([], into: &tally)
        // The host slept for five periods.
        let second = try #require(try schedule.next(now: Self.at(1.125), lead: Self.lead)?.burst)
        #expect(second.sequence == first.sequence + 1)
        #expect(second.start >= Self.at(1.125).advanced(by: Self.lead))
        let periods = first.start.seconds(to: second.start) / 0.02
        #expect(abs(periods - periods.rounded()) < 1e-5)
        _ = schedule.heard([], into: &tally)
        #expect(tally.slipped == 1)
    }

    @Test func `an initiator who hears nothing for her patience gives up and says why`() throws {
        var schedule = InitiatorSchedule(Self.plan, sampleRate: Self.rate)
        _ = try schedule.next(now: Self.at(1), lead: Self.lead)
        let error = #expect(throws: QWaveError.self) {
            _ = try schedule.next(now: Self.at(32), lead: Self.lead)
        }
        #expect(error?.code == .timedOut)
    }

    /// A responder on a clock 60 ppm off, against probes of which some are lost; answers what he does.
    private static func respond(
        losing lost: Set<Int>, periods: (Int) -> Double = { _ in 0.02 }, count: Int = 50,
        apart: Double = 60e-6,
        plan: ProbePlan = Self.plan
    ) throws -> (answered: [UInt32], tally: ProbeTally) {
        var plan = plan
        plan.count = count
        var schedule = ResponderSchedule(plan, sampleRate: rate, longestWindow: 1 << 16)
        var tally = ProbeTally()
        // When each probe begins by his clock.
        var times: [DeviceTime] = []
        var time = 1.0
        for index in 0..<count {
            times.append(at(time))
            time += periods(index) * (1 + apart)
        }
        var answered: [UInt32] = []
        var now = at(0.9)
        while let step = try schedule.next(now: now, lead: lead) {
            if let (sequence, start) = step.burst {
                #expect(start == times[Int(sequence)].advanced(by: plan.turnaround).onGrid(of: rate))
                #expect(start >= now.advanced(by: lead))
                answered.append(sequence)
            }
            guard let window = step.window, let begin = window.start else { continue }
            #expect(begin >= now.advanced(by: lead))
            now = begin.advanced(bySeconds: Double(window.count) / rate)
            let heard = times.indices.filter { index in
                !lost.contains(index) && times[index] >= begin
                    && times[index].advanced(bySeconds: Double(SoundingBurst.count) / rate) <= now
            }.map { HeardProbe(sequence: UInt32($0), time: times[$0]) }
            _ = schedule.heard(heard, into: &tally)
        }
        return (answered, tally)
    }

    @Test func `the responder finds the beat, keeps it over losses, and answers each probe once`() throws {
        let lost: Set<Int> = [7, 8, 20, 31, 32, 33]
        let (answered, tally) = try Self.respond(losing: lost)
        #expect(answered == answered.sorted() && Set(answered).count == answered.count)
        // The first one or two are heard inside a window of the search, too late to be answered.
        let expected = (3..<50).filter { !lost.contains($0) }.map(UInt32.init)
        #expect(Set(expected).isSubset(of: answered))
        #expect(tally.missed == lost.count)
    }

    @Test func `the responder loses the beat with the initiator's rate, and finds it again`() throws {
        let (answered, tally) = try Self.respond(losing: [], periods: { $0 < 20 ? 0.02 : 0.071 }, count: 120)
        #expect(answered.contains(119) || answered.contains(118))
        #expect(answered.count > 80)
        #expect(tally.searches > 0)
    }

    /// A radio that answers 0.1 ms after a window, as the virtual one does.
    private static let radio = RadioCapabilities(
        name: "a radio", sampleRate: rate, carrierFrequency: 2.4e9, leadTime: lead, turnaround: lead)

    @Test(arguments: [0.1, 0.5, 2, 5, 10, 12, 50, 100], [-90e-6, 0, 90e-6])
    func `at the shortest turnaround of a rate every probe but the first is answered, after misses too`(
        rate: Double, apart: Double
    ) throws {
        var plan = ProbePlan(
            count: 40, rate: rate, turnaround: ProbePlan.shortestTurnaround(Self.radio, slowest: rate))
        try plan.validate(Self.radio)
        let lost: Set<Int> = [9, 15, 16, 22, 23, 24, 30, 31, 32, 33]
        let (answered, tally) = try Self.respond(
            losing: lost, periods: { _ in 1 / rate }, count: 40, apart: apart, plan: plan)
        // The first ones are heard in windows of the search.
        let expected = (3..<40).filter { !lost.contains($0) }.map(UInt32.init)
        #expect(Set(expected).isSubset(of: answered), "\(tally)")
        plan.turnaround -= .microseconds(10)
        #expect(throws: QWaveError.self) { try plan.validate(Self.radio) }
    }

    @Test func `a turnaround that a plan's least rate is too slow for is refused, and says which will do`()
        throws
    {
        var plan = ProbePlan(count: 50, rate: 100, turnaround: ProbePlan.shortestTurnaround(Self.radio))
        try plan.validate(Self.radio)
        plan.minimumRate = 2
        let error = #expect(throws: QWaveError.self) { try plan.validate(Self.radio) }
        let least = ProbePlan.shortestTurnaround(Self.radio, slowest: 2)
        #expect(
            error?.code == .usage && error?.message.contains("\(least)") == true, "\(error?.message ?? "")")
        plan.turnaround = least
        try plan.validate(Self.radio)
    }

    @Test func `probes rarer than the patience is long are waited for`() throws {
        let plan = ProbePlan(count: 3, rate: 0.02, turnaround: .milliseconds(12))
        var schedule = InitiatorSchedule(plan, sampleRate: Self.rate)
        var tally = ProbeTally()
        var now = Self.at(1)
        for _ in 0..<3 {
            let step = try #require(try schedule.next(now: now, lead: Self.lead))
            let window = try #require(step.window)
            now = try #require(window.start).advanced(bySeconds: Double(window.count) / Self.rate)
            _ = schedule.heard([], into: &tally)
        }
        #expect(try schedule.next(now: now, lead: Self.lead) == nil)
        #expect(tally.missed == 3)
    }

    @Test func `a responder waits for an initiator who turns to the least rate`() throws {
        var plan = Self.plan
        (plan.rate, plan.minimumRate) = (100, 0.5)
        plan.turnaround = .milliseconds(1)
        let (answered, _) = try Self.respond(
            losing: [], periods: { $0 < 20 ? 0.01 : 2 }, count: 26, plan: plan)
        #expect(answered.contains(25))
    }

    @Test func `a responder who hears nothing gives up after his patience, and one who did ends quietly`()
        throws
    {
        let error = #expect(throws: QWaveError.self) { _ = try Self.respond(losing: Set(0..<50)) }
        #expect(error?.code == .timedOut)
        let (answered, _) = try Self.respond(losing: Set(25..<50))
        #expect(answered.last == 24)
    }

    @Test func `old, doubled and foreign numbers are never answered`() throws {
        var schedule = ResponderSchedule(Self.plan, sampleRate: Self.rate, longestWindow: 1 << 16)
        var tally = ProbeTally()
        _ = try schedule.next(now: Self.at(1), lead: Self.lead)
        let time = Self.at(1.001)
        #expect(schedule.heard([HeardProbe(sequence: 10, time: time)], into: &tally)?.sequence == 10)
        for number: UInt32 in [10, 3, 50, .max] {
            #expect(schedule.heard([HeardProbe(sequence: number, time: time)], into: &tally) == nil)
        }
        #expect(tally.outOfPlace == 4)
    }

    @Test func `random steps never ask for the past, never repeat a number, and always end`() throws {
        for seed in [1, UInt64.random(in: 0..<1000)] {
            var random = SplitMix64(seed: seed)
            for _ in 0..<200 {
                var plan = Self.plan
                plan.patience = .seconds(2)
                var alice = InitiatorSchedule(plan, sampleRate: Self.rate)
                var bob = ResponderSchedule(plan, sampleRate: Self.rate, longestWindow: 1 << 16)
                var tally = ProbeTally()
                var now = (Self.at(0), Self.at(5))
                var sent: Set<UInt32> = []
                for _ in 0..<2000 {
                    let step = try? alice.next(now: now.0, lead: Self.lead)
                    guard let step else { break }
                    if let (number, start) = step.burst {
                        #expect(sent.insert(number).inserted && start > now.0, "seed \(seed)")
                    }
                    let jump = Double.random(in: 0..<0.05, using: &random)
                    now.0 = now.0.advanced(bySeconds: jump)
                    let number = UInt32.random(in: 0..<60, using: &random)
                    _ = alice.heard([HeardProbe(sequence: number, time: now.0)], into: &tally)
                }
                var steps = 0
                while steps < 4000, let step = try? bob.next(now: now.1, lead: Self.lead) {
                    steps += 1
                    if let begin = step.window?.start { #expect(begin > now.1, "seed \(seed)") }
                    now.1 = now.1.advanced(bySeconds: Double.random(in: 0.001..<0.05, using: &random))
                    let number = UInt32.random(in: 0..<60, using: &random)
                    _ = bob.heard(
                        Bool.random(using: &random) ? [] : [HeardProbe(sequence: number, time: now.1)],
                        into: &tally)
                }
                #expect(steps < 4000, "seed \(seed)")
            }
        }
    }
}
