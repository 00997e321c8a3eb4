// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One sounding reference signal that was received.
public struct NRSounding: Sendable {
    /// Sample at which the symbol starts, behind its guard interval, and the same in seconds.
    public var start: Int
    public var time: Double
    /// Power of the correlation with the signal over the samples' power, 0 to 1.
    public var correlation: Double
    /// [port][tone]: gains in the unit of the recording for a sent power of 1 a port, at the tones of
    /// `NRSoundingReceiver.tones`. Delays count from `start`.
    public var gains: [[IQ]]
    /// Power of the noise in one gain, from second differences of neighboring tones: a channel that isn't straight
    /// over three of them counts as noise.
    public var noiseVariance: Double

    /// As a snapshot of a trace: a transmit antenna for each port.
    public var snapshot: Snapshot {
        Snapshot(
            time: time,
            shape: SnapshotShape(transmitAntennas: gains.count, subcarriers: gains.first?.count ?? 0),
            gains: gains.flatMap { $0 })
    }
}
