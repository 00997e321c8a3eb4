// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import ChannelEstimation
internal import Foundation
internal import QWaveCore

/// The way from a recording of an NR uplink to the gains of one terminal's sounding signals, symbol by symbol.
struct NREstimation {
    let source: RecordingSource
    let signal: NRSoundingSignal
    /// Hz.
    let spacing: Double
    let out: String?

    func run() throws -> NROutcome {
        var receiver = try NRSoundingReceiver(signal, spacing: spacing, sampleRate: source.rate)
        let trace = out.map { WholeTrace(path: $0) }
        let tones = receiver.tones(port: 0).map { Int($0) }
        let description = ChannelTrace.Description(
            format: CaptureFormat.trace.rawValue, quantity: .complexGain, toneIndices: tones,
            subcarrierSpacing: spacing, fftLength: Int((source.rate / spacing).rounded()),
            carrierFrequency: source.carrier, comment: "estimated from \(source.shortName)")
        var outcome = NROutcome(
            recording: source.name, sampleRate: source.rate,
            signal: NROutcome.Signal(signal, spacing: spacing, gains: tones.count), trace: out)
        func take(_ soundings: [NRSounding]) throws {
            for sounding in soundings {
                outcome.soundings.append(NROutcome.Sounding(sounding))
                try trace?.append(sounding.snapshot, description)
            }
        }
        outcome.samples = try source.read { try take(receiver.receive($0)) }
        try take(receiver.finish())
        guard !outcome.soundings.isEmpty else {
            throw QWaveError(
                .badInput,
                "\(source.name): no such sounding signal in \(outcome.samples) samples; check --sequence-id, --c-srs, --comb, --comb-offset, --spacing, --grid and --first-block, that --rate is that of the recording, and that its carrier is within half of the subcarrier spacing"
            )
        }
        guard outcome.isTimed else {
            throw QWaveError(
                .badInput,
                "\(source.name): what was found doesn't begin where a symbol does: another terminal's signal, or this one with another --cyclic-shift, --comb-offset or --first-block, which look like other delays; or it was sent without a guard interval"
            )
        }
        try trace?.finish(description)
        return outcome
    }
}

/// What `estimate` shows of sounding signals.
struct NROutcome: CommandResult {
    /// What was looked for.
    struct Signal: Encodable {
        var sequenceID: Int
        var blocks: Int
        var comb: Int
        var combOffset: Int
        var cyclicShift: Int
        var ports: Int
        /// Hz.
        var spacing: Double
        /// Lowest subcarrier of the blocks, from the recording's center.
        var firstTone: Int
        /// Gains of each port.
        var gains: Int

        init(_ signal: NRSoundingSignal, spacing: Double, gains: Int) {
            sequenceID = signal.identity
            blocks = signal.blocks
            comb = signal.comb
            combOffset = signal.combOffset
            cyclicShift = signal.cyclicShift
            ports = signal.ports
            self.spacing = spacing
            firstTone = signal.firstTone
            self.gains = gains
        }
    }

    struct Sounding: Encodable {
        /// Index of the symbol's first sample, behind its guard interval.
        var sample: Int
        /// The same in seconds.
        var time: Double
        /// Share of the samples' power that is the signal's, as correlation sees it.
        var correlation: Double
        /// Mean power of the symbol's samples.
        var power: Double
        /// How alike guard interval and symbol end are, near 1 for a strong signal; null where the recording begins.
        var repetition: OrNull<Double>
        /// Hz.
        var carrierOffset: Double
        /// dB, in one gain; null where no noise was seen.
        var snr: OrNull<Double>
        /// Power of the noise in one gain.
        var noiseVariance: Double
        /// Mean power of the gains of all ports, less the noise.
        var signalPower: Double

        init(_ sounding: NRSounding) {
            sample = sounding.start
            time = sounding.time
            correlation = sounding.correlation
            power = sounding.power
            repetition = OrNull(sounding.repetition)
            carrierOffset = sounding.carrierOffset
            noiseVariance = sounding.noiseVariance
            let gains = sounding.gains.flatMap { $0 }
            let power = gains.reduce(0.0) { $0 + Double($1.power) } / Double(max(1, gains.count))
            signalPower = max(0, power - sounding.noiseVariance)
            let ratio = 10 * log10(signalPower / noiseVariance)
            snr = OrNull(ratio.isFinite ? ratio : nil)
        }
    }

    var recording: String
    var standard = EstimateStandard.nr
    var sampleRate: Double
    var signal: Signal
    var samples = 0
    var soundings: [Sounding] = []
    var trace: String?

    /// False when guard intervals don't repeat by far as well as the signal's share of the power makes them.
    var isTimed: Bool {
        let told = soundings.filter { $0.repetition.value != nil }
        guard !told.isEmpty else { return true }
        let count = Double(told.count)
        let repetition = told.reduce(0) { $0 + ($1.repetition.value ?? 0) } / count
        let share = told.reduce(0) { $0 + $1.signalPower * Double(signal.ports) / $1.power } / count
        // Standard deviation of noise in the mean.
        let length = sampleRate / signal.spacing * 3 / 64
        let deviation = 1 / (2 * length * count).squareRoot()
        return repetition + 2 * deviation > share / 2
    }

    var text: String {
        let duration = String(format: "%.6g", Double(samples) / sampleRate)
        var lines = ["\(recording): \(samples) samples, \(duration) s, \(soundings.count) sounding signals"]
        lines.append(
            "Sequence \(signal.sequenceID), \(signal.blocks) blocks from subcarrier \(signal.firstTone) on, comb "
                + "\(signal.comb) from \(signal.combOffset), shift \(signal.cyclicShift), \(signal.ports) "
                + "port\(signal.ports == 1 ? "" : "s"): \(signal.gains) gains each")
        lines.append("      sample       time s  offset Hz  SNR dB      noise  correlation")
        lines += soundings.map { sounding in
            let snr = sounding.snr.value.map { String(format: "%7.1f", $0) } ?? "      -"
            return String(
                format: "%12d %12.6f %10.0f ", sounding.sample, sounding.time, sounding.carrierOffset) + snr
                + String(format: " %10.3g %12.3f", sounding.noiseVariance, sounding.correlation)
        }
        if let trace { lines.append("Trace: \(trace)") }
        return lines.joined(separator: "\n")
    }
}
