// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
internal import Foundation
internal import QWaveCore
internal import Statistics

/// Runs cases of channel estimation and measures them: detection, false alarms, errors, throughput.
///
/// Time is processor time of the one thread that searches; making the signal stands outside it.
public struct EstimateBenchmark: Sendable {
    /// Samples that the receiver is handed at a time.
    static let piece = 1 << 16
    /// Samples from frame to frame when throughput is measured.
    static let spacing = 100_000

    public init() {}

    /// Runs one case.
    ///
    /// - Parameter progress: told the share that is done.
    public func run(
        _ test: EstimateCase, progress: (Double) -> Void = { _ in }
    ) throws -> EstimateRow {
        try test.validate()
        let preamble = LegacyPreamble(width: test.width)
        var random = ExperimentGenerator(seed: test.seed)
        var row = EstimateRow(test)
        try detect(test, preamble, &row, &random) { progress(0.4 * $0) }
        try measureNoise(test, preamble, &row, &random) { progress(0.4 + 0.4 * $0) }
        row.megasamplesPerSecond = try throughput(test, preamble, &random) { progress(0.8 + 0.2 * $0) }
        return row
    }

    func detect(
        _ test: EstimateCase, _ preamble: LegacyPreamble, _ row: inout EstimateRow,
        _ random: inout ExperimentGenerator, _ progress: (Double) -> Void
    ) throws {
        var found = 0
        var (carrier, error) = (0.0, 0.0)
        let batch = 50
        for begin in stride(from: 0, to: test.frames, by: batch) {
            try Task.checkCancellation()
            let signal = EstimateSignal(
                test, preamble: preamble, frames: min(batch, test.frames - begin),
                slot: 2000 * test.width.parts, random: &random)
            var receiver = try Self.receiver(test, preamble)
            var frames = receiver.receive(signal.samples)
            frames += receiver.finish()
            for frame in frames {
                let sent = signal.sent.first { abs($0.start - frame.start) <= 5 * test.width.parts }
                guard let sent else {
                    row.wrongFrames += 1
                    continue
                }
                found += 1
                carrier += pow(frame.carrierOffset - sent.offset, 2)
                error += signal.error(of: frame, sent)
            }
            progress(Double(begin) / Double(test.frames))
        }
        row.detectionProbability = Double(found) / Double(test.frames)
        guard found > 0 else { return }
        let mean = error / Double(found * preamble.tones.count)
        row.carrierError = (carrier / Double(found)).squareRoot()
        row.gainError = 10 * log10(mean)
        // Noise in a tone, halved by the second long symbol.
        row.gainErrorOverBound = mean / (pow(10, -test.snr / 10) * 52 / 64 / 2)
    }

    func measureNoise(
        _ test: EstimateCase, _ preamble: LegacyPreamble, _ row: inout EstimateRow,
        _ random: inout ExperimentGenerator, _ progress: (Double) -> Void
    ) throws {
        let own = try noise(test, preamble, milliseconds: test.noiseMilliseconds, &random, progress)
        let share = try passingShare(test, preamble, &random)
        row.candidatesPerMillisecond = Double(own.candidates) / test.noiseMilliseconds
        row.falseAlarms = own.frames
        row.falseAlarmsPerMillisecondBound = Self.bound(own.candidates) / test.noiseMilliseconds * share
    }

    /// Share of candidates in noise that the long field's test lets through, at most, with 95 %: from a tenth of the
    /// noise at a threshold where there are many.
    func passingShare(
        _ test: EstimateCase, _ preamble: LegacyPreamble, _ random: inout ExperimentGenerator
    ) throws -> Double {
        var low = test
        low.threshold = min(test.threshold, 0.15 / Float(test.width.parts).squareRoot())
        let many = try noise(low, preamble, milliseconds: test.noiseMilliseconds / 10, &random, { _ in })
        return Self.bound(many.frames) / Double(max(1, many.candidates))
    }

    /// What a receiver makes of noise alone.
    func noise(
        _ test: EstimateCase, _ preamble: LegacyPreamble, milliseconds: Double,
        _ random: inout ExperimentGenerator, _ progress: (Double) -> Void
    ) throws -> (candidates: Int, frames: Int) {
        let table = NoiseTable(power: 1)
        var receiver = try Self.receiver(test, preamble)
        var samples = [IQ](repeating: .zero, count: 16 * Self.piece)
        var left = Int(milliseconds / 1000 * test.width.sampleRate)
        let total = Double(left)
        var frames = 0
        while left > 0 {
            try Task.checkCancellation()
            table.fill(&samples, &random)
            frames += receiver.receive(samples).count
            left -= samples.count
            progress(1 - max(0, Double(left)) / total)
        }
        return (receiver.candidates, frames)
    }

    func throughput(
        _ test: EstimateCase, _ preamble: LegacyPreamble, _ random: inout ExperimentGenerator,
        _ progress: (Double) -> Void
    ) throws -> Double {
        let signal = EstimateSignal(
            test, preamble: preamble, frames: 80, slot: Self.spacing, random: &random)
        let pieces = stride(from: 0, to: signal.samples.count, by: Self.piece).map {
            Array(signal.samples[$0..<min(signal.samples.count, $0 + Self.piece)])
        }
        var rates: [Double] = []
        for run in 0..<7 {
            var receiver = try Self.receiver(test, preamble)
            let begin = ThreadClock.now()
            for piece in pieces { _ = receiver.receive(piece) }
            _ = receiver.finish()
            let seconds = ThreadClock.now() - begin
            rates.append(Double(signal.samples.count) / seconds / 1e6)
            progress(Double(run + 1) / 7)
        }
        return rates.sorted()[rates.count / 2]
    }

    static func receiver(
        _ test: EstimateCase, _ preamble: LegacyPreamble
    ) throws -> PreambleReceiver {
        try PreambleReceiver(
            preamble, sampleRate: test.width.sampleRate, threshold: test.threshold, stride: test.stride)
    }

    /// The Poisson mean that events this rare exclude with 95 %.
    static func bound(_ events: Int) -> Double {
        ChiSquare(degrees: Double(2 * (events + 1))).upperQuantile(0.05) / 2
    }
}
