// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
internal import QWaveCore

/// One threshold of the receiver's operating characteristic: what it finds and what noise makes of it.
public struct ROCRow: Sendable, Codable {
    public var waveform: String
    public var channel: String
    public var threshold: Float
    /// Candidates that the short field's test lets through, per ms of noise.
    public var candidatesPerMillisecond: Double
    /// Frames found in `noiseMilliseconds` of noise.
    public var falseAlarms: Int
    public var noiseMilliseconds: Double
    /// Bound at 95 % on each of two measured rates, multiplied (see `EstimateRow`).
    public var falseAlarmsPerMillisecondBound: Double
    /// Frames sent at each SNR.
    public var frames: Int
    /// Signal over noise in one sample in dB, and the share of frames found at it.
    public var snr: [Double]
    public var detectionProbability: [Double]
    /// Frames found where none was sent, at all of them.
    public var wrongFrames: Int
    /// Samples searched per processor second of one thread at the lowest SNR, in 10⁶.
    public var megasamplesPerSecond: Double
}

extension EstimateBenchmark {
    /// Thresholds that a characteristic has unless others are asked for, those of 20 MHz; wider channels, whose
    /// windows hold more samples, have them lower by the square root.
    public static let usualThresholds: [Float] = [0.24, 0.27, 0.30, 0.33, 0.36, 0.40, 0.45]

    /// The characteristic at one threshold, over several SNRs and on fresh noise.
    public func characteristic(
        _ test: EstimateCase, snr: [Double], progress: (Double) -> Void = { _ in }
    ) throws -> ROCRow {
        var row = ROCRow(
            waveform: "wifi-\(test.width.rawValue)", channel: test.channel.rawValue,
            threshold: test.threshold,
            candidatesPerMillisecond: 0, falseAlarms: 0, noiseMilliseconds: test.noiseMilliseconds,
            falseAlarmsPerMillisecondBound: 0, frames: test.frames, snr: snr, detectionProbability: [],
            wrongFrames: 0, megasamplesPerSecond: 0)
        let preamble = LegacyPreamble(width: test.width)
        var random = ExperimentGenerator(seed: test.seed)
        var single = EstimateRow(test)
        for (index, ratio) in snr.enumerated() {
            var test = test
            test.snr = ratio
            try test.validate()
            single.wrongFrames = 0
            try detect(test, preamble, &single, &random) { share in
                progress(0.5 * (Double(index) + share) / Double(snr.count))
            }
            row.detectionProbability.append(single.detectionProbability)
            row.wrongFrames += single.wrongFrames
        }
        try measureNoise(test, preamble, &single, &random) { progress(0.5 + 0.4 * $0) }
        row.candidatesPerMillisecond = single.candidatesPerMillisecond
        row.falseAlarms = single.falseAlarms
        row.falseAlarmsPerMillisecondBound = single.falseAlarmsPerMillisecondBound
        var weakest = test
        weakest.snr = snr.min() ?? test.snr
        row.megasamplesPerSecond = try throughput(weakest, preamble, &random) { progress(0.9 + 0.1 * $0) }
        return row
    }
}
