// SPDX-License-Identifier: GPL-3.0-or-later
internal import ArgumentParser
internal import CaptureFormats
internal import Foundation
internal import QWaveCore
internal import Radio

/// `qwave calibrate`: the ratio of the two directions' hardware, from sacrificed probes.
struct CalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "The ratio of both directions' transmit and receive chains, from sacrificed probes.",
        discussion: """
            Takes both ends' traces of the same sacrificed probes (qwave probe --sacrifice 256 --sacrificed \
            FILE). Whoever sees both traces knows these probes: never key them. A ratio of 0 dB and 0° on all \
            tones is a perfectly reciprocal pair; a ripple that stays the same from run to run is the \
            hardware's, and the exchange's commissioning sees it as a lower correlation.

            Example:
              qwave calibrate alice-sacrificed.qwt bob-sacrificed.qwt
            """)

    @Argument(help: ArgumentHelp("The initiator's sacrificed probes.", valueName: "alice"))
    var alice: String

    @Argument(help: ArgumentHelp("The responder's sacrificed probes.", valueName: "bob"))
    var bob: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let ratio = try ChainRatio(
            initiator: try CaptureArgument(parsing: alice).trace(),
            responder: try CaptureArgument(parsing: bob).trace())
        try output.show(Calibration(ratio))
    }
}

/// What `calibrate` shows.
struct Calibration: CommandResult {
    var pairs: Int
    var tones: [Int]
    /// |ratio| in dB and its phase in degrees, tone by tone.
    var decibels: [Double]
    var degrees: [Double]
    var amplitudeSpread: Double
    var phaseSpread: Double

    init(_ ratio: ChainRatio) {
        pairs = ratio.pairs
        tones = ratio.tones
        decibels = ratio.ratio.map { 20 * log10(Double(max($0.amplitude, 1e-9))) }
        degrees = ratio.ratio.map { atan2(Double($0.im), Double($0.re)) * 180 / .pi }
        amplitudeSpread = ratio.amplitudeSpread
        phaseSpread = ratio.phaseSpread
    }

    var text: String {
        var lines = [
            String(
                format: "%d pairs of probes: amplitudes differ by %.2f dB over the band, phases by %.1f° rms",
                pairs, amplitudeSpread, phaseSpread),
            "  tone      dB   degrees",
        ]
        for index in tones.indices {
            lines.append(String(format: "%6d  %6.2f  %8.1f", tones[index], decibels[index], degrees[index]))
        }
        return lines.joined(separator: "\n")
    }
}
