// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
public import ChannelModels
internal import Foundation

/// What decides a virtual ether: the air, the clocks, and what its radios can do.
public struct EtherParameters: Sendable, Hashable {
    public var waveform: WaveformParameters
    /// How long before its start a burst or window must be handed over.
    public var leadTime = Duration.microseconds(100)

    /// - Parameters:
    ///   - snr: mean signal over noise in one gain of a sounding burst's estimate, in dB: the same number as
    ///     `SimulationParameters.snr` for an ideal trace.
    public init(
        channel: SimulationParameters, sampleRate: Double = 20e6, snr: Double
    ) {
        waveform = WaveformParameters(
            channel: channel, sampleRate: sampleRate, sampleSNR: Self.sampleSNR(ofGain: snr))
    }

    /// The SNR of one sample that gives an SNR after estimation, in dB.
    ///
    /// A burst of unit mean power has 64/52 of it in each of its 52 tones, relative to white noise's share, and four
    /// pilot symbols are averaged: SNR of a gain = 4 · 64/52 · SNR of a sample.
    public static func sampleSNR(ofGain snr: Double) -> Double {
        snr - 10 * log10(SoundingBurst.gainOfEstimate)
    }

    /// Noise power in one sample at a receiver, relative to a received burst of mean power 1.
    public var noisePower: Double { pow(10, -waveform.sampleSNR / 10) }
}
