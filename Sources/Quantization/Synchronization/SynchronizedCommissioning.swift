// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Statistics

/// Commissioning of the synchronized feature: the law by which blocks lock, the ends' models, the components.
///
/// Both ends run it on the published canonical gains of both, with the same result.
struct SynchronizedCommissioning {
    let base: Commissioning
    let tones: [Int]
    let channel: UnderlyingChannel
    /// Rows before which a pair is missing.
    let breaks: [Int]
    /// Snapshots in a block.
    var length = 128

    /// Coefficients of each block that are given up for its phase.
    static let references = 12
    /// Blocks that must be there to commission, and the share of them that must lock at both ends.
    static let leastBlocks = 16
    static let leastLocked = 0.9
    /// Blocks that find the law.
    static let trial = 8

    func run(_ a: FeatureMatrix, _ b: FeatureMatrix, eve: EveFeatures?, keyedPairs: Int)
        -> Commissioning.Result
    {
        // She would have to be synchronized and regressed on; until that is there, her record forbids this feature.
        guard eve == nil else { return refusal(a, "a recorded Eve can't be charged on synchronized blocks") }
        let rows = SynchronizedPlan.blocks(
            rows: a.rows, commissioned: a.rows, length: length, breaks: breaks)
        guard rows.count >= Self.leastBlocks else {
            return refusal(
                a,
                "\(rows.count) whole blocks of \(length) neighboring pairs can't commission synchronization: "
                    + "record longer or lose fewer probes")
        }
        guard !channel.fits.isEmpty else {
            return refusal(a, "no Doppler spectrum fits the recorded gains, so no block can be synchronized")
        }
        // A wide spectrum lets anything lock and charges it all away: what is left decides among those that fit.
        let results = channel.fits.compactMap { fit -> Commissioning.Result? in
            synchronize(a, b, rows, law: DopplerLaw(fit.spectrum, doppler: fit.doppler)).map { found in
                SynchronizedSelection(
                    base: base, streams: found, length: length, commissioned: a.rows, keyedPairs: keyedPairs
                ).run() ?? refusal(a, "no component of synchronized blocks is worth keying")
            }
        }
        guard
            let best = results.max(by: {
                $0.findings.expectedNetPerPair($0.plan) < $1.findings.expectedNetPerPair($1.plan)
            })
        else {
            return refusal(
                a,
                "too few commissioning blocks lock to a common phase track: slow motion, or not this channel")
        }
        return best
    }

    /// Both ends' synchronized commissioning blocks and what they were synchronized by.
    struct Streams {
        var law: DopplerLaw
        var initiator: SynchronizationModel
        var responder: SynchronizationModel
        var first: [BlockTracker.Result]
        var second: [BlockTracker.Result]
        /// The blocks that locked at both ends, and what share of all they are.
        var locked: [Range<Int>]
        var share: Double
    }

    private func synchronize(
        _ a: FeatureMatrix, _ b: FeatureMatrix, _ rows: [Range<Int>], law start: DopplerLaw
    ) -> Streams? {
        guard let (law, model) = entry(a, rows, start) else { return nil }
        var current = law
        var models: [SynchronizationModel] = []
        for features in [a, b] {
            guard let canonical = features == a ? model : canonicalModel(b) else { return nil }
            // A trial with canonical modes gives better ones.
            let trial = Array(rows.prefix(2 * Self.trial))
            let results = track(features, trial, canonical, current)
            if features == a {
                current = LawRefinement.refine(
                    current, best(results).map(\.result), canonical, count: length)
            }
            guard let better = remodel(features, zip(trial, results).map { ($0, $1) }) else { return nil }
            models.append(better)
        }
        var first: [BlockTracker.Result] = []
        var second: [BlockTracker.Result] = []
        // All blocks under the better models, which give the last ones.
        for round in 0..<2 {
            first = track(a, rows, models[0], current)
            second = track(b, rows, models[1], current)
            guard round == 0 else { break }
            current = LawRefinement.refine(current, best(first).map(\.result), models[0], count: length)
            guard let modelA = remodel(a, zip(rows, first).map { ($0, $1) }),
                let modelB = remodel(b, zip(rows, second).map { ($0, $1) })
            else { return nil }
            models = [modelA, modelB]
            current = profile(a, Array(rows.prefix(Self.trial)), models[0], current)
        }
        let bound = BlockTracker.lockedCost(gains: Double(length * tones.count))
        let locked = rows.indices.filter { first[$0].cost < bound && second[$0].cost < bound }
        guard locked.count >= Self.leastBlocks,
            Double(locked.count) >= Self.leastLocked * Double(rows.count)
        else { return nil }
        return Streams(
            law: current, initiator: models[0], responder: models[1], first: locked.map { first[$0] },
            second: locked.map { second[$0] }, locked: locked.map { rows[$0] },
            share: Double(locked.count) / Double(rows.count))
    }

