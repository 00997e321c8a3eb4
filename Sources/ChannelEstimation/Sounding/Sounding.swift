// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// One burst that was received.
public struct Sounding: Sendable {
    public var sequence: UInt32
    public var sender: Party.Role
    /// Sample index of the burst's first sample, and the same in seconds.
    public var start: Int
    public var time: Double
    /// Sender's carrier minus the receiver's, in Hz.
    public var carrierOffset: Double
    /// Gain at each tone of `SoundingBurst.tones` from the keyed pilots, in the unit of the recording for a sent
    /// power of 1; delays count from `start`, the phase is the one in the middle of the pilots.
    public var gains: [IQ]
    /// Power of the noise in one gain.
    public var noiseVariance: Double
    /// Whether the header's tag is the one of the burst's secret.
    public var tagIsRight: Bool
    /// |Σ H·conj(H₀)| / (|H||H₀|) of the keyed pilots' gains and the public preamble's: near √(SNR/(1+SNR)) of
    /// the gains when the pilots came in the secret's order, about 0.14 when not.
    public var coherence: Double

    /// As a snapshot of a trace: one antenna each, the sequence number, the receiver's time.
    public var snapshot: Snapshot {
        Snapshot(
            sequence: UInt64(sequence), time: time, shape: SnapshotShape(subcarriers: gains.count),
            gains: gains)
    }
}
