// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Statistics
import Testing

@testable import Quantization

/// What the soundness test runs over: every model, feature and probe rate.
enum SoundnessGrid {
    /// A channel of the grid, at a walk.
    struct Channel: Sendable, Hashable, CustomTestStringConvertible {
        var name: String
        var bandwidth = Bandwidth.mhz20
        var snr = 20.0

        var testDescription: String {
            "\(name), \(bandwidth), \(Int(snr)) dB"
        }

        func parameters(rate: Double, seconds: Double, seed: UInt64) throws -> SimulationParameters {
            SimulationParameters(
                model: try ChannelModel(named: name, bandwidth: bandwidth), bandwidth: bandwidth, snr: snr,
                speed: 1, probeRate: rate, duration: seconds, seed: seed)
        }
    }

    /// The whole grid takes a quarter of an hour.
    static let isFull = ProcessInfo.processInfo.environment["QWAVE_SOUNDNESS"] == "full"

    static let rates = [50.0, 100, 200]
    /// TGn A to F, TDL A to E at 100 ns, flat fading, and a wide band.
    static let channels: [Channel] =
        (TGn.allCases.map { "tgn-\($0.rawValue)" } + TDL.allCases.map { "tdl-\($0.rawValue)" }
        + ["rayleigh", "rice"]).map { Channel(name: $0) } + [Channel(name: "tgac-d", bandwidth: .mhz80)]

    /// What a plan is credited a minute: Σ (I − c), memory and dependence inside a snapshot in c.
    static func credited(_ plan: QuantizationPlan, rate: Double, shares: [Double]? = nil) -> Double {
        let rows = 60 * rate / Double(plan.stride * plan.timeBlock)
        return plan.model.components.enumerated().reduce(0) { sum, next in
            let symbols =
                shares?[next.offset]
                ?? Double(plan.symbolsPerRow(source: plan.components[next.offset].source))
            return sum + rows * symbols
                * (SampleStatistics.information(next.element.correlation) - next.element.memoryCharge)
        }
    }

    /// Of all samples the share that falls into each component's class of segments.
    static func shares(_ plan: QuantizationPlan, of features: FeatureMatrix) -> [Double] {
        let (clean, segments) = ComponentStreams.clean(
            features, trend: plan.trend, segmentLength: plan.segmentLength)
        let classes = (0..<clean.rows).map { row in
            plan.segmentClass(
                rootMeanSquare: segments[min(row / max(plan.segmentLength, 1), segments.count - 1)])
        }
        return plan.components.map { component in
            Double(classes.count { $0 == component.segmentClass }) / Double(max(classes.count, 1))
        }
    }
}

/// Both ends' traces of one run, and what is credited under any feature of them.
struct SoundnessRun {
    let parameters: SimulationParameters
    private let traces: [ChannelTrace]
    private let gains: [FeatureMatrix]
    let ceiling: Double
    /// Pairs between looks at a channel that has forgotten most of the last one.
    let pace: Int

    init(_ channel: SoundnessGrid.Channel, rate: Double, pairs: Int, seed: UInt64 = 5) throws {
        parameters = try channel.parameters(rate: rate, seconds: Double(pairs) / rate, seed: seed)
        let simulator = try TwoSidedSimulator(parameters)
        traces = [try simulator.trace(.alice), try simulator.trace(.bob)]
        gains = try traces.map { trace in
            try FeatureExtractor(kind: .canonical, like: trace)
                .features(of: trace, at: Array(0..<trace.count))
        }
        ceiling = simulator.ceilings.bitsPerMinute
        pace = 4 * Int(rate / 50)
    }

    /// Bits a minute, and the plan; a quantile so lenient that little is refused.
    func credited(_ feature: FeatureKind, stride: Int? = nil) throws -> (
        bits: Double, result: Commissioning.Result
    ) {
        // Strengths as a card would report them, finer than its decibels, which would only lose.
        let isScalar = feature == .scalar
        let published: FeatureKind = isScalar ? .scalar : .canonical
        let ends =
            isScalar
            ? try traces.map { trace in
                let levels = trace.asRSSI(step: 0.01)
                return try FeatureExtractor(kind: .scalar, like: levels)
                    .features(of: levels, at: Array(0..<levels.count))
            } : gains
        var options = Commissioning.Options()
        options.feature = isScalar ? nil : feature
        options.rate = parameters.probeRate
        options.stride = stride
        options.maximumBits = 3
        if feature == .synchronized || isScalar { options.reconciliation = .soft(excess: 0.075) }
        let result = try Commissioning(options: options, charges: PlainCharges(z: 2)).run(
            initiator: ends[0], responder: ends[1], published: published,
            tones: isScalar ? [] : parameters.tones, keyedPairs: 100_000_000)
        let plan = result.plan
        let shares = isScalar ? SoundnessGrid.shares(plan, of: ends[0]) : nil
        return (SoundnessGrid.credited(plan, rate: parameters.probeRate, shares: shares), result)
    }
}
