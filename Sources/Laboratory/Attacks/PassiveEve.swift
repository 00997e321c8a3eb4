// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Pairing
internal import QWaveCore
internal import Quantization
internal import Secrecy

/// A listener whose antenna sees a correlated channel.
struct PassiveEve: Attack {
    let name = "passive-eve"
    let rows = [1]
    let models =
        "Eve listens with one antenna whose fading correlates with the ends' by 0, 0.1, … 0.99, in the ends' decibels "
        + "and (0.7) in linear scale, trains on the published samples and guesses the keyed ones; and she hears the gains "
        + "of a walk from a centimeter beside Bob."
    let criterion =
        "At each correlation the claimed bits per symbol lie below the exact conditional entropy and below what "
        + "the best trained attacker lacks (99 %); 0 key bits at 0.99. Of the key of gains no larger share is left than "
        + "she leaves of the channel's information."
    let control = "Nothing is charged for Eve: neither her trace nor the default correlation."

    func run(_ build: AttackedBuild, _ setting: AttackSetting) async throws -> AttackEvidence {
        var evidence = AttackEvidence()
        // The last one once more: 0.7 in linear scale.
        let correlations = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.7]
        let runs = setting.pick(1, 2, 8)
        for (index, rho) in correlations.enumerated() {
            for run in 0..<runs {
                let seed = setting.seed(100 * run + index)
                var scene = ScalarScene(count: setting.pick(10_000, 20_000, 40_000), seed: seed)
                scene.listen(correlation: rho)
                let isLinear = index == correlations.count - 1
                if isLinear { scene.give(scene.eve.map(ScalarScene.linear)) }
                let report = try await EveReport.make(
                    scene, build, explained: scene.explained(correlation: rho, antennas: 1), seed: seed)
                let at = "Eve at \(rho)" + (isLinear ? ", linear" : "") + (runs > 1 ? ", run \(run + 1)" : "")
                report.judge(at, into: &evidence)
                if rho >= 0.99 { evidence.equal("key bits, \(at)", report.keyBits, 0) }
                setting.progress(0.8 * Double(index * runs + run + 1) / Double(correlations.count * runs))
            }
        }
        let distances: [Double] = setting.pick([0.01], [0.01, 0.02], [0.003, 0.01, 0.02, 0.03])
        for (index, distance) in distances.enumerated() {
            try await hearGains(at: distance, build, setting, index, into: &evidence)
        }
        return evidence
    }

    /// Gains: the key that is left beside an Eve at a distance, against the key that nothing was charged for.
    private func hearGains(
        at distance: Double, _ build: AttackedBuild, _ setting: AttackSetting, _ index: Int,
        into evidence: inout AttackEvidence
    ) async throws {
        let seed = setting.seed(1000 + index)
        let scene = try GainScene(seconds: setting.pick(120, 240, 600), distance: distance, seed: seed)
        let whole = try await scene.exchange(eve: scene.eve, .broken, seed: seed).keyBitsUnchargedForEve
        let left =
            build == .broken
            ? whole : try await scene.exchange(eve: scene.eve, .product, seed: seed).keyBits
        evidence.atLeast("key bits of gains, nothing charged for Eve", Double(whole), 256)
        evidence.atMost(
            "key bits of gains, Eve at \(distance) m", Double(left), scene.secretShare * Double(whole))
    }
}

/// Claimed bits beside what a known law and trained attackers leave of a symbol.
struct EveReport {
    var keyBits: Int
    var symbolBits = 0
    var claimed = 0.0
    var exact: TrainedPredictor.Success?
    var trained: [TrainedPredictor: TrainedPredictor.Success] = [:]

    /// z of 99 %, one-sided.
    static let confidence = 2.326

    /// Runs the exchange with Eve's trace, then the attackers on its keyed part.
    ///
    /// - Parameter explained: R² of a score on all that Eve has, by the scene's law.
    static func make(_ scene: ScalarScene, _ build: AttackedBuild, explained: Double, seed: UInt64)
        async throws -> EveReport
    {
        var options = ExchangeOptions.scene(eveTrace: build == .product)
        // The fault: nobody told the model of her; what the threat model charges nevertheless comes back below.
        let heard = build == .product ? scene.eveTrace : nil
        if build == .broken { options.threatModel.eveTrace = true }
        let exchange = try await AttackedExchange.run(
            scene.aliceTrace, scene.bobTrace, eve: heard, options: options, seed: seed)
        var report = EveReport(keyBits: exchange.keyBits)
        guard let view = try KeyedView(exchange, alice: scene.aliceTrace, eve: scene.eveTrace),
            let component = view.plan.components.first, let terms = exchange.initiator?.certificate?.terms,
            exchange.keyBits > 0
        else { return report }
        report.symbolBits = component.bits
        let uncharged = terms.components.reduce(0) { $0 + Double($1.symbols) * $1.eveCharge }
        // The broken build's claim: the product's, with Eve's charge left out.
        report.claimed = (terms.entropy + (build == .broken ? uncharged : 0)) / Double(terms.symbols)
        for predictor in TrainedPredictor.allCases {
            report.trained[predictor] = predictor.attack(
                view, source: 0, bits: component.bits, helperBits: component.helperBits)
        }
        var generator = ExperimentGenerator(seed: seed ^ 0x5EED)
        let deviation = (1 - explained).squareRoot()
        let law = (0..<20_000).map { _ in
            let guess = explained.squareRoot() * generator.normal()
            return (truth: guess + deviation * generator.normal(), guess: guess, deviation: deviation)
        }
        report.exact = TrainedPredictor.examine(
            law, bits: component.bits, helperBits: component.helperBits)
        return report
    }

    func judge(_ at: String, into evidence: inout AttackEvidence) {
        guard keyBits > 0 else {
            evidence.note("\(at): no key")
            return
        }
        if let exact {
            evidence.atMost(
                "claimed bits/symbol, \(at), against the exact law", claimed,
                exact.crossEntropy + Self.confidence * exact.error)
        }
        if let best = trained.values.min(by: { $0.crossEntropy < $1.crossEntropy }) {
            evidence.atMost(
                "claimed bits/symbol, \(at), against the best trained attacker", claimed,
                best.crossEntropy + Self.confidence * best.error)
        }
        evidence.note("\(at): \(keyBits) key bits")
    }
}
