// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Statistics

/// Commissioning of snapshots with many gains: canonical phase or amplitude, decorrelated over subcarriers.
struct VectorCommissioning {
    let base: Commissioning
    let kind: FeatureKind
    /// What was published: amplitudes may come out of canonical gains.
    let published: FeatureKind
    let channel: UnderlyingChannel
    /// Tone index of each gain, where known.
    let tones: [Int]

    /// Components that are looked at, at the most.
    static let maximumComponents = 48
    /// Correlation between the ends below which a component is never keyed.
    static let leastCorrelation = 0.4

    /// One component that might be keyed, with what it is worth before the charges of the whole snapshot.
    struct Choice {
        var source: Int
        var bits: Int
        var helperBits: Int
        var correlation: Double
        var lower: Double
        /// Plug-in deficit of uniformity and the numbers fitted for it; bounded for all components together.
        var deficit: Double
        var cells: Int
        var eve: Double
        var errors: ErrorLaw
        /// Net bits before what is charged for the whole snapshot.
        var worth: Double
    }

    func run(
        _ publishedA: FeatureMatrix, _ publishedB: FeatureMatrix, eve: EveFeatures?, keyedPairs: Int
    ) -> Commissioning.Result {
        let options = base.options
        let window = options.trendWindow.map { $0 | 1 } ?? (options.rate.map { Int(30 * $0) | 1 } ?? 1501)
        let trend = TrendRemoval(window: window)
        let columns =
            kind == .amplitude && published != .amplitude ? publishedA.columns / 2 : publishedA.columns
        let alignment = kind == .aligned ? AlignedGains(canonical: publishedA, tones: tones) : nil
        let rawA = ComponentStreams.features(publishedA, kind: kind, columns: columns, alignment: alignment)
        let joints = options.joints
        let a = ComponentStreams.clean(rawA, trend: trend, segmentLength: 0, joints: joints).0
        let b = ComponentStreams.clean(
            ComponentStreams.features(publishedB, kind: kind, columns: columns, alignment: alignment),
            trend: trend, segmentLength: 0, joints: joints
        ).0
        var inside: Double?
        if kind == .aligned {
            let (values, noise) = UnderlyingChannel.modeSpectrum(rawA, half: columns / 2)
            // The bound is that of the Karhunen–Loève components of single snapshots.
            inside =
                options.decorrelation == .klt ? AlignedDependence.charge(values: values, noise: noise) : nil
            guard alignment != nil, inside != nil else {
                return refusal(
                    a, trend: trend,
                    "no bound is known on the dependence inside an aligned snapshot of this channel: use another feature",
                    stride: 1, commissioned: publishedA.rows)
            }
        }
        var results: [Commissioning.Result] = []
        // Undecimated rows estimate what is inside a snapshot; a transform over time needs rows at its own pace.
        let paced = options.decorrelation == .dct
        var prepared =
            paced
            ? nil
            : prepare(a, b) { maps in
                regressors(eve, maps, trend: trend, stride: 1, alignment: alignment, reference: rawA)
            }
        prepared?.alignment = alignment
        prepared?.inside = inside
        for stride in options.stride.map({ [$0] }) ?? [1, 2, 3, 4, 6, 8, 12, 16, 24]
        where a.rows / stride >= 256 {
            if paced {
                prepared = prepare(
                    ComponentStreams.block(
                        ComponentStreams.decimate(a, stride: stride), timeBlock: options.timeBlock,
                        decorrelation: .dct, kind: kind),
                    ComponentStreams.block(
                        ComponentStreams.decimate(b, stride: stride), timeBlock: options.timeBlock,
                        decorrelation: .dct, kind: kind)
                ) { maps in
                    regressors(eve, maps, trend: trend, stride: stride, alignment: alignment, reference: rawA)
                }
                prepared?.alignment = alignment
                prepared?.inside = inside
            }
            guard let prepared else {
                results.append(
                    refusal(
                        a, trend: trend,
                        "the commissioned covariance isn't usable: constant gains",
                        stride: stride, commissioned: publishedA.rows))
                continue
            }
            results.append(
                run(
                    prepared, a, trend: trend, stride: stride, commissioned: publishedA.rows,
                    keyedPairs: keyedPairs))
        }
        return results.max {
            $0.findings.expectedNetPerPair($0.plan) < $1.findings.expectedNetPerPair($1.plan)
        }
            ?? refusal(
                a, trend: trend, "\(a.rows) pairs can't commission \(a.columns) features: record longer",
                stride: 1, commissioned: publishedA.rows)
    }

