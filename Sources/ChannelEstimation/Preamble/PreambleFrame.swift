// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// One preamble that was found, and what it says about the channel.
public struct PreambleFrame: Sendable {
    /// Sample index at which the short field starts, from the start of the recording.
    public var start: Int
    /// The same in seconds.
    public var time: Double
    /// Sender's carrier minus the receiver's, in Hz.
    public var carrierOffset: Double
    /// Largest |P|/E of the short field, 0 to 1.
    public var correlation: Double
    /// Channel gain at each tone of `LegacyPreamble.tones`, in the unit of the recording for a sent power of 1.
    ///
    /// Delays count from `start`; the phase is the one in the middle of the two long symbols, where an error of
    /// the carrier offset does no harm.
    public var gains: [IQ]
    /// Power of the noise in one gain, same unit as |gain|². The larger of two estimates: a quarter of the mean
    /// |H₁ − H₂|² of the two long symbols, less the one dimension of 2·tones that the carrier offset took; and what
    /// the gains have outside the delays of −8·m to 16·m samples, which errors that both symbols share reach too.
    /// In white noise it is a tenth high; paths beyond those delays count as noise.
    public var noiseVariance: Double
    /// Samples from `start` on, as many as the receiver was told to keep, fewer at the end of the recording.
    public var samples: [IQ]

    /// Mean |gain|² less the noise in it.
    public var signalPower: Double {
        let mean = gains.reduce(0.0) { $0 + Double($1.power) } / Double(max(1, gains.count))
        return max(0, mean - noiseVariance)
    }

    /// Signal over noise in one tone of one symbol, in dB; the gains, from two symbols, have 3 dB more.
    public var signalToNoise: Double {
        guard noiseVariance > 0, signalPower > 0 else { return noiseVariance > 0 ? -.infinity : .infinity }
        return 10 * log10(signalPower / (2 * noiseVariance))
    }
}
