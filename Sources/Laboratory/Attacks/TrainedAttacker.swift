// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import ChannelModels
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// Attackers that learn on the published part of simulated and recorded captures.
struct TrainedAttacker: Attack {
    let name = "trained-attacker"
    let rows = [1, 2]
    let models =
        "Autoregressive, ridge and quadratic predictors learn on the published samples of TGn channels (signal "
        + "strength and gains, walking, Eve near, also in linear scale) and of recorded captures, are given the true "
        + "past, and guess what was keyed."
    let criterion =
        "In every case what the best of them gains lies within what was charged (99 %), and no more signs are "
        + "guessed than that charge allows."
    let control = "Memory and Eve are left out of the charge."

    /// A channel, and how fast it is probed.
    private struct Case {
        var label: String
        var parameters: SimulationParameters
        var options: ExchangeOptions
        var isStrength: Bool
        /// Eve records amplitudes where the ends record decibels.
        var isLinear = false
    }

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        let cases = try cases(setting)
        let recordings = recordings(setting, into: &evidence)
        let total = Double(cases.count + recordings.count)
        for (index, test) in cases.enumerated() {
            let simulator = try TwoSidedSimulator(test.parameters)
            var traces = try [SimulatedEnd.alice, .bob, .eve].map { end throws(QWaveError) in
                try simulator.trace(end)
            }
            if test.isStrength { traces = traces.map { $0.asRSSI(step: 0.1) } }
            if test.isLinear { traces[2] = Self.linear(traces[2]) }
            try await attack(
                test.label, traces[0], traces[1], traces[2], test.options, build, setting.seed(index),
                into: &evidence)
            setting.progress(Double(index + 1) / total)
        }
        for (index, folder) in recordings.enumerated() {
            let pair = folder.appendingPathComponent("pair.csv").path
            let alice = try CaptureReader.read(path: pair, column: "alice_dbm")
            let bob = try CaptureReader.read(path: pair, column: "bob_dbm")
            let path = folder.appendingPathComponent("eve.csv").path
            let eve =
                FileManager.default.fileExists(atPath: path)
                ? try CaptureReader.read(path: path, column: "eve_0_dbm,eve_1_dbm") : nil
            var options = ExchangeOptions()
            options.threatModel.eveTrace = eve != nil
            // A long record is cut: the predictors need no more.
            let limit = setting.pick(12_000, 24_000, 100_000)
            try await attack(
                "recorded \(folder.lastPathComponent)", alice.selecting(0..<min(limit, alice.count)),
                bob.selecting(0..<min(limit, bob.count)), eve, options, build, setting.seed(1000 + index),
                into: &evidence)
            setting.progress(Double(cases.count + index + 1) / total)
        }
        return evidence
    }

    private func cases(_ setting: AttackSetting) throws -> [Case] {
        var cases: [Case] = []
        let speeds = setting.pick([1.0], [0.5, 1], [0.3, 0.5, 1, 2])
        let distances = setting.pick([0.02], [0.02, 0.06], [0.01, 0.02, 0.03, 0.06, 0.12])
        for speed in speeds {
            for distance in distances {
                var parameters = SimulationParameters(
                    model: TGn.d.model, snr: 20, speed: speed, probeRate: 20,
                    duration: setting.pick(600, 900, 1800), seed: setting.seed(cases.count))
                parameters.toneIndices = [-20, -7, 7, 20]
                parameters.eve = EveParameters(distanceToBob: distance)
                var options = ExchangeOptions()
                options.threatModel.eveTrace = true
                options.maximumBits = 2
                options.stride = setting.length == .quick ? 2 : nil
                options.trendWindow = setting.length == .quick ? 31 : nil
                cases.append(
                    Case(
                        label: "strength, \(speed) m/s, Eve at \(distance) m", parameters: parameters,
                        options: options, isStrength: true))
            }
        }
        if var linear = cases.first {
            linear.label += ", linear"
            linear.isLinear = true
            cases.append(linear)
        }
        let places: [Double] = setting.pick([0.02], [0.02, 0.5], [0.01, 0.02, 0.03, 0.5])
        for (index, distance) in places.enumerated() {
            var parameters = SimulationParameters(
                model: TGn.d.model, snr: 25, speed: 1, probeRate: 50, duration: setting.pick(150, 240, 600),
                seed: setting.seed(99 + index))
            parameters.eve = EveParameters(distanceToBob: distance)
            var options = GainScene.options
            options.threatModel.eveTrace = true
            cases.append(
                Case(
                    label: "gains, 1 m/s, Eve at \(distance) m", parameters: parameters, options: options,
                    isStrength: false))
        }
        return cases
    }

    /// Decibels as amplitudes, in a capture that says decibels still: Eve's gauge is nobody's business.
    private static func linear(_ trace: ChannelTrace) -> ChannelTrace {
        var result = ChannelTrace(description: trace.description)
        for index in 0..<trace.count {
            result.append(
                sequence: trace.sequence(at: index), time: trace.time(at: index),
                shape: trace.shape(at: index),
                gains: trace.gains(at: index).map { IQ(Float(pow(10, Double($0.re) / 20)), 0) })
        }
        return result
    }

    private func recordings(_ setting: AttackSetting, into evidence: inout AttackEvidence) -> [URL] {
        guard let captures = setting.captures else {
            evidence.note("recorded captures: skipped, no folder of captures was given")
            return []
        }
        let folder = captures.appendingPathComponent("reciprocal")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let found = names.sorted().map { folder.appendingPathComponent($0) }.filter { folder in
            guard
                let head = FileHandle(forReadingAtPath: folder.appendingPathComponent("pair.csv").path),
                let bytes = try? head.read(upToCount: 200)
            else { return false }
            return String(decoding: bytes, as: UTF8.self).contains("alice_dbm")
        }
        if found.isEmpty {
            evidence.note("recorded captures: skipped, \(captures.path)/reciprocal holds no pair.csv")
        }
        return setting.length == .quick ? Array(found.prefix(2)) : found
    }

    private func attack(
        _ at: String, _ alice: ChannelTrace, _ bob: ChannelTrace, _ eve: ChannelTrace?,
        _ options: ExchangeOptions, _ build: AttackedBuild, _ seed: UInt64,
        into evidence: inout AttackEvidence
    ) async throws {
        let exchange = try await AttackedExchange.run(alice, bob, eve: eve, options: options, seed: seed)
        guard let certificate = exchange.initiator?.certificate,
            let view = try KeyedView(exchange, alice: alice, eve: eve)
        else {
            evidence.note("\(at): no key, \(exchange.reason)")
            return
        }
        // Bits of one row over all components: what is claimed, and what the best attacker lacks.
        var claimed = 0.0
        var lacking = 0.0
        var variance = 0.0
        var isTrained = true
        for (component, term) in zip(view.plan.components, certificate.terms.components) {
            let charge =
                term.deficit + (build == .product ? term.memoryCharge + term.eveCharge : 0)
            // Classes of segments share their source: each is charged alike, so one of them stands for all.
            if component.segmentClass != nil, component != view.plan.components.first { continue }
            let found = TrainedPredictor.allCases.compactMap {
                $0.attack(
                    view, source: component.source, bits: component.bits, helperBits: component.helperBits)
            }
            guard let best = found.min(by: { $0.crossEntropy < $1.crossEntropy }) else {
                isTrained = false
                continue
            }
            claimed += Double(component.bits) - charge
            lacking += best.crossEntropy
            variance += best.error * best.error
            let spread = (0.25 / Double(best.symbols)).squareRoot()
            evidence.atMost(
                "signs guessed, \(at), \(term.name)", found.map(\.accuracy).max() ?? .nan,
                TrainedPredictor.largestAccuracy(charge: charge) + EveReport.confidence * spread)
        }
        guard isTrained else {
            evidence.note("\(at): too few published samples to train on")
            return
        }
        evidence.atMost(
            "claimed bits/row, \(at)", claimed, lacking + EveReport.confidence * variance.squareRoot())
        evidence.note("\(at): \(exchange.keyBits) key bits")
    }
}