    /// What doesn't depend on the decimation: maps, components, scores and what each component is worth.
    private struct Prepared {
        var maps: Decorrelator
        var rawA: [[Double]]
        var rawB: [[Double]]
        var marginalsA: [MarginalDistribution?]
        var marginalsB: [MarginalDistribution?]
        var usable: [Int]
        var x: [[Double]]
        var y: [[Double]]
        var estimates: Int
        var effective: Double
        /// The choices under each limit of bits, 1, 2, … `maximumBits`.
        var choices: [[Choice]]
        var alignment: AlignedGains?
        /// What stands against keying any component, in words.
        var obstacle: String?
        /// The bound on the dependence inside a snapshot, where one is known.
        var inside: Double?
        /// The dependence charge of a selection, by its components: computed once for all strides.
        var dependence = DependenceCache()
        var rows: Int { rawA.first?.count ?? 0 }
    }

    /// Charges by selected sources.
    private final class DependenceCache {
        var charges: [[Int]: Double] = [:]
    }

    private func prepare(
        _ a: FeatureMatrix, _ b: FeatureMatrix, regressors: (Decorrelator) -> EveRegressors?
    ) -> Prepared? {
        guard let maps = Decorrelator(base.options.decorrelation, a, b, limit: Self.maximumComponents) else {
            return nil
        }
        let rawA = maps.initiator.apply(a)
        let rawB = maps.responder.apply(b)
        let marginalsA = rawA.map { MarginalDistribution(samples: $0) }
        let marginalsB = rawB.map { MarginalDistribution(samples: $0) }
        let usable = rawA.indices.filter { marginalsA[$0] != nil && marginalsB[$0] != nil }
        let x = usable.map { k in rawA[k].map { marginalsA[k]?.score($0) ?? 0 } }
        let y = usable.map { k in rawB[k].map { marginalsB[k]?.score($0) ?? 0 } }
        let estimates = max(1, 4 * usable.count * 9)
        let effective = zip(x, y).map {
            SampleStatistics.effectiveCount($0, $1, joints: base.options.joints)
        }
        // What the ends don't share isn't keyed, whatever Eve knows of it.
        let shared = usable.indices.filter { Series.correlation(x[$0], y[$0]) > Self.leastCorrelation }
        let eavesdropper = regressors(maps).map { regressors in
            EveRegression(
                regressors, targets: shared.map { x[$0] }, sources: shared.map { usable[$0] },
                effective: shared.map { effective[$0] }
            ) {
                base.charges.upperBound(
                    $0, effectiveSamples: $1, parameters: $2, estimates: estimates)
            }
        }
        let ofComponents = shared.enumerated().map { place, index in
            choose(
                source: usable[index], x[index], y[index], effective: effective[index],
                estimates: estimates, eve: eavesdropper.map { $0.bounds[place] })
        }
        let choices = (0..<base.options.maximumBits).map { limit in
            ofComponents.compactMap { $0[limit] }.sorted { $0.source < $1.source }
        }
        var obstacle: String?
        if let bounds = eavesdropper?.bounds, !shared.isEmpty, choices.allSatisfy(\.isEmpty) {
            obstacle =
                bounds.allSatisfy { $0 == nil }
                ? "the commissioning rows carry no bound on what the recorded Eve knows: record longer, or her with fewer antennas"
                : "the recorded Eve knows so much of every component that none is worth keying"
        }
        return Prepared(
            maps: maps, rawA: rawA, rawB: rawB, marginalsA: marginalsA, marginalsB: marginalsB,
            usable: usable, x: x,
            y: y, estimates: estimates, effective: effective.min() ?? 0,
            choices: choices, obstacle: obstacle)
    }

    /// What a recorded Eve offers under these maps.
    private func regressors(
        _ eve: EveFeatures?, _ maps: Decorrelator, trend: TrendRemoval, stride: Int, alignment: AlignedGains?,
        reference: FeatureMatrix
    ) -> EveRegressors? {
        eve.map {
            EveRegressors(
                $0, kind: kind, alignment: alignment, trend: trend, stride: stride,
                timeBlock: base.options.decorrelation == .dct ? base.options.timeBlock : 1,
                decorrelation: base.options.decorrelation, initiator: maps.initiator,
                responder: maps.responder, reference: reference)
        }
    }

