// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import ChannelEstimation
internal import Foundation
internal import QWaveCore

/// The way from a recording to its Wi-Fi frames and their trace, piece by piece.
struct RecordingEstimation {
    let source: RecordingSource
    let width: ChannelWidth
    let point: DetectionPoint
    let out: String?
    /// What the receiver's image is measured from, where it is to be removed: the same recording.
    var imageSource: RecordingSource?

    func run() throws -> EstimateOutcome {
        let preamble = LegacyPreamble(width: width)
        let training = TrainingEstimator(try TrainingField(.vht, width: width))
        var receiver = try PreambleReceiver(
            preamble, sampleRate: source.rate, kept: training.reach, threshold: point.threshold)
        let trace = out.map { WholeTrace(path: $0) }
        let description = ChannelTrace.Description(
            format: CaptureFormat.trace.rawValue, quantity: .complexGain, toneIndices: preamble.tones,
            subcarrierSpacing: source.rate / Double(width.fftLength), fftLength: width.fftLength,
            carrierFrequency: source.carrier, comment: "estimated from \(source.shortName)")
        var outcome = EstimateOutcome(
            recording: source.name, sampleRate: source.rate, bandwidth: width.rawValue,
            threshold: point.threshold, trace: out)
        func take(_ frames: [PreambleFrame]) throws {
            for frame in frames {
                let format = training.format(of: frame, sampleRate: source.rate)
                outcome.frames.append(EstimateOutcome.Frame(frame, format: format?.rawValue ?? "non-ht"))
                try trace?.append(
                    Snapshot(
                        time: frame.time, shape: SnapshotShape(subcarriers: frame.gains.count),
                        gains: frame.gains), description)
            }
        }
        let image = try imageSource.map { try measured($0, preamble) }
        outcome.image = image.map { EstimateOutcome.Image($0.image, error: $0.error) }
        outcome.samples = try source.read { samples in
            try take(receiver.receive(image?.image.removed(from: samples) ?? samples))
        }
        try take(receiver.finish())
        try trace?.finish(description)
        return outcome
    }

    /// The receiver's image, over all frames of a recording.
    private func measured(
        _ source: RecordingSource, _ preamble: LegacyPreamble
    ) throws -> (image: ReceiverImage, error: Double) {
        var receiver = try PreambleReceiver(
            preamble, sampleRate: source.rate, kept: preamble.count, threshold: point.threshold)
        var estimator = ReceiverImageEstimator(preamble)
        func take(_ frames: [PreambleFrame]) {
            for frame in frames { estimator.add(frame, sampleRate: source.rate) }
        }
        _ = try source.read { take(receiver.receive($0)) }
        take(receiver.finish())
        guard let image = estimator.image, estimator.standardError < 0.01 else {
            throw QWaveError(
                .badInput,
                "\(source.name): \(estimator.frames) frames with a carrier offset are too few or too weak to tell the receiver's image; leave out --remove-image"
            )
        }
        return (image, estimator.standardError)
    }
}

/// What `estimate` shows of Wi-Fi frames.
struct EstimateOutcome: CommandResult {
    struct Frame: Encodable {
        /// Index of the frame's first sample.
        var sample: Int
        /// The same in seconds.
        var time: Double
        /// Hz.
        var carrierOffset: Double
        /// dB, in one tone of one symbol; null where no noise was seen.
        var snr: OrNull<Double>
        /// Power of the noise in one gain.
        var noiseVariance: Double
        /// Mean power of the gains, less the noise.
        var signalPower: Double
        /// non-ht, ht or vht.
        var format: String

        init(_ frame: PreambleFrame, format: String) {
            sample = frame.start
            time = frame.time
            carrierOffset = frame.carrierOffset
            snr = OrNull(frame.signalToNoise.isFinite ? frame.signalToNoise : nil)
            noiseVariance = frame.noiseVariance
            signalPower = frame.signalPower
            self.format = format
        }
    }

    /// The receiver's image that was removed.
    struct Image: Encodable {
        /// Against the signal.
        var decibels: Double
        var phase: Double
        /// Standard deviation of the ratio's error, as a share of the signal.
        var standardError: Double

        init(_ image: ReceiverImage, error: Double) {
            decibels = 10 * log10(Double(max(image.ratio.power, .leastNormalMagnitude)))
            phase = Double(atan2(image.ratio.im, image.ratio.re))
            standardError = error
        }
    }

    var recording: String
    var standard = EstimateStandard.wifi
    var sampleRate: Double
    /// MHz.
    var bandwidth: Int
    /// Of the short field's repetition.
    var threshold: Float
    var samples = 0
    var frames: [Frame] = []
    var trace: String?
    var image: Image?

    var text: String {
        let duration = String(format: "%.6g", Double(samples) / sampleRate)
        var lines = ["\(recording): \(samples) samples, \(duration) s, \(frames.count) frames"]
        if let image {
            lines.append(
                String(format: "Receiver's image: %.1f dB, %.2f rad, removed", image.decibels, image.phase))
        }
        if !frames.isEmpty { lines.append("      sample       time s  offset Hz  SNR dB      noise  format") }
        lines += frames.map { frame in
            let snr = frame.snr.value.map { String(format: "%7.1f", $0) } ?? "      -"
            return String(format: "%12d %12.6f %10.0f ", frame.sample, frame.time, frame.carrierOffset)
                + snr + String(format: " %10.3g  ", frame.noiseVariance) + frame.format
        }
        if let trace { lines.append("Trace: \(trace)") }
        return lines.joined(separator: "\n")
    }
}
