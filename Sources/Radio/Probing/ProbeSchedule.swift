// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
public import QWaveCore

/// What an end's radio does next: a burst, then a window.
public struct ProbeStep: Sendable, Hashable {
    /// The probe to send and when; nil to send none.
    public var burst: (sequence: UInt32, start: DeviceTime)? {
        sequence.flatMap { number in start.map { (number, $0) } }
    }
    private let sequence: UInt32?
    private let start: DeviceTime?
    /// The window to receive after it; nil to receive none.
    public var window: ReceiveWindow?

    init(burst: (UInt32, DeviceTime)? = nil, window: ReceiveWindow? = nil) {
        sequence = burst?.0
        start = burst?.1
        self.window = window
    }
}

/// A genuine burst of the peer, and when it began by this end's clock.
public struct HeardProbe: Sendable, Hashable {
    public var sequence: UInt32
    public var time: DeviceTime

    public init(sequence: UInt32, time: DeviceTime) {
        self.sequence = sequence
        self.time = time
    }
}

/// One end's side of the ping-pong, without I/O: what to do next, and what was heard of the peer.
///
/// `next` and `heard` alternate. A step is nil when the series is over.
public protocol ProbeSchedule: Sendable {
    /// What to do next. Throws `.timedOut` where the peer wasn't heard for longer than the plan's patience.
    ///
    /// - Parameters:
    ///   - now: the device's clock.
    ///   - lead: how long before its start a burst or window must be handed over.
    mutating func next(now: DeviceTime, lead: Duration) throws(QWaveError) -> ProbeStep?
    /// What the step's window brought: the peer's genuine bursts, oldest first.
    ///
    /// - Returns: the one that this step was about; nil where it wasn't heard.
    mutating func heard(_ probes: [HeardProbe], into tally: inout ProbeTally) -> HeardProbe?
}

extension ProbePlan {
    /// A window around where a burst is expected to begin, `spread` seconds to either side.
    func window(around start: DeviceTime, spread: Double, rate: Double) -> ReceiveWindow {
        let margin = Self.marginSamples + Int((spread * rate).rounded(.up))
        let first = start.sample(at: rate) - Int64(margin)
        return ReceiveWindow(
            start: DeviceTime(sample: first, rate: rate), count: SoundingBurst.count + 2 * margin)
    }
}