    private func refusal(
        _ a: FeatureMatrix, trend: TrendRemoval, _ obstacle: String, stride: Int, commissioned: Int
    ) -> Commissioning.Result {
        var findings = Commissioning.Findings()
        findings.obstacle = obstacle
        findings.rows = a.rows / stride
        let map = LinearMap(mean: [Double](repeating: 0, count: a.columns), selection: [0])
        let flat = [MarginalDistribution(samples: (0..<16).map(Double.init))].compactMap(\.self)
        let plan = QuantizationPlan(
            feature: kind == .aligned ? .canonical : kind, trend: trend, stride: stride,
            decorrelation: .identity,
            initiatorMap: map,
            responderMap: map, initiatorMarginals: flat, responderMarginals: flat, components: [],
            model: ComponentModel(components: []), commissionedPairs: commissioned)
        return Commissioning.Result(plan: plan, findings: findings)
    }

    private func run(
        _ prepared: Prepared, _ a: FeatureMatrix, trend: TrendRemoval, stride: Int, commissioned: Int,
        keyedPairs: Int
    ) -> Commissioning.Result {
        let options = base.options
        let timeBlock = options.decorrelation == .dct ? options.timeBlock : 1
        guard let memoryPerSnapshot = channel.memory(stride: stride) else {
            return refusal(
                a, trend: trend,
                "no Doppler spectrum fits the recorded gains, so the channel's memory can't be charged",
                stride: stride, commissioned: commissioned)
        }
        let (maps, rawA, rawB) = (prepared.maps, prepared.rawA, prepared.rawB)
        let (usable, x, y) = (prepared.usable, prepared.x, prepared.y)
        let rows = Double(keyedPairs / (stride * timeBlock))
        // Wide symbols are dear in short blocks: all pay the finite size of the widest alphabet.
        let settled = prepared.choices.map { choices in
            var choices = choices
            var findings = Commissioning.Findings()
            findings.rows = prepared.rows
            findings.estimates = prepared.estimates
            findings.effectiveRows = prepared.effective
            settle(
                &choices, prepared, rows: rows, memory: memoryPerSnapshot * Double(timeBlock),
                timeBlock: timeBlock, findings: &findings)
            return (choices: choices, findings: findings)
        }
        guard
            case (let choices, var findings)? = settled.max(by: {
                // What is refused isn't chosen for what it might have been worth.
                let (left, right) = ($0.choices.isEmpty, $1.choices.isEmpty)
                return left != right
                    ? left : $0.findings.expectedNetPerRow < $1.findings.expectedNetPerRow
            })
        else {
            return refusal(
                a, trend: trend, "symbols have no bits", stride: stride, commissioned: commissioned)
        }
        examine(
            choices, rawA, rawB, x, y, usable, step: options.decorrelation == .dct ? 1 : stride, &findings)
        let deficit = choices.isEmpty ? 0 : pooledDeficit(of: choices, prepared) / Double(choices.count)
        let total = choices.reduce(0.0) { $0 + Double($1.bits) }
        let shared = findings.memoryPerRow + findings.dependencePerRow
        let plan = QuantizationPlan(
            feature: kind, alignment: prepared.alignment, trend: trend, stride: stride, timeBlock: timeBlock,
            decorrelation: options.decorrelation,
            labels: options.labels, initiatorMap: maps.initiator.keeping(choices.map(\.source)),
            responderMap: maps.responder.keeping(choices.map(\.source)),
            initiatorMarginals: choices.compactMap { prepared.marginalsA[$0.source] },
            responderMarginals: choices.compactMap { prepared.marginalsB[$0.source] },
            components: choices.enumerated().map {
                .init(source: $0, bits: $1.bits, helperBits: $1.helperBits, correlation: $1.correlation)
            },
            model: ComponentModel(
                components: choices.map { choice in
                    let share = shared * Double(choice.bits) / max(total, 1)
                    return .init(
                        name: "\(kind.rawValue) \(choice.source)", bits: choice.bits,
                        helperBits: choice.helperBits,
                        correlation: choice.correlation, correlationLowerBound: choice.lower,
                        memoryCorrelation: (1 - 2.0.power(-2 * share)).squareRoot(), memoryCharge: share,
                        eveCharge: choice.eve, deficit: deficit,
                        errorPatternCharge: choice.errors.charge,
                        errorRates: choice.errors.rates, softEntropies: choice.errors.softEntropies)
                }), commissionedPairs: commissioned)
        if choices.isEmpty {
            var refused = refusal(
                a, trend: trend, prepared.obstacle ?? findings.obstacle ?? "no component is worth keying",
                stride: stride,
                commissioned: commissioned)
            refused.findings.expectedNetPerRow = findings.expectedNetPerRow
            return refused
        }
        findings.dopplerPerPair = channel.fits.first?.doppler
        findings.spectrum = channel.fits.first?.spectrum.rawValue
        return Commissioning.Result(plan: plan, findings: findings)
    }

