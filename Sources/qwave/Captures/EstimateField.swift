// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import ChannelEstimation
internal import QWaveCore

/// What `--field` names: the training field whose gains are written.
enum EstimateField: String, CaseIterable, ExpressibleByArgument, Encodable {
    case legacy, ht, vht

    var format: TrainingField.Format? { TrainingField.Format(rawValue: rawValue) }
}

/// Reads the training field that was asked for, and counts the frames that don't have it.
struct FieldReader {
    let field: EstimateField
    let estimator: TrainingEstimator
    private let rate: Double
    private(set) var leftOut = LeftOut()

    /// Frames that gave no gains, by reason.
    struct LeftOut: Encodable {
        /// Frames of another format.
        var otherFormat = 0
        /// Frames whose signal field fails its check.
        var damaged = 0
        /// Frames of another width, by MHz.
        var otherWidth: [Int: Int] = [:]
        /// Frames of another number of streams, by number.
        var otherStreams: [Int: Int] = [:]
        /// Frames that the recording cuts off.
        var cut = 0
    }

    /// What one frame gave, or nothing.
    struct Reading {
        var format: TrainingField.Format?
        var signal: SignalField?
        /// [stream][tone]
        var gains: [[IQ]]?
        var noiseVariance = 0.0
        /// Whether the gains are those of an HT or VHT field.
        var isField = false
    }

    /// - Throws: `.usage` for a field that the width doesn't have, or streams that can't be told apart.
    init(_ field: EstimateField, width: ChannelWidth, streams: Int, rate: Double) throws(QWaveError) {
        self.field = field
        self.rate = rate
        estimator = TrainingEstimator(
            try TrainingField(field.format ?? .vht, width: width, streams: streams))
    }

    /// The tones of the gains.
    func tones(_ preamble: LegacyPreamble) -> [Int] {
        field == .legacy ? preamble.tones : estimator.field.tones
    }

    mutating func read(_ frame: PreambleFrame) -> Reading {
        var reading = Reading(
            format: estimator.format(of: frame, sampleRate: rate),
            signal: estimator.signal(of: frame, sampleRate: rate))
        guard let wanted = field.format else {
            reading.gains = [frame.gains]
            reading.noiseVariance = frame.noiseVariance
            return reading
        }
        guard reading.format == wanted else {
            leftOut.otherFormat += 1
            return reading
        }
        guard let signal = reading.signal else {
            leftOut.damaged += 1
            return reading
        }
        guard signal.width == estimator.field.width.rawValue else {
            leftOut.otherWidth[signal.width, default: 0] += 1
            return reading
        }
        guard signal.streams == estimator.field.streams else {
            leftOut.otherStreams[signal.streams, default: 0] += 1
            return reading
        }
        guard let estimate = estimator.estimate(frame, sampleRate: rate) else {
            leftOut.cut += 1
            return reading
        }
        reading.isField = true
        reading.gains = estimate.gains
        reading.noiseVariance = estimate.noiseVariance
        return reading
    }

    /// Why frames were left out, with what would mend it; empty when none were.
    var reasons: [String] {
        let name = field.rawValue.uppercased()
        var reasons: [String] = []
        if leftOut.otherFormat > 0 { reasons.append("\(leftOut.otherFormat) are no \(name) frames") }
        for (streams, count) in leftOut.otherStreams.sorted(by: { $0.key < $1.key }) {
            let mend = field == .ht ? " (--streams \(streams))" : ", which can't be separated"
            reasons.append("\(count) have \(streams) stream\(streams == 1 ? "" : "s")\(mend)")
        }
        for (width, count) in leftOut.otherWidth.sorted(by: { $0.key < $1.key }) {
            let mend = width > 80 ? "which can't be read" : "record at \(width)e6 samples/s"
            reasons.append("\(count) are \(width) MHz wide (\(mend))")
        }
        if leftOut.damaged > 0 {
            reasons.append("\(leftOut.damaged) have a signal field that fails its check")
        }
        if leftOut.cut > 0 { reasons.append("\(leftOut.cut) are cut off by the end of the recording") }
        return reasons
    }
}
