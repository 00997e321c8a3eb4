// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
internal import QWaveCore

/// What an ether knows: where each end is in time, what is on the air, and who waits. Without I/O.
struct EtherState {
    typealias Waiter = CheckedContinuation<ReceivedSamples?, Never>

    /// The answer to a window that needs no wait.
    struct Immediate { var samples: ReceivedSamples? }

    private struct Window {
        /// Samples from the clock's offset.
        var first: Int
        var count: Int
        /// True time at which it is over.
        var end: Double
        var waiter: Waiter
    }

    private struct Burst {
        var sender: SimulatedEnd
        var first: Int
        var samples: [IQ]
        /// True times of its first and last sample.
        var begin: Double
        var end: Double
        /// Who doesn't get it.
        var lost: Set<SimulatedEnd>
    }

    private struct End {
        /// True time up to which it has lived.
        var local = 0.0
        /// True between sessions: from `rest` to the next call, and before the first call.
        var isResting = true
        /// Sessions that this end has been through. The next one doesn't begin before both are there.
        var finished = 0
        var window: Window?
        var isCancelled = false
        /// Events with the true time from which they can be told.
        var events: [(due: Double, event: RadioEvent)] = []
        var loss: BurstLoss
        let noise: ReceiverNoise
        /// The clock's offset as whole samples, so that its grid holds its zero.
        let offset: Int64
    }

    private let parameters: EtherParameters
    private var channel: WaveformChannel
    private let lead: Double
    private var ends: [SimulatedEnd: End] = [:]
    private var left: Set<SimulatedEnd> = []
    private var bursts: [Burst] = []
    /// The latest true time that any end has reached.
    private var frontier = 0.0

    private var rate: Double { parameters.waveform.sampleRate }

    init(_ parameters: EtherParameters) throws(QWaveError) {
        self.parameters = parameters
        channel = try WaveformChannel(parameters.waveform)
        lead = parameters.leadTime / .seconds(1)
        guard lead > 0, lead <= 10 else {
            throw QWaveError(.usage, "a virtual radio's lead time is above 0 and at most 10 s, not \(lead)")
        }
    }

    // MARK: Ends

    mutating func join(_ end: SimulatedEnd) -> Bool {
        guard ends[end] == nil else { return false }
        let offset = DeviceTime(seconds: 0, fraction: parameters.waveform.clock(end).offset).sample(at: rate)
        ends[end] = End(
            local: frontier, loss: BurstLoss(parameters.waveform.channel, end: end),
            noise: ReceiverNoise(parameters.waveform.channel, end: end, power: parameters.noisePower),
            offset: offset)
        left.remove(end)
        return true
    }

    mutating func leave(_ end: SimulatedEnd) -> Waiter? {
        let waiter = ends[end]?.window?.waiter
        ends[end] = nil
        left.insert(end)
        return waiter
    }

    var isEmpty: Bool { ends.isEmpty }

    mutating func rest(_ end: SimulatedEnd) {
        guard let member = ends[end], !member.isResting else { return }
        ends[end]?.isResting = true
        ends[end]?.finished = member.finished + 1
    }

    mutating func cancel(_ end: SimulatedEnd) -> Waiter? {
        guard let waiter = ends[end]?.window?.waiter else {
            ends[end]?.isCancelled = true
            return nil
        }
        ends[end]?.window = nil
        return waiter
    }

    /// Ends a rest: time went on without this end.
    private mutating func attend(_ end: SimulatedEnd) {
        guard let member = ends[end], member.isResting else { return }
        ends[end]?.isResting = false
        ends[end]?.local = max(member.local, frontier)
    }

    // MARK: Time

    private func time(_ end: SimulatedEnd, sample: Int) -> DeviceTime {
        DeviceTime(sample: Int64(sample) + (ends[end]?.offset ?? 0), rate: rate)
    }

    /// Samples from the clock's offset to an instant; nil beyond 2⁵⁰, which no run reaches.
    private func sample(_ end: SimulatedEnd, _ time: DeviceTime) -> Int? {
        let (index, overflow) = time.sample(at: rate).subtractingReportingOverflow(ends[end]?.offset ?? 0)
        guard !overflow, index.magnitude < 1 << 50 else { return nil }
        return Int(index)
    }

    private func trueTime(_ end: SimulatedEnd, sample: Int) -> Double {
        parameters.waveform.clock(end).trueTime(elapsed: Double(sample) / rate)
    }

    /// The first sample that an end takes at or after a true time.
    private func sample(_ end: SimulatedEnd, after time: Double) -> Int {
        Int((parameters.waveform.clock(end).elapsed(at: time) * rate).rounded(.up))
    }

    mutating func now(_ end: SimulatedEnd) -> DeviceTime? {
        attend(end)
        guard let local = ends[end]?.local else { return nil }
        return time(end, sample: sample(end, after: local))
    }

    // MARK: Sending

