// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import ChannelEstimation
internal import Foundation
internal import QWaveCore

/// The way from a recording to the gains of an LTE cell's reference signals, subframe by subframe.
struct LTEEstimation {
    let source: RecordingSource
    let blocks: Int?
    let identity: Int?
    let out: String?

    /// Coherence of a subframe's two slots below which it isn't written: nothing was sent, or noise is stronger.
    static let coherenceLimit = 0.3

    func run() throws -> LTEOutcome {
        var receiver = try LTEReceiver(sampleRate: source.rate, blocks: blocks, identity: identity)
        let trace = out.map { WholeTrace(path: $0) }
        var outcome = LTEOutcome(recording: source.name, sampleRate: source.rate, trace: out)
        // A trace has one set of tones.
        var tones: [Int] = []
        func description() -> ChannelTrace.Description {
            ChannelTrace.Description(
                format: CaptureFormat.trace.rawValue, quantity: .complexGain, toneIndices: tones,
                subcarrierSpacing: 15e3, fftLength: Int((source.rate / 15e3).rounded()),
                carrierFrequency: source.carrier, nominalRate: 1000,
                comment: "estimated from \(source.shortName)")
        }
        func take(_ subframes: [LTESubframe]) throws {
            if let cell = receiver.cell, let detection = receiver.detection, !subframes.isEmpty {
                if outcome.cell == nil {
                    outcome.cell = LTEOutcome.Cell(cell, detection, sampleRate: source.rate)
                    tones = receiver.tones
                }
                guard outcome.cell?.identity == cell.identity, tones == receiver.tones else {
                    throw QWaveError(
                        .badInput,
                        "\(source.name): another cell, \(cell.identity), from sample \(subframes[0].start) on; "
                            + "cut the recording there, or give --cell")
                }
            }
            for subframe in subframes {
                outcome.subframes += 1
                guard subframe.coherence >= Self.coherenceLimit else { continue }
                outcome.add(subframe)
                try trace?.append(subframe.snapshot, description())
            }
        }
        outcome.samples = try source.read { try take(receiver.receive($0)) }
        try take(receiver.finish())
        guard outcome.cell != nil else {
            throw QWaveError(
                .badInput,
                "\(source.name): no LTE cell\(identity.map { " \($0)" } ?? "") in \(outcome.samples) samples; "
                    + "check --rate and --skip, and that 20 ms of the cell's carrier are there")
        }
        try trace?.finish(description())
        return outcome
    }
}

/// What `estimate` shows of an LTE cell.
struct LTEOutcome: CommandResult {
    struct Cell: Encodable {
        var identity: Int
        var cyclicPrefix: String
        var duplex: String
        var ports: Int
        /// Sample at which the first whole frame starts.
        var frameStart: Double
        /// Root of the primary synchronization signal.
        var primaryRoot: Int
        /// Parts in 10⁶ by which the receiver's clock runs faster than the cell's, from the search.
        var clockOffset: Double
        /// Standard deviations of the secondary signal's correlation.
        var score: Double

        init(_ cell: LTECell, _ detection: LTEDetection, sampleRate: Double) {
            identity = cell.identity
            cyclicPrefix = cell.cyclicPrefix.rawValue
            duplex = cell.duplex.rawValue
            ports = cell.ports
            var start = detection.frameStart
            while start < 0 { start += detection.framePeriod }
            frameStart = start * sampleRate / 1.92e6
            primaryRoot = [25, 29, 34][cell.sector]
            clockOffset = (detection.framePeriod / 19_200 - 1) * 1e6
            score = detection.score
        }
    }

    var recording: String
    var standard = EstimateStandard.lte
    var sampleRate: Double
    var samples = 0
    var cell: Cell?
    /// Subframes that were read, and those whose gains are in the trace.
    var subframes = 0
    var snapshots = 0
    /// Hz, of the first snapshot and of the last.
    var carrierOffset: [Double] = []
    /// Means over the snapshots: power of the noise in one gain; power of the gains, less the noise.
    var noiseVariance = 0.0
    var signalPower = 0.0
    var trace: String?

    mutating func add(_ subframe: LTESubframe) {
        carrierOffset = [carrierOffset.first ?? subframe.carrierOffset, subframe.carrierOffset]
        snapshots += 1
        let share = 1 / Double(snapshots)
        noiseVariance += (subframe.noiseVariance - noiseVariance) * share
        let gains = subframe.gains[0]
        let power = gains.reduce(0.0) { $0 + Double($1.power) } / Double(max(1, gains.count))
        signalPower += (power - subframe.noiseVariance - signalPower) * share
    }

    var text: String {
        let duration = String(format: "%.6g", Double(samples) / sampleRate)
        var lines = ["\(recording): \(samples) samples, \(duration) s"]
        if let cell {
            lines.append(
                "Cell \(cell.identity): \(cell.duplex.uppercased()), \(cell.cyclicPrefix) prefix, \(cell.ports) "
                    + "port\(cell.ports == 1 ? "" : "s"), frames from sample "
                    + String(format: "%.1f, clock %+.1f ppm", cell.frameStart, cell.clockOffset))
        }
        if let first = carrierOffset.first, let last = carrierOffset.last {
            lines.append(
                String(
                    format: "Subframes: %d, %d with the reference signal; carrier offset %.0f to %.0f Hz",
                    subframes, snapshots, first, last))
            // Two slots make a gain, so that one resource element has half of its signal-to-noise ratio.
            let ratio = signalPower > 0 && noiseVariance > 0 ? signalPower / noiseVariance / 2 : 0
            lines.append(
                String(format: "Gains: power %.4g, noise %.4g", signalPower, noiseVariance)
                    + (ratio > 0 ? String(format: ", SNR of port 0 %.1f dB", 10 * log10(ratio)) : ""))
        }
        if let trace { lines.append("Trace: \(trace)") }
        return lines.joined(separator: "\n")
    }
}
