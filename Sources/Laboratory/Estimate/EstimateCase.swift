// SPDX-License-Identifier: GPL-3.0-or-later
public import ChannelEstimation
internal import QWaveCore

/// One row of the estimation benchmark: a waveform, a channel and an operating point.
public struct EstimateCase: Sendable {
    /// What is between sender and receiver, with power 1 and a random phase.
    public enum Channel: String, Sendable, Codable, CaseIterable {
        /// One path.
        case flat
        /// Four paths within four samples at 20 MHz; a fixed frequency response of moderate ripple.
        case taps
    }

    public var width: ChannelWidth
    /// Signal over noise in one sample, in dB.
    public var snr: Double
    public var channel: Channel
    public var threshold: Float
    public var stride: Int
    /// Frames that are sent.
    public var frames: Int
    /// Noise that is searched for false alarms.
    public var noiseMilliseconds: Double
    public var seed: UInt64

    public init(
        width: ChannelWidth = .mhz20, snr: Double, channel: Channel = .taps,
        threshold: Float = PreambleReceiver.usualThreshold, stride: Int = 1, frames: Int = 1000,
        noiseMilliseconds: Double = 1000, seed: UInt64 = 1
    ) {
        self.width = width
        self.snr = snr
        self.channel = channel
        self.threshold = threshold
        self.stride = stride
        self.frames = frames
        self.noiseMilliseconds = noiseMilliseconds
        self.seed = seed
    }

    /// - Throws: `.usage` for a case that can't be measured.
    func validate() throws(QWaveError) {
        guard frames >= 1, frames <= 10_000_000 else {
            throw QWaveError(.usage, "frames are 1 to 10,000,000, not \(frames)")
        }
        guard snr.isFinite, abs(snr) <= 100 else {
            throw QWaveError(.usage, "an SNR of \(snr) dB can't be measured; give -100 to 100")
        }
        guard noiseMilliseconds >= 1, noiseMilliseconds <= 1e8 else {
            throw QWaveError(.usage, "\(noiseMilliseconds) ms of noise: give 1 to 1e8")
        }
    }

    /// Gains of the paths, one a 20 MHz sample.
    var taps: [IQ] {
        guard channel == .taps else { return [IQ(1, 0)] }
        let taps = [IQ(0.9, 0), IQ(0, 0.3), IQ(-0.2, 0.1), IQ(0.05, 0)]
        let power = taps.reduce(0) { $0 + $1.power }
        return taps.map { $0 * (1 / power.squareRoot()) }
    }
}
