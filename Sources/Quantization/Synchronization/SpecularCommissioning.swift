// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Statistics

/// Commissioning of synchronized blocks under a steady line of sight, which needs no search: the ends' constant parts,
/// the modes beside them, and the Doppler law by the likelihood of the blocks.
struct SpecularCommissioning {
    let base: Commissioning
    let tones: [Int]
    /// Rows before which a pair is missing.
    let breaks: [Int]
    let initiator: SpecularGains
    let responder: SpecularGains

    /// Nil where either end has no constant part that is strong enough.
    init?(base: Commissioning, tones: [Int], breaks: [Int], _ a: FeatureMatrix, _ b: FeatureMatrix) {
        guard let initiator = SpecularGains(canonical: a, tones: tones),
            let responder = SpecularGains(canonical: b, tones: tones)
        else { return nil }
        self.base = base
        self.tones = tones
        self.breaks = breaks
        self.initiator = initiator
        self.responder = responder
    }

    /// Snapshots in a block: a longer one loses less to the memory between blocks, a shorter one needs less to
    /// commission.
    static let lengths = [256, 128]
    /// Doppler shifts that are tried at first, in cycles a pair: a grid that rises by a tenth.
    static let shifts = (0..<60).map { 0.0012 * exponentiate(1.1, Double($0)) }.filter { $0 < 0.4 }

    func run(_ a: FeatureMatrix, _ b: FeatureMatrix, keyedPairs: Int) -> Commissioning.Result? {
        let (first, second) = (initiator.residual(a), responder.residual(b))
        guard var modelA = model(first), var modelB = model(second) else { return nil }
        modelA.specular = initiator
        modelB.specular = responder
        let results = Self.lengths.compactMap { length -> Commissioning.Result? in
            let rows = SynchronizedPlan.blocks(
                rows: a.rows, commissioned: a.rows, length: length, breaks: breaks)
            guard rows.count >= SynchronizedCommissioning.leastBlocks,
                let law = law(first, rows, modelA, length: length),
                let streams = streams(first, second, rows, law, modelA, modelB, length: length)
            else { return nil }
            return SynchronizedSelection(
                base: base, streams: streams, length: length, commissioned: a.rows, keyedPairs: keyedPairs,
                references: 0
            ).run()
        }
        return results.max {
            $0.findings.expectedNetPerPair($0.plan) < $1.findings.expectedNetPerPair($1.plan)
        }
    }

    private func model(_ residual: FeatureMatrix) -> SynchronizationModel? {
        GainModes.model(
            residual, rows: Array(0..<residual.rows), rotation: { _ in (0, 0) }, tones: tones,
            lost: SpecularGains.lost)
    }

    /// The likeliest law of any spectrum.
    private func law(
        _ residual: FeatureMatrix, _ rows: [Range<Int>], _ model: SynchronizationModel, length: Int
    ) -> DopplerLaw? {
        guard let specular = model.specular,
            let any = TimeTransform(DopplerLaw(.jakes, doppler: 0.1), length: length, bins: 1)
        else { return nil }
        // The modes don't depend on the law, of which the transform is one.
        let tracker = SpecularTracker(model: model, specular: specular, transform: any)
        let step = max(1, rows.count / LawRefinement.blocks)
        let blocks = stride(from: 0, to: rows.count, by: step).prefix(LawRefinement.blocks).map {
            tracker.run(residual: residual.slice(rows[$0]))
        }
        let refined = UnderlyingChannel.Spectrum.allCases.compactMap { spectrum -> (DopplerLaw, Double)? in
            let laws = Self.shifts.map { DopplerLaw(spectrum, doppler: $0) }
            let costs = laws.map { LawRefinement.cost(blocks, model, law: $0, count: length) }
            guard let least = costs.indices.min(by: { costs[$0] < costs[$1] }) else { return nil }
            let law = LawRefinement.refine(laws[least], blocks, model, count: length)
            return (law, LawRefinement.cost(blocks, model, law: law, count: length))
        }
        return refined.min { $0.1 < $1.1 }?.0
    }

    private func streams(
        _ first: FeatureMatrix, _ second: FeatureMatrix, _ rows: [Range<Int>], _ law: DopplerLaw,
        _ modelA: SynchronizationModel, _ modelB: SynchronizationModel, length: Int
    ) -> SynchronizedCommissioning.Streams? {
        guard let strongest = modelA.powers.first,
            let transform = TimeTransform(law, length: length, least: modelA.noise / strongest)
        else { return nil }
        let a = SpecularTracker(model: modelA, specular: initiator, transform: transform)
        let b = SpecularTracker(model: modelB, specular: responder, transform: transform)
        let results = rows.map { (a.run(residual: first.slice($0)), b.run(residual: second.slice($0))) }
        let bound = BlockTracker.lockedCost(gains: a.gains)
        let locked = results.indices.filter { results[$0].0.cost < bound && results[$0].1.cost < bound }
        guard locked.count >= SynchronizedCommissioning.leastBlocks,
            Double(locked.count) >= SynchronizedCommissioning.leastLocked * Double(rows.count)
        else { return nil }
        return .init(
            law: law, initiator: modelA, responder: modelB, first: locked.map { results[$0].0 },
            second: locked.map { results[$0].1 }, locked: locked.map { rows[$0] },
            share: Double(locked.count) / Double(rows.count))
    }
}
