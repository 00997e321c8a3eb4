// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
public import QWaveCore

/// What both ends must have agreed on before they probe, by option or over the link.
///
/// The initiator sends probe after probe at her own clock's pace; the responder answers each a fixed turnaround after
/// it began, by his own clock. Nothing needs a common clock: within a turnaround or a period two clocks that differ by
/// 100 ppm part by less than the margins of the windows. What a probe is, is said by its sequence number alone.
public struct ProbePlan: Sendable, Hashable {
    /// Number of the first probe; every later one is greater by one, answered or not, and none is ever sent twice.
    public var firstSequence: UInt32 = 0
    /// Probes in all, the sacrificed ones included.
    public var count: Int
    /// The first so many probes measure the channel's Doppler and are in no trace.
    public var sacrificed = 0
    /// Probes a second; where the rate adapts, the most that it comes to.
    public var rate: Double
    /// The least rate that adaptation chooses; equal to `rate` for a fixed one.
    public var minimumRate: Double
    /// From the start of a received probe to the start of its answer.
    public var turnaround: Duration
    /// How long nothing may be heard before an end gives up, by its own device's clock; ten periods at the least.
    public var patience = Duration.seconds(30)

    public init(count: Int, rate: Double = 50, turnaround: Duration) {
        self.count = count
        self.rate = rate
        minimumRate = rate
        self.turnaround = turnaround
    }

    /// How far two devices' clocks may run apart: 100 ppm, more than any radio's crystals do together.
    static let clockTolerance = 1e-4
    /// Samples by which a found start may be off, and some silence for the search.
    static let marginSamples = 64

    /// The shortest turnaround of a device: the burst and the window's margin, then what the device takes, on a grid of
    /// 10 us.
    ///
    /// The responder's window ends later the longer a period is, for it must hold a probe that comes late by
    /// `clockTolerance` of it; and one that comes early by as much must be answered after that end.
    ///
    /// - Parameter slowest: the fewest probes a second that the series comes to.
    public static func shortestTurnaround(_ radio: RadioCapabilities, slowest: Double = 50) -> Duration {
        let samples = Double(SoundingBurst.count + 2 * marginSamples)
        let air = samples / radio.sampleRate * (1 + clockTolerance)
        // What no plan may have is refused by `validate`; here it must only not trap.
        let spread = 2 * clockTolerance / max(slowest, 1e-3)
        let whole = air + spread + radio.turnaround / .seconds(1)
        // Half a grid step keeps what is on the grid already from being moved by rounding.
        return .microseconds(10) * Int(((whole * 1e5) - 0.001).rounded(.up))
    }

    public var period: Duration { .seconds(1 / rate) }
    /// Seconds from probe to probe at the least rate.
    var longestPeriod: Double { 1 / minimumRate }
    /// Whether a probe of this number is one of the sacrificed ones.
    public func isSacrificed(_ sequence: UInt32) -> Bool {
        sequence &- firstSequence < UInt32(clamping: sacrificed)
    }
    /// Whether a probe of this number belongs to the plan.
    public func contains(_ sequence: UInt32) -> Bool { sequence &- firstSequence < UInt32(clamping: count) }
    var lastSequence: UInt32 { firstSequence &+ UInt32(clamping: count) &- 1 }

    /// Throws `.usage` for a plan that can't be kept with this radio.
    public func validate(_ radio: RadioCapabilities) throws(QWaveError) {
        guard (1...100_000_000).contains(count), sacrificed >= 0, sacrificed < count,
            UInt64(firstSequence) + UInt64(count) <= UInt64(UInt32.max)
        else {
            throw QWaveError(
                .usage,
                "a plan of \(count) probes from number \(firstSequence), \(sacrificed) of them sacrificed, can't be"
            )
        }
        let possible = 0.001...1e5
        guard possible.contains(rate), possible.contains(minimumRate), minimumRate <= rate else {
            throw QWaveError(.usage, "\(rate) probes a second (at least \(minimumRate)) can't be")
        }
        let shortest = Self.shortestTurnaround(radio, slowest: minimumRate)
        guard turnaround >= shortest, turnaround <= .seconds(60) else {
            throw QWaveError(
                .usage,
                "a turnaround of \(turnaround) can't be: at \(minimumRate) probes a second \(radio.name) takes at least "
                    + "\(shortest), and 60 s is the most; give another --turnaround at both ends, or a higher rate"
            )
        }
        let round = turnaround + radio.leadTime + .seconds(Double(2 * SoundingBurst.count) / radio.sampleRate)
        guard period >= round else {
            throw QWaveError(
                .usage,
                "\(rate) probes a second leave \(period) for each, but a round takes \(round) with this radio: "
                    + "give a lower rate")
        }
        guard patience > .zero else { throw QWaveError(.usage, "the patience is above 0 s") }
    }
}