    mutating func transmit(_ burst: TransmitBurst, from end: SimulatedEnd) -> Bool {
        attend(end)
        guard let local = ends[end]?.local else { return false }
        func tell(_ kind: RadioEvent.Kind, _ due: Double, _ detail: String) {
            ends[end]?.events.append(
                (due, RadioEvent(kind, burst: burst.id, time: burst.start, detail: detail)))
        }
        guard let first = sample(end, burst.start), !burst.samples.isEmpty,
            burst.samples.count <= WaveformChannel.longestBurst
        else {
            tell(.timeError, local, "the burst's start or length is none that this radio can send")
            return true
        }
        let begin = trueTime(end, sample: first)
        // A sample of grace: rounding to the grid is no fault.
        guard begin >= local + lead - 1 / rate else {
            tell(.late, local, "it was handed over \(Int((local + lead - begin) * 1e6)) us too late")
            return true
        }
        var lost: Set<SimulatedEnd> = []
        for other in [SimulatedEnd.alice, .bob, .eve] where other != end {
            if ends[other]?.loss.next() == true { lost.insert(other) }
        }
        let last = trueTime(end, sample: first + burst.samples.count)
        bursts.append(
            Burst(sender: end, first: first, samples: burst.samples, begin: begin, end: last, lost: lost))
        tell(.acknowledged, last, "")
        return true
    }

    mutating func takeEvents(_ end: SimulatedEnd) -> [RadioEvent]? {
        attend(end)
        guard let member = ends[end] else { return nil }
        ends[end]?.events.removeAll { $0.due <= member.local }
        return member.events.filter { $0.due <= member.local }.map(\.event)
    }

    // MARK: Receiving

    mutating func receive(_ window: ReceiveWindow, at end: SimulatedEnd, waiter: Waiter) -> Immediate? {
        attend(end)
        guard let member = ends[end], member.window == nil, !member.isCancelled else {
            ends[end]?.isCancelled = false
            return Immediate(samples: nil)
        }
        let soonest = sample(end, after: member.local + lead)
        let first = window.start.map { sample(end, $0) } ?? soonest
        guard let first, first >= soonest - 1 else {
            return Immediate(
                samples: ReceivedSamples(
                    start: window.start ?? time(end, sample: soonest), samples: [],
                    trouble: RadioEvent(.late, time: window.start, detail: "a window that began too early")))
        }
        let count = min(max(window.count, 0), VirtualTransceiver.longestWindow)
        let over = trueTime(end, sample: first + count)
        ends[end]?.window = Window(first: first, count: count, end: over, waiter: waiter)
        return nil
    }

    /// A window that is over, with what it brought.
    mutating func finishOne() -> (Waiter, ReceivedSamples)? {
        // Alice and Bob must be there, or have been.
        guard [SimulatedEnd.alice, .bob].allSatisfy({ ends[$0] != nil || left.contains($0) }) else {
            return nil
        }
        for end in [SimulatedEnd.alice, .bob, .eve] {
            guard let window = ends[end]?.window else { continue }
            guard ends.keys.allSatisfy({ $0 == end || hasPromised($0, silenceUntil: window.end, to: end) })
            else { continue }
            ends[end]?.window = nil
            ends[end]?.local = window.end
            frontier = max(frontier, window.end)
            return (window.waiter, samples(of: window, at: end))
        }
        return nil
    }

    /// Whether an end can't send anything any more that begins before `time`.
    private func hasPromised(_ other: SimulatedEnd, silenceUntil time: Double, to end: SimulatedEnd) -> Bool {
        guard let member = ends[other], let asking = ends[end] else { return true }
        if !member.isResting { return (member.window?.end ?? member.local) + lead - 1 / rate >= time }
        // Eve comes and goes; Alice and Bob wait for each other before a session, not after it. Eve waits for both.
        return other == .eve || (end != .eve && member.finished > asking.finished)
    }

    private mutating func samples(of window: Window, at end: SimulatedEnd) -> ReceivedSamples {
        var samples =
            ends[end]?.noise.samples(
                from: window.first + Int(ends[end]?.offset ?? 0), count: window.count) ?? []
        let begin = trueTime(end, sample: window.first)
        // A millisecond holds every delay and what a transform rings before and after a burst.
        for burst in bursts
        where burst.sender != end && !burst.lost.contains(end) && burst.end > begin - 1e-3
            && burst.begin < window.end + 1e-3
        {
            let arrival = channel.arrival(
                of: burst.samples, first: burst.first, from: burst.sender, at: end)
            let from = max(arrival.first, window.first)
            let to = min(arrival.first + arrival.samples.count, window.first + window.count)
            guard from < to else { continue }
            for index in from..<to {
                let place = index - window.first
                samples[place] = samples[place] + arrival.samples[index - arrival.first]
            }
        }
        // Nobody looks back further than an end that hasn't got there yet.
        let oldest = ends.values.filter { !$0.isResting }.map(\.local).min() ?? frontier
        bursts.removeAll { $0.end < oldest - 1e-2 }
        return ReceivedSamples(start: time(end, sample: window.first), samples: samples)
    }
}
