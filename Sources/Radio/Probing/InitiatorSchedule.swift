// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The initiator's side: she sends at her own pace and listens a turnaround later.
///
/// A slot that can't be kept, because the device needs more lead, is left out, and its probe takes the next that can. A probe
/// that isn't answered is not sent again: the next one has the next number.
public struct InitiatorSchedule: ProbeSchedule {
    public let plan: ProbePlan
    private let sampleRate: Double
    /// Probes sent so far.
    private var sent = 0
    /// Where the slots of the present rate are counted from, and how many have gone by since.
    private var origin: DeviceTime?
    private var slots = 0
    private var period: Duration
    private var lastHeard: DeviceTime?

    public init(_ plan: ProbePlan, sampleRate: Double) {
        self.plan = plan
        self.sampleRate = sampleRate
        period = plan.period
    }

    /// How often slots were left out.
    public private(set) var slipped = 0

    /// Probes a second from the next slot on.
    public mutating func change(rate: Double) {
        guard let origin, rate > 0 else { return }
        self.origin = origin.advanced(by: period * slots)
        slots = 0
        period = .seconds(1 / rate)
    }

    public mutating func next(now: DeviceTime, lead: Duration) throws(QWaveError) -> ProbeStep? {
        guard sent < plan.count else { return nil }
        let since = lastHeard ?? now
        lastHeard = since
        // A rate below one in the patience is no reason to give up.
        let patience = max(plan.patience, period * 10)
        guard since.duration(to: now) <= patience else {
            throw QWaveError(
                .timedOut,
                "no answer to any probe for \(patience): is the other end probing, on the same frequency, "
                    + "with the same key and turnaround, and are antennas and gains right?")
        }
        // A sample more than the lead, for the grid rounds.
        let soonest = now.advanced(by: lead).advanced(bySeconds: 1 / sampleRate)
        if origin == nil { origin = soonest.advanced(by: period) }
        var slot = (origin ?? soonest).advanced(by: period * slots)
        if slot < soonest {
            // Whole slots are left out: the responder keeps the beat, and hears the next probe where he expects one.
            slots += max(1, Int((slot.duration(to: soonest) / period).rounded(.up)))
            slot = (origin ?? soonest).advanced(by: period * slots)
            slipped += 1
        }
        slots += 1
        let start = slot.onGrid(of: sampleRate)
        let sequence = plan.firstSequence &+ UInt32(sent)
        sent += 1
        let spread = ProbePlan.clockTolerance * (plan.turnaround / .seconds(1))
        return ProbeStep(
            burst: (sequence, start),
            window: plan.window(around: start.advanced(by: plan.turnaround), spread: spread, rate: sampleRate)
        )
    }

    public mutating func heard(_ probes: [HeardProbe], into tally: inout ProbeTally) -> HeardProbe? {
        tally.slipped = slipped
        let wanted = plan.firstSequence &+ UInt32(max(0, sent - 1))
        guard let answer = probes.first(where: { $0.sequence == wanted }) else {
            tally.outOfPlace += probes.count
            tally.missed += 1
            return nil
        }
        tally.outOfPlace += probes.count - 1
        lastHeard = answer.time
        return answer
    }
}
