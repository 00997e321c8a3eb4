// SPDX-License-Identifier: GPL-3.0-or-later

/// What an opened radio does: rates and frequencies as the device took them, not as they were asked for.
public struct RadioCapabilities: Sendable, Hashable {
    /// What it is, for reports: "virtual tgn-d, 20 dB", "E320 addr=127.0.0.1".
    public var name: String
    /// Samples a second, the same for both directions.
    public var sampleRate: Double
    /// In Hz.
    public var carrierFrequency: Double
    /// How long before its start a burst or a window must be handed over.
    public var leadTime: Duration
    /// The shortest time from the end of a received window to the start of a burst in answer to it, computing
    /// included: what a responder's turnaround can't be below, besides the burst's own length.
    public var turnaround: Duration
    /// Samples of the longest window.
    public var longestWindow: Int
    /// Amplitude (root mean square, full scale 1) at which a burst of OFDM symbols is sent without clipping.
    public var amplitude: Double
    /// Antennas as the device names them, like "TX/RX"; equal for both directions, or the channel isn't reciprocal.
    public var transmitAntenna: String
    public var receiveAntenna: String
    /// True where no air is involved: traces and certificates say so.
    public var simulated: Bool

    public init(
        name: String, sampleRate: Double, carrierFrequency: Double, leadTime: Duration, turnaround: Duration,
        longestWindow: Int = 1 << 16, amplitude: Double = 1, transmitAntenna: String = "TX/RX",
        receiveAntenna: String = "TX/RX", simulated: Bool = false
    ) {
        self.name = name
        self.sampleRate = sampleRate
        self.carrierFrequency = carrierFrequency
        self.leadTime = leadTime
        self.turnaround = turnaround
        self.longestWindow = longestWindow
        self.amplitude = amplitude
        self.transmitAntenna = transmitAntenna
        self.receiveAntenna = receiveAntenna
        self.simulated = simulated
    }
}

/// What a user asks of a radio, whatever it is; a device coerces what it can't do and says so in its capabilities.
public struct RadioSettings: Sendable, Hashable {
    /// Samples a second.
    public var sampleRate: Double?
    /// Center of the channel in Hz.
    public var carrierFrequency: Double?
    /// In dB, fixed for the whole run.
    public var transmitGain: Double?
    public var receiveGain: Double?
    /// One antenna for both directions.
    public var antenna = "TX/RX"
    /// The local oscillator's distance from the channel's center in Hz, to keep its leakage out.
    public var oscillatorOffset: Double?
    /// Where the reference comes from: "internal", "external", "gpsdo".
    public var clockSource: String?

    public init() {}
}