    /// Charges the whole snapshot: memory of the channel and dependence of the components; drops the weakest while
    /// that helps.
    private func settle(
        _ choices: inout [Choice], _ prepared: Prepared, rows: Double, memory: Double, timeBlock: Int,
        findings: inout Commissioning.Findings
    ) {
        // The dependence of fewer components is looked at once they are chosen; until then a share of all stands.
        let whole = dependence(of: choices, prepared)
        let count = Double(max(choices.count - 1, 1))
        func net(_ chosen: [Choice], charge: Double? = nil) -> (Double, Double) {
            let share = prepared.inside ?? max(whole * Double(chosen.count - 1) / count, floor(chosen.count))
            let charge = (charge ?? share) * Double(timeBlock) + pooledDeficit(of: chosen, prepared)
            let worth = chosen.reduce(0) { $0 + $1.worth }
            var penalty = 0.0
            if let widest = chosen.map(\.bits).max() {
                penalty =
                    base.charges.finiteSizePenalty(
                        symbols: max(rows, 1) * Double(chosen.count), bits: widest) / max(rows, 1)
            }
            return (worth - memory - charge - penalty - 150 / max(rows, 1), charge)
        }
        var (best, _) = net(choices)
        while choices.count > 1 {
            guard let weakest = choices.indices.min(by: { choices[$0].worth < choices[$1].worth }) else {
                break
            }
            var fewer = choices
            fewer.remove(at: weakest)
            let (value, _) = net(fewer)
            guard value > best else { break }
            (choices, best) = (fewer, value)
        }
        let charge = dependence(of: choices, prepared) * Double(timeBlock)
        best = net(choices, charge: dependence(of: choices, prepared)).0
        findings.expectedNetPerRow = best
        findings.memoryPerRow = memory
        findings.dependencePerRow = charge
        let total = choices.reduce(0.0) { $0 + Double($1.bits) }
        let share = total > 0 ? (memory + charge) / total : .infinity
        let deficit = choices.isEmpty ? 0 : pooledDeficit(of: choices, prepared) / Double(choices.count)
        // A component whose bracket is not positive must not be selected.
        if best <= 0 || choices.contains(where: { Double($0.bits) * (1 - share) - $0.eve - deficit <= 0 }) {
            findings.obstacle =
                "memory (\(memory.rounded2) bit), dependence (\(charge.rounded2) bit) and the other charges of a "
                + "snapshot leave \(best.rounded2) bit at stride: move faster, wait longer or raise the SNR"
            choices = []
        }
    }

    /// The least that is charged for the dependence of so many components.
    private func floor(_ count: Int) -> Double {
        min(SnapshotDependence.floorBits, SnapshotDependence.floorPerComponent * Double(max(count - 1, 0)))
    }

    private func dependence(of chosen: [Choice], _ prepared: Prepared) -> Double {
        // A bound for all components holds for any selection.
        if let inside = prepared.inside { return inside }
        let sources = chosen.map(\.source)
        if let known = prepared.dependence.charges[sources] { return known }
        let order = sources.compactMap { prepared.usable.firstIndex(of: $0) }
        let charge = SnapshotDependence(scores: order.map { prepared.x[$0] }) { information, coefficients in
            upperBound(information, degrees: coefficients, prepared)
        }.charge
        prepared.dependence.charges[sources] = charge
        return charge
    }

    /// Upper bound of the components' deficits of uniformity, summed.
    private func pooledDeficit(of chosen: [Choice], _ prepared: Prepared) -> Double {
        guard !chosen.isEmpty else { return 0 }
        return upperBound(
            chosen.reduce(0) { $0 + $1.deficit }, degrees: chosen.reduce(0) { $0 + $1.cells }, prepared)
    }

    private func upperBound(_ plugIn: Double, degrees: Int, _ prepared: Prepared) -> Double {
        SampleStatistics.upperBound(
            plugIn: plugIn, degrees: degrees, samples: Double(prepared.rows), effective: prepared.effective,
            z: base.charges.quantile(estimates: prepared.estimates))
    }
}

extension Double {
    fileprivate var rounded2: Double { (self * 100).rounded() / 100 }
    fileprivate func power(_ exponent: Double) -> Double { exponentiate(self, exponent) }
}