    private func canonicalModel(_ features: FeatureMatrix) -> SynchronizationModel? {
        let step = max(1, features.rows / 4000)
        let rows = Array(stride(from: 0, to: features.rows, by: step))
        return GainModes.model(features, rows: rows, rotation: { _ in (0, 0) }, tones: tones)
    }

    /// The scale of the fitted law under which most trial blocks lock, and the initiator's canonical model.
    private func entry(_ a: FeatureMatrix, _ rows: [Range<Int>], _ law: DopplerLaw)
        -> (DopplerLaw, SynchronizationModel)?
    {
        guard let model = canonicalModel(a) else { return nil }
        let trial = Array(rows.prefix(Self.trial))
        var found: (law: DopplerLaw, cost: Double)?
        for scale in [1, 1.03, 0.97, 1.06, 0.94, 1.1] {
            let scaled = law.scaled(by: scale)
            guard scaled.isValid else { continue }
            let costs = track(a, trial, model, scaled).map(\.cost).sorted()
            // The middle one: half the blocks lock, or the law is wrong.
            let middle = costs[costs.count / 2]
            if middle < found?.cost ?? .infinity { found = (scaled, middle) }
            if middle < 1.1 { break }
        }
        guard let found, found.cost < Self.entryCost else { return nil }
        return (found.law, model)
    }

    /// Canonical modes are not quite the channel's: until they are refined a block may cost so much.
    private static let entryCost = 1.5

    /// The likeliest law when the blocks are synchronized anew under each: blocks that were synchronized under too wide
    /// a spectrum fill it, so their own modes can't tell.
    private func profile(
        _ features: FeatureMatrix, _ rows: [Range<Int>], _ model: SynchronizationModel, _ law: DopplerLaw
    ) -> DopplerLaw {
        let gains = Double(length * tones.count)
        func cost(_ law: DopplerLaw) -> Double {
            let tracker = BlockTracker(model, law: law, count: length)
            return rows.reduce(0) {
                $0 + tracker.run(features, rows: $1).cost * gains + tracker.law.logDeterminant
            }
        }
        var best = (law: law, cost: cost(law))
        for step in [0.02, 0.01, 0.005] {
            for sign in [-1.0, 1] {
                var next = best.law.scaled(by: 1 + sign * step)
                while next.isValid, case let value = cost(next), value < best.cost {
                    best = (next, value)
                    next = next.scaled(by: 1 + sign * step)
                }
            }
        }
        return best.law
    }

    private func track(
        _ features: FeatureMatrix, _ rows: [Range<Int>], _ model: SynchronizationModel, _ law: DopplerLaw
    ) -> [BlockTracker.Result] {
        let tracker = BlockTracker(model, law: law, count: length)
        return rows.map { tracker.run(features, rows: $0) }
    }

    /// The better half of the blocks: those that locked.
    private func best(_ results: [BlockTracker.Result]) -> [(place: Int, result: BlockTracker.Result)] {
        let order = results.indices.sorted { results[$0].cost < results[$1].cost }
        let bound = max(1.1 * results[order[order.count / 4]].cost, results[order[order.count / 2]].cost)
        return results.indices.filter { results[$0].cost <= bound }.map { ($0, results[$0]) }
    }

    /// An end's model from its synchronized blocks.
    private func remodel(
        _ features: FeatureMatrix, _ blocks: [(rows: Range<Int>, result: BlockTracker.Result)]
    ) -> SynchronizationModel? {
        let chosen = best(blocks.map(\.result)).map(\.place)
        let rows = chosen.flatMap { Array(blocks[$0].rows) }
        return GainModes.model(
            features, rows: rows,
            rotation: { index in
                let (block, place) = (chosen[index / length], index % length)
                return (
                    Double(blocks[block].result.phases[place]), Double(blocks[block].result.slopes[place])
                )
            }, tones: tones)
    }

    private func refusal(_ a: FeatureMatrix, _ obstacle: String) -> Commissioning.Result {
        var findings = Commissioning.Findings()
        findings.obstacle = obstacle
        findings.rows = a.rows / length
        let map = LinearMap(mean: [Double](repeating: 0, count: a.columns), selection: [0])
        let flat = [MarginalDistribution(samples: (0..<16).map(Double.init))].compactMap(\.self)
        let plan = QuantizationPlan(
            feature: .canonical, trend: TrendRemoval(window: 0), stride: 1, decorrelation: .identity,
            initiatorMap: map, responderMap: map, initiatorMarginals: flat, responderMarginals: flat,
            components: [], model: ComponentModel(components: []), commissionedPairs: a.rows)
        return Commissioning.Result(plan: plan, findings: findings)
    }
}
