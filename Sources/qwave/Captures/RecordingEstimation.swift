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
    /// The training field whose gains are written, and its streams.
    var field = EstimateField.legacy
    var streams = 1
    let out: String?
    /// What the receiver's image is measured from, where it is to be removed: the same recording.
    var imageSource: RecordingSource?

    func run() throws -> EstimateOutcome {
        let preamble = LegacyPreamble(width: width)
        var training = try FieldReader(field, width: width, streams: streams, rate: source.rate)
        var receiver = try PreambleReceiver(
            preamble, sampleRate: source.rate, kept: training.estimator.reach, threshold: point.threshold)
        let trace = out.map { WholeTrace(path: $0) }
        let description = ChannelTrace.Description(
            format: CaptureFormat.trace.rawValue, quantity: .complexGain,
            toneIndices: training.tones(preamble), subcarrierSpacing: source.rate / Double(width.fftLength),
            fftLength: width.fftLength,
            carrierFrequency: source.carrier, comment: "estimated from \(source.shortName)")
        var outcome = EstimateOutcome(
            recording: source.name, sampleRate: source.rate, bandwidth: width.rawValue,
            threshold: point.threshold, field: field, trace: out)
        func take(_ frames: [PreambleFrame]) throws {
            for frame in frames {
                let reading = training.read(frame)
                outcome.frames.append(EstimateOutcome.Frame(frame, reading))
                guard let gains = reading.gains else { continue }
                outcome.snapshots += 1
                try trace?.append(
                    Snapshot(
                        time: frame.time,
                        shape: SnapshotShape(
                            transmitAntennas: gains.count, subcarriers: gains.first?.count ?? 0),
                        gains: gains.flatMap { $0 }), description)
            }
        }
        let image = try imageSource.map { try measured($0, preamble) }
        outcome.image = image.map { EstimateOutcome.Image($0.image, error: $0.error) }
        outcome.samples = try source.read { samples in
            try take(receiver.receive(image?.image.removed(from: samples) ?? samples))
        }
        try take(receiver.finish())
        if field != .legacy {
            guard outcome.snapshots > 0 else {
                let reasons = training.reasons.isEmpty ? "" : "; " + training.reasons.joined(separator: ", ")
                throw QWaveError(
                    .badInput,
                    "\(source.name): no \(field.rawValue.uppercased()) training field of \(streams) "
                        + "stream\(streams == 1 ? "" : "s") at \(width.rawValue) MHz in "
                        + "\(outcome.frames.count) frames\(reasons); --field legacy reads every frame")
            }
            outcome.leftOut = training.leftOut
            outcome.reasons = training.reasons
        }
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
        /// Power of the noise in one gain of the preamble.
        var noiseVariance: Double
        /// Mean power of those gains, less the noise.
        var signalPower: Double
        /// non-ht, ht or vht.
        var format: String
        /// What the signal field of an HT or VHT frame says, where it could be read: MHz, space-time streams, and
        /// modulation and coding scheme.
        var width: Int?
        var streams: Int?
        var scheme: Int?
        /// Of the HT or VHT training field, where its gains were read: the same powers.
        var field: Field?

        struct Field: Encodable {
            var noiseVariance: Double
            var signalPower: Double
        }

        init(_ frame: PreambleFrame, _ reading: FieldReader.Reading) {
            sample = frame.start
            time = frame.time
            carrierOffset = frame.carrierOffset
            snr = OrNull(frame.signalToNoise.isFinite ? frame.signalToNoise : nil)
            noiseVariance = frame.noiseVariance
            signalPower = frame.signalPower
            format = reading.format?.rawValue ?? "non-ht"
            width = reading.signal?.width
            streams = reading.signal?.streams
            scheme = reading.signal?.scheme
            guard reading.isField, let gains = reading.gains?.flatMap({ $0 }) else { return }
            let power = gains.reduce(0.0) { $0 + Double($1.power) } / Double(max(1, gains.count))
            field = Field(
                noiseVariance: reading.noiseVariance, signalPower: max(0, power - reading.noiseVariance))
        }

        /// Format, and what the signal field adds.
        var kind: String {
            guard let streams else { return format }
            let coding = scheme.map { ", scheme \($0)" } ?? ", several users"
            return "\(format), \(streams) stream\(streams == 1 ? "" : "s")\(coding)"
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
    /// The training field whose gains were read.
    var field: EstimateField
    var samples = 0
    var frames: [Frame] = []
    /// Frames whose gains were read.
    var snapshots = 0
    /// Frames without them, where another field than the preamble's was asked for.
    var leftOut: FieldReader.LeftOut?
    var trace: String?
    var image: Image?
    /// The same for a person.
    var reasons: [String] = []

    private enum CodingKeys: CodingKey {
        case recording, standard, sampleRate, bandwidth, threshold, field, samples, frames, snapshots, leftOut
        case trace, image
    }

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
                + snr + String(format: " %10.3g  ", frame.noiseVariance) + frame.kind
        }
        if field != .legacy {
            let left = reasons.isEmpty ? "" : "; of the others " + reasons.joined(separator: ", ")
            lines.append("Gains of the \(field.rawValue.uppercased()) field: \(snapshots) frames\(left)")
        }
        if let trace { lines.append("Trace: \(trace)") }
        return lines.joined(separator: "\n")
    }
}
