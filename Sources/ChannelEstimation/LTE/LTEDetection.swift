// SPDX-License-Identifier: GPL-3.0-or-later

/// A cell that the synchronization signals tell of.
public struct LTEDetection: Sendable, Hashable {
    /// With one port: the synchronization signals don't tell how many there are.
    public var cell: LTECell
    /// Sample at which a frame starts, at 1.92 MHz, from the first sample; negative when the first whole symbols
    /// belong to a frame that began before.
    public var frameStart: Double
    /// Samples from frame to frame: 19,200 and what the two clocks differ.
    public var framePeriod: Double
    /// Cell's carrier minus the receiver's, in Hz.
    public var carrierOffset: Double
    /// Peak of the primary signal's correlation over its mean.
    public var peak: Double
    /// Standard deviations that the secondary signal's correlation stands above zero.
    public var score: Double
}
