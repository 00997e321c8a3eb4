// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
public import QWaveCore

/// Runs one end's side of a series of probes on a radio, and hands out the trace.
///
/// ```swift
/// let plan = ProbePlan(count: 30_000, rate: 50, turnaround: ProbePlan.shortestTurnaround(radio.capabilities))
/// let result = try await Prober(plan, key: key, role: .initiator).run(on: radio)
/// ```
public struct Prober: Sendable {
    public let plan: ProbePlan
    public let key: ProbeKey
    public let role: Party.Role

    public init(_ plan: ProbePlan, key: ProbeKey, role: Party.Role) {
        self.plan = plan
        self.key = key
        self.role = role
    }

    /// Probes until the plan is done; the radio rests after.
    ///
    /// - Parameters:
    ///   - heard: called with each probe that enters the trace, and the tally so far.
    /// - Throws: `.timedOut` where the peer isn't heard, `.radioFault` or `.deviceGone` where the radio doesn't do its
    ///   work, `.cancelled`; each says what to do. The radio stays open.
    public func run(
        on radio: some Transceiver, heard: (Snapshot, ProbeTally) -> Void = { _, _ in }
    ) async throws(QWaveError) -> ProbeSeries {
        do throws(QWaveError) {
            let series = try await probe(radio, heard)
            await radio.rest()
            return series
        } catch {
            await radio.rest()
            throw error
        }
    }

    private func probe(
        _ radio: some Transceiver, _ heard: (Snapshot, ProbeTally) -> Void
    ) async throws(QWaveError) -> ProbeSeries {
        let capabilities = radio.capabilities
        try plan.validate(capabilities)
        var schedule = Schedule(plan, role: role, capabilities)
        var judge = try BurstJudge(key: key, peer: role.other, rate: capabilities.sampleRate)
        var health = RadioHealth(leadTime: capabilities.leadTime)
        var series = ProbeSeries(plan: plan, role: role, radio: capabilities)
        let clock = ContinuousClock()
        var before: DeviceTime?
        while true {
            if Task.isCancelled { throw QWaveError(.cancelled, "probing was cancelled") }
            let extra = role == .initiator ? health.extraLead : .zero
            let lead = capabilities.leadTime + extra
            let now = try await radio.now()
            // A schedule would wait for a time that is an age away, and its patience never end.
            if let before, now < before {
                throw QWaveError(
                    .radioFault,
                    "the clock of \(capabilities.name) went back by \(now.seconds(to: before)) s: don't set the radio's "
                        + "time while it is in use, check its clock source, and start again")
            }
            before = now
            guard let step = try schedule.next(now: now, lead: lead) else { break }
            if let (sequence, start) = step.burst {
                try await radio.transmit(burst(sequence, at: start, capabilities))
                series.tally.sent += 1
            }
            if let window = step.window {
                let received = try await radio.receive(window)
                let begun = clock.now
                series.tally.windows += 1
                if let trouble = received.trouble {
                    try health.note(trouble, into: &series.tally)
                } else {
                    health.noteWhole()
                }
                var genuine = judge.judge(received, into: &series.tally)
                if received.clipped > 0, !genuine.isEmpty {
                    genuine = []
                    try health.note(
                        RadioEvent(.clipping, detail: "\(received.clipped) samples at full scale"),
                        into: &series.tally)
                } else if !genuine.isEmpty {
                    health.noteClean()
                }
                if let probe = schedule.heard(genuine.map(\.probe), into: &series.tally),
                    let found = genuine.first(where: { $0.probe == probe })
                {
                    series.latency.add(clock.now - begun)
                    series.tally.heard += 1
                    let snapshot = series.add(found.sounding, at: probe.time)
                    if !plan.isSacrificed(probe.sequence) { heard(snapshot, series.tally) }
                }
            }
            // By the number that was sent: whether its answer was heard changes nothing.
            if let (sequence, _) = step.burst { schedule.adapt(to: &series, after: sequence) }
            for event in try await radio.events() { try health.note(event, into: &series.tally) }
        }
        return series
    }

    private func burst(
        _ sequence: UInt32, at start: DeviceTime, _ radio: RadioCapabilities
    ) throws(QWaveError) -> TransmitBurst {
        guard let secret = key.secret(sequence, role) else {
            throw QWaveError(.internalFault, "the probe key gives no secret for burst \(sequence)")
        }
        let samples = SoundingBurst(sequence: sequence, sender: role, secret: secret).samples
        let scale = Float(radio.amplitude)
        return TransmitBurst(
            id: UInt64(sequence), start: start, samples: scale == 1 ? samples : samples.map { $0 * scale })
    }
}

/// Either role's schedule, with the initiator's adaptation of the rate.
private enum Schedule {
    case initiator(InitiatorSchedule, adapted: Bool)
    case responder(ResponderSchedule)

    init(_ plan: ProbePlan, role: Party.Role, _ radio: RadioCapabilities) {
        switch role {
        case .initiator:
            self = .initiator(
                InitiatorSchedule(plan, sampleRate: radio.sampleRate), adapted: plan.minimumRate == plan.rate)
        case .responder:
            self = .responder(
                ResponderSchedule(plan, sampleRate: radio.sampleRate, longestWindow: radio.longestWindow))
        }
    }

    mutating func next(now: DeviceTime, lead: Duration) throws(QWaveError) -> ProbeStep? {
        switch self {
        case .initiator(var schedule, let adapted):
            defer { self = .initiator(schedule, adapted: adapted) }
            return try schedule.next(now: now, lead: lead)
        case .responder(var schedule):
            defer { self = .responder(schedule) }
            return try schedule.next(now: now, lead: lead)
        }
    }

    mutating func heard(_ probes: [HeardProbe], into tally: inout ProbeTally) -> HeardProbe? {
        switch self {
        case .initiator(var schedule, let adapted):
            defer { self = .initiator(schedule, adapted: adapted) }
            return schedule.heard(probes, into: &tally)
        case .responder(var schedule):
            defer { self = .responder(schedule) }
            return schedule.heard(probes, into: &tally)
        }
    }

    /// Sets the initiator's rate once, when the sacrificed probes are over.
    mutating func adapt(to series: inout ProbeSeries, after sequence: UInt32) {
        guard case .initiator(var schedule, adapted: false) = self else { return }
        let plan = series.plan
        guard plan.isSacrificed(sequence), !plan.isSacrificed(sequence &+ 1) else { return }
        series.measureDoppler()
        if let doppler = series.doppler {
            series.rate = doppler.rate(in: plan.minimumRate...plan.rate)
            schedule.change(rate: series.rate)
        }
        self = .initiator(schedule, adapted: true)
    }
}
