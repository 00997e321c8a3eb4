// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation

/// What one case of the estimation benchmark gave.
public struct EstimateRow: Sendable, Codable {
    public var waveform: String
    /// Samples per second.
    public var sampleRate: Double
    public var channel: String
    /// Signal over noise in one sample, in dB.
    public var snr: Double
    public var threshold: Float
    /// Distance of the positions that are looked at.
    public var stride: Int
    public var kernel: String
    /// Frames sent.
    public var frames: Int
    /// Share of them that was found within a quarter of a microsecond of its place.
    public var detectionProbability: Double
    /// Frames found where none was sent, among the sent ones.
    public var wrongFrames: Int
    /// Root mean square error of the carrier offset, in Hz.
    public var carrierError: Double?
    /// Mean square error of the gains over their power, in dB.
    public var gainError: Double?
    /// Mean square error of the gains over the Cramér-Rao bound.
    public var gainErrorOverBound: Double?
    /// Noise searched at this threshold, in ms.
    public var noiseMilliseconds: Double
    /// Candidates that the short field's test let through, per ms of noise.
    public var candidatesPerMillisecond: Double
    /// Frames found in the noise.
    public var falseAlarms: Int
    /// Bound at 95 % on each of two measured rates, multiplied: candidates per ms at this threshold, and the
    /// share of candidates, at a lower threshold where there are many, that the long field's test lets through.
    public var falseAlarmsPerMillisecondBound: Double
    /// Samples searched per processor second of one thread, in 10⁶: the median of the runs.
    public var megasamplesPerSecond: Double

    /// The columns of a table, in order.
    public static let columns = [
        "waveform", "sampleRate", "channel", "snr", "threshold", "stride", "kernel", "frames",
        "detectionProbability", "wrongFrames", "carrierError", "gainError", "gainErrorOverBound",
        "noiseMilliseconds", "candidatesPerMillisecond", "falseAlarms", "falseAlarmsPerMillisecondBound",
        "megasamplesPerSecond",
    ]

    /// The values of `columns`; nothing stands for what is absent.
    public var values: [String] {
        func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        return [
            waveform, "\(sampleRate)", channel, "\(snr)", "\(threshold)", "\(stride)", kernel, "\(frames)",
            "\(detectionProbability)", "\(wrongFrames)", text(carrierError), text(gainError),
            text(gainErrorOverBound), "\(noiseMilliseconds)", "\(candidatesPerMillisecond)",
            "\(falseAlarms)", "\(falseAlarmsPerMillisecondBound)", "\(megasamplesPerSecond)",
        ]
    }
}

extension EstimateRow {
    /// A row of a case of which nothing was measured yet.
    init(_ test: EstimateCase) {
        self.init(
            waveform: "wifi-\(test.width.rawValue)", sampleRate: test.width.sampleRate,
            channel: test.channel.rawValue, snr: test.snr, threshold: test.threshold, stride: test.stride,
            kernel: "\(CorrelatorKernel.chosen)", frames: test.frames, detectionProbability: 0,
            wrongFrames: 0, noiseMilliseconds: test.noiseMilliseconds, candidatesPerMillisecond: 0,
            falseAlarms: 0, falseAlarmsPerMillisecondBound: 0, megasamplesPerSecond: 0)
    }
}
