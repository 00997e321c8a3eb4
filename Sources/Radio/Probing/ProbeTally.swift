// SPDX-License-Identifier: GPL-3.0-or-later

/// What happened in a series of probes, by count.
public struct ProbeTally: Sendable, Hashable, Codable {
    /// Bursts handed to the radio.
    public var sent = 0
    /// Bursts that the radio said went out whole.
    public var acknowledged = 0
    /// Bursts and windows that came too late for their time.
    public var late = 0
    /// Bursts that went out damaged, were refused, or whose fate is unknown.
    public var spoiled = 0
    /// Windows, whole or not.
    public var windows = 0
    /// Windows that lost samples, timed out, or were unreadable.
    public var damaged = 0
    /// The peer's bursts that were taken.
    public var heard = 0
    /// Windows in which the peer's burst was expected and not found.
    public var missed = 0
    /// Bursts dropped because the converter was at full scale.
    public var clipped = 0
    /// Bursts of a wrong tag: somebody else's, or injected.
    public var wrongTag = 0
    /// Bursts of the right tag whose pilots came in a wrong order: injected or overlaid.
    public var lowCoherence = 0
    /// Genuine bursts out of place: echoes, or probes that came too late to be answered.
    public var outOfPlace = 0
    /// Probes that were heard too late to be answered.
    public var unanswerable = 0
    /// Times that the responder lost the beat and searched for it.
    public var searches = 0
    /// How often the initiator left slots out because the radio needed more lead.
    public var slipped = 0

    public init() {}

    /// Bursts that pretended to be the peer's: what the injection test counts.
    public var rejected: Int { wrongTag + lowCoherence }
}
