// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The channel in one subframe of 1 ms, from the reference signals of its two slots.
public struct LTESubframe: Sendable {
    /// Subframes since the first frame that was found; its number in the frame is the last digit.
    public var index: Int
    /// Sample at which it starts, and the same in seconds.
    public var start: Int
    public var time: Double
    /// Cell's carrier minus the receiver's as it is tracked, in Hz.
    public var carrierOffset: Double
    /// Gain from each port at each tone of `LTEReceiver.tones`, in the unit of the recording for a sent power of 1
    /// (`LTEDownlink`). Delays count from the tracked timing; the phase is that of the tracked carrier in the
    /// middle of the subframe's reference signals.
    public var gains: [[IQ]]
    /// Power of the noise in one gain, from the difference of the two slots less their common turn; what other
    /// cells send counts as noise, and so does a channel that changes within half a millisecond.
    public var noiseVariance: Double
    /// Re Σ conj(H₁)·H₂ over Σ (|H₁|² + |H₂|²)/2 of the two slots: SNR/(1+SNR), near 0 where nothing was sent.
    public var coherence: Double

    /// As a snapshot of a trace: a transmit antenna for each port.
    public var snapshot: Snapshot {
        Snapshot(
            sequence: UInt64(max(0, index)), time: time,
            shape: SnapshotShape(transmitAntennas: gains.count, subcarriers: gains.first?.count ?? 0),
            gains: gains.flatMap { $0 })
    }
}
