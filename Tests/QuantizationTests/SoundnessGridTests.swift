// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import QWaveCore
import Testing

@testable import Quantization

/// Documentation/secrecy.md, "Memory", over every model, feature and probe rate. The short form runs always: each model
/// once, at one of the rates, under the features that commission in a moment. `QWAVE_SOUNDNESS=full` runs all of it.
@Suite struct SoundnessGridTests {
    /// Each model at one of the rates.
    static let short: [(channel: SoundnessGrid.Channel, rate: Double)] =
        SoundnessGrid.channels.filter { $0.bandwidth == .mhz20 }.enumerated().map {
            ($0.element, SoundnessGrid.rates[$0.offset % SoundnessGrid.rates.count])
        }
    static let full = SoundnessGrid.channels.flatMap { channel in
        SoundnessGrid.rates.map { (channel: channel, rate: $0) }
    }

    /// What is credited under one feature, and that what is charged for memory is no less than the channel's.
    @discardableResult
    static func check(_ run: SoundnessRun, _ feature: FeatureKind, stride: Int? = nil) throws -> Double {
        let (bits, result) = try run.credited(feature, stride: stride)
        let plan = result.plan
        let about = "\(feature), stride \(plan.stride)"
        #expect(bits <= run.ceiling, "\(about): \(bits) of \(run.ceiling)")
        if feature != .scalar, !plan.components.isEmpty, plan.synchronization == nil {
            let exact = UnderlyingChannelTests.exactMemory(run.parameters, stride: plan.stride, order: 100)
            #expect(result.findings.memoryPerRow >= exact, "\(about): memory below \(exact)")
        }
        return bits
    }

    @Test(arguments: short)
    func `no model's credit exceeds its information, at one probe rate each`(
        channel: SoundnessGrid.Channel, rate: Double
    ) throws {
        // A feature of one snapshot needs rows at the channel's pace, whatever the probe rate.
        let run = try SoundnessRun(channel, rate: rate, pairs: Int(21 * rate))
        var credits = [try Self.check(run, .canonical, stride: run.pace), try Self.check(run, .scalar)]
        if rate == 50 { credits.append(try Self.check(run, .amplitude, stride: run.pace)) }
        // What is refused everywhere shows nothing; beside a line of sight it may be.
        if run.parameters.linearRiceFactor == 0 {
            #expect(credits.allSatisfy { $0 > 0.02 * run.ceiling }, "\(credits)")
        }
    }

    @Test(.enabled(if: SoundnessGrid.isFull, "many minutes; QWAVE_SOUNDNESS=full"), arguments: full)
    func `no feature's credit exceeds any model's information, at any probe rate`(
        channel: SoundnessGrid.Channel, rate: Double
    ) throws {
        let run = try SoundnessRun(channel, rate: rate, pairs: Int(max(36 * rate, 2700)))
        for feature in [FeatureKind.amplitude, .canonical, .aligned] {
            for stride in [1, run.pace] { try Self.check(run, feature, stride: stride) }
        }
        let scalar = try Self.check(run, .scalar)
        try Self.check(run, .synchronized)
        // Strengths of a channel without a line of sight are always worth something.
        if run.parameters.linearRiceFactor == 0 { #expect(scalar > 0.02 * run.ceiling) }
    }

    /// A constant part once made the fit take a walk for the bell, which forgets.
    @Test(arguments: [("rayleigh", -3.0), ("rayleigh", 6), ("tgn-d", -3), ("tgn-d", 6)], [0, 0.7])
    func `a line of sight hides no memory, whether it stands or moves`(
        scene: (name: String, factor: Double), share: Double
    ) throws {
        var parameters = SimulationParameters(
            model: try ChannelModel(named: scene.name), snr: 20, speed: 1, probeRate: 50, duration: 24,
            seed: 1)
        parameters.riceFactor = scene.factor
        parameters.lineOfSightDoppler = share * parameters.maximumDoppler
        let trace = try TwoSidedSimulator(parameters).trace(.alice)
        let gains = try FeatureExtractor(kind: .canonical, like: trace)
            .features(of: trace, at: Array(0..<trace.count))
        let found = UnderlyingChannel(initiator: gains, kind: .canonical)
        for stride in [1, 4] {
            let exact = UnderlyingChannelTests.exactMemory(parameters, stride: stride, order: 100)
            let charged = try #require(found.memory(stride: stride))
            #expect(charged >= exact, "stride \(stride): \(charged) for \(exact), \(found.fits)")
        }
    }
}
