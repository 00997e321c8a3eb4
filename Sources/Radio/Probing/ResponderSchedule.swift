// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
public import QWaveCore

/// The responder's side: he searches for the beat, then waits for each probe where he expects it and answers.
///
/// The beat is learned from the probes themselves: from when two of them began, and their numbers. Without one he
/// receives window after window, of lengths that never fall into step with any period. He is done when he answered
/// the last probe of the plan, or when its time is over and nothing more comes.
public struct ResponderSchedule: ProbeSchedule {
    public let plan: ProbePlan
    private let sampleRate: Double
    private let searchLength: Int
    private var period: Double
    /// Whether the period was measured by this end's own clock, between two probes.
    private var isMeasured = false
    /// A period that was seen once and isn't believed yet.
    private var candidate: Double?
    private var last: HeardProbe?
    /// Expected probes that weren't heard since.
    private var misses = 0
    private var searching = true
    private var searchWindows = 0
    /// When the first window was asked for.
    private var began: DeviceTime?
    private var isDone = false
    /// Probes that were heard too late to be answered.
    public private(set) var unanswerable = 0
    /// What is to be answered in the next step.
    private var owed: HeardProbe?

    /// Misses after which the beat counts as lost.
    static let missLimit = 5
    /// How far a beat that was measured goes astray in a period: 10 ppm, far more than two crystals move within it.
    /// So the window after misses still ends in time for an answer.
    static let beatTolerance = 1e-5

    public init(_ plan: ProbePlan, sampleRate: Double, longestWindow: Int) {
        self.plan = plan
        self.sampleRate = sampleRate
        // A window holds several bursts, and not much more than two periods.
        let twoPeriods = 2.2 / plan.rate * sampleRate + Double(2 * SoundingBurst.count)
        searchLength = max(
            2 * SoundingBurst.count, min(longestWindow, Int(min(twoPeriods, 1e9)), 1 << 20))
        period = 1 / plan.rate
    }

    public mutating func next(now: DeviceTime, lead: Duration) throws(QWaveError) -> ProbeStep? {
        if began == nil { began = now }
        let soonest = now.advanced(by: lead).advanced(bySeconds: 1 / sampleRate)
        var answer: (UInt32, DeviceTime)?
        if let probe = owed {
            owed = nil
            let start = probe.time.advanced(by: plan.turnaround).onGrid(of: sampleRate)
            if start >= soonest { answer = (probe.sequence, start) } else { unanswerable += 1 }
            if probe.sequence == plan.lastSequence { isDone = true }
        }
        guard !isDone else { return answer.map { ProbeStep(burst: $0) } }
        guard try isWaiting(now) else { return answer.map { ProbeStep(burst: $0) } }
        // Nothing is received while the answer is on the air.
        let free = max(
            soonest,
            answer?.1.advanced(bySeconds: Double(SoundingBurst.count) / sampleRate) ?? soonest)
        if !searching, let window = expectedWindow(after: free) {
            return ProbeStep(burst: answer, window: window)
        }
        searching = true
        searchWindows += 1
        // Lengths by the golden ratio: no period stays in step with them.
        let part = (Double(searchWindows) * 0.618_033_988_749_894_9).truncatingRemainder(dividingBy: 1)
        let count = searchLength - Int(part * Double(searchLength) / 8)
        return ProbeStep(
            burst: answer, window: ReceiveWindow(start: free.onGrid(of: sampleRate), count: count))
    }

    /// The window around the next probe that can still be received; nil where it would be too long.
    private mutating func expectedWindow(after free: DeviceTime) -> ReceiveWindow? {
        guard let last else { return nil }
        while misses < Self.missLimit {
            let ahead = period * Double(misses + 1)
            let expected = last.time.advanced(bySeconds: ahead)
            let tolerance = isMeasured ? Self.beatTolerance : ProbePlan.clockTolerance
            let window = plan.window(around: expected, spread: tolerance * ahead, rate: sampleRate)
            if let start = window.start, start >= free { return window }
            misses += 1
        }
        return nil
    }

    /// Whether anything more can come. Throws where nothing ever did.
    private func isWaiting(_ now: DeviceTime) throws(QWaveError) -> Bool {
        guard let last else {
            let patience = max(plan.patience, .seconds(10 * plan.longestPeriod))
            guard let began, began.duration(to: now) > patience else { return true }
            throw QWaveError(
                .timedOut,
                "no probe was heard for \(patience): is the other end probing, on the same frequency, with "
                    + "the same key, and are antennas and gains right?")
        }
        let silence = last.time.duration(to: now)
        let left = Double(plan.lastSequence &- last.sequence)
        // The initiator may have been slowed down by her device, and may have turned to her least rate just now.
        let slowest = max(period, plan.longestPeriod)
        let over = left * slowest * 1.05 + max(10 * slowest, 0.5)
        return silence <= min(plan.patience, .seconds(over)) || silence <= .seconds(10 * slowest)
    }

    public mutating func heard(_ probes: [HeardProbe], into tally: inout ProbeTally) -> HeardProbe? {
        tally.unanswerable = unanswerable
        let fresh = probes.filter { probe in
            plan.contains(probe.sequence) && last.map { probe.sequence > $0.sequence } ?? true
        }
        tally.outOfPlace += probes.count - fresh.count
        guard !fresh.isEmpty else {
            if !searching {
                tally.missed += 1
                misses += 1
                if misses >= Self.missLimit { searching = true }
            }
            if searching { tally.searches += 1 }
            return nil
        }
        for probe in fresh { learn(probe) }
        searching = false
        misses = 0
        owed = fresh.last
        return fresh.last
    }

    /// Follows the beat: small deviations at once, a new beat when it is seen twice.
    private mutating func learn(_ probe: HeardProbe) {
        defer { last = probe }
        guard let last, probe.sequence > last.sequence, probe.sequence - last.sequence <= 64 else { return }
        let found = last.time.seconds(to: probe.time) / Double(probe.sequence - last.sequence)
        guard found > 1e-5, found < 1e3 else { return }
        if abs(found - period) < 0.01 * period {
            period = found
            isMeasured = true
            candidate = nil
        } else if let candidate, abs(found - candidate) < 0.01 * candidate {
            period = found
            isMeasured = true
            self.candidate = nil
        } else {
            candidate = found
        }
    }
}
