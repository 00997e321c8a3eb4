// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Quantization
internal import Radio

/// What `probe` shows.
struct ProbeOutcome: CommandResult {
    var radio: String
    var role: String
    var trace: String
    /// Probes in the trace.
    var probes: Int
    var sacrificed: Int
    /// Probes a second at the end.
    var rate: Double
    /// Largest Doppler shift in Hz, where the sacrificed probes tell it.
    var doppler: OrNull<Double>
    /// Milliseconds.
    var turnaround: Double
    /// Hz.
    var carrierOffset: OrNull<Double>
    /// Power of the noise in one gain.
    var noiseVariance: OrNull<Double>
    /// Mean power of a gain less its noise, over its noise, in dB.
    var snr: OrNull<Double>
    /// From a whole window to its gains, mean and longest, in milliseconds.
    var latency: Double
    var longestLatency: Double
    /// By the first probes of the trace, which a key's commissioning publishes; null for fewer than 64.
    var motion: OrNull<MotionMeter>
    var simulated: Bool
    var counts: ProbeTally

    init(_ series: ProbeSeries, out: String) {
        radio = series.radio.name
        role = series.role == .initiator ? "initiator" : "responder"
        trace = out
        probes = series.trace.count
        sacrificed = series.sacrificed.count
        rate = series.rate
        doppler = OrNull(series.doppler?.maximumDoppler)
        turnaround = series.plan.turnaround / .milliseconds(1)
        carrierOffset = OrNull(series.carrierOffset)
        let noise = series.trace.description.noiseVariance
        noiseVariance = OrNull(noise)
        let power = series.trace.gains.reduce(0.0) { $0 + Double($1.power) }
        let mean = power / Double(max(1, series.trace.gains.count))
        snr = OrNull(noise.flatMap { $0 > 0 && mean > $0 ? 10 * log10((mean - $0) / $0) : nil })
        latency = series.latency.mean / .milliseconds(1)
        longestLatency = series.latency.largest / .milliseconds(1)
        motion = OrNull(MotionMeter(series.trace, rate: series.rate))
        simulated = series.radio.simulated
        counts = series.tally
    }

    var text: String {
        var lines = [
            "\(role) on \(radio)\(simulated ? ", SIMULATED" : ""): \(probes) probes in \(trace)",
            "rate       \(format(rate)) a second, turnaround \(format(turnaround)) ms",
        ]
        if let snr = snr.value { lines.append("SNR        \(format(snr)) dB in one gain") }
        if let offset = carrierOffset.value { lines.append("carrier    \(format(offset)) Hz off") }
        if let motion = motion.value {
            lines.append("motion     \(motion.verdict.rawValue): \(motion.prompt)")
        }
        if let doppler = doppler.value {
            lines.append("Doppler    \(format(doppler)) Hz, from \(sacrificed) sacrificed probes")
        }
        lines.append(
            "bursts     \(counts.sent) sent, \(counts.acknowledged) acknowledged, \(counts.heard) heard, "
                + "\(counts.missed) missed, \(counts.late) late, \(counts.spoiled) spoiled, "
                + "\(counts.damaged) windows damaged")
        if counts.unanswerable > 0 {
            lines.append(
                "unanswered \(counts.unanswerable) were heard too late to be answered: a longer --turnaround mends it"
            )
        }
        lines.append(
            "rejected   \(counts.wrongTag) of a wrong tag, \(counts.lowCoherence) of a wrong pilot order")
        lines.append(
            "latency    \(format(latency)) ms from samples to gains, \(format(longestLatency)) at the most")
        return lines.joined(separator: "\n")
    }

    private func format(_ value: Double) -> String { String(format: "%.4g", value) }
}
