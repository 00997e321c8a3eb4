// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One sounding reference signal that was received.
public struct NRSounding: Sendable {
    /// Sample at which the symbol starts, behind its guard interval, and the same in seconds.
    public var start: Int
    public var time: Double
    /// Power of the correlation with the signal over the samples' power, 0 to 1.
    public var correlation: Double
    /// Mean power of the symbol's samples, all that is in them.
    public var power: Double
    /// How alike the guard interval and the symbol's end are: about SNR/(1+SNR) of the samples where a symbol starts
    /// at `start`, near 0 elsewhere. Nil at the very front of a stream.
    ///
    /// A Zadoff-Chu sequence that is shifted in frequency looks like one that is shifted in time. So a receiver that was
    /// told another comb offset, cyclic shift or first tone may find the signal, but not where it starts.
    public var repetition: Double?
    /// The terminal's carrier minus the receiver's in Hz, from both halves of the symbol; taken out of the gains, whose
    /// phase is that in the symbol's middle.
    public var carrierOffset: Double
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
