// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import ChannelEstimation
internal import Foundation
internal import QWaveCore

/// An open recording and what is known of it.
struct RecordingSource {
    var name: String
    var reader: IQFileReader
    /// Samples per second.
    var rate: Double
    /// Center frequency in Hz.
    var carrier: Double?
}

/// The way from a recording to its frames and their trace, piece by piece.
struct RecordingEstimation {
    let source: RecordingSource
    private let preamble: LegacyPreamble
    private let training: TrainingEstimator
    private let writer: TraceFileWriter?
    private let out: String?

    init(source: RecordingSource, width: ChannelWidth, carrier: Double?, out: String?) throws {
        self.source = source
        self.out = out
        preamble = LegacyPreamble(width: width)
        training = TrainingEstimator(try TrainingField(.vht, width: width))
        let name = source.name == "-" ? "standard input" : URL(fileURLWithPath: source.name).lastPathComponent
        let description = ChannelTrace.Description(
            format: CaptureFormat.trace.rawValue, quantity: .complexGain, toneIndices: preamble.tones,
            subcarrierSpacing: source.rate / Double(width.fftLength), fftLength: width.fftLength,
            carrierFrequency: carrier, comment: "estimated from \(name)")
        writer = try out.map { try TraceFileWriter(path: $0, description: description) }
    }

    func run() throws -> EstimateOutcome {
        var receiver = try PreambleReceiver(preamble, sampleRate: source.rate, kept: training.reach)
        var outcome = EstimateOutcome(
            recording: source.name, sampleRate: source.rate, bandwidth: preamble.width.rawValue, trace: out)
        while let samples = try source.reader.next(count: 1 << 18) {
            try Task.checkCancellation()
            outcome.samples += samples.count
            try take(receiver.receive(samples), &outcome)
        }
        try take(receiver.finish(), &outcome)
        try writer?.finish()
        return outcome
    }

    private func take(_ frames: [PreambleFrame], _ outcome: inout EstimateOutcome) throws {
        for frame in frames {
            let format = training.format(of: frame, sampleRate: source.rate)
            outcome.frames.append(EstimateOutcome.Frame(frame, format: format?.rawValue ?? "non-ht"))
            try writer?.append(
                Snapshot(
                    time: frame.time, shape: SnapshotShape(subcarriers: frame.gains.count),
                    gains: frame.gains))
        }
    }
}

/// What `estimate` shows.
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

    var recording: String
    var standard = EstimateStandard.wifi
    var sampleRate: Double
    /// MHz.
    var bandwidth: Int
    var samples = 0
    var frames: [Frame] = []
    var trace: String?

    var text: String {
        let duration = String(format: "%.6g", Double(samples) / sampleRate)
        var lines = ["\(recording): \(samples) samples, \(duration) s, \(frames.count) frames"]
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
