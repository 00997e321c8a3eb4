// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore
internal import Statistics

/// Commissioning of a single recorded value per probe: signal strength or one amplitude.
///
/// The trend is removed and the local power taken out; segments fall into public classes by that power, since the
/// same channel read through whole decibels disagrees more where it fades less. Each class is a component.
struct ScalarCommissioning {
    let base: Commissioning
    static let segmentLength = 128
    static let windows = [11, 15, 21, 31, 61, 101]
    /// R of a recorded Eve, with the past, from which on nothing is keyed.
    private static let known = 0.99

    /// Whether log-likelihoods decide: then what they cost is measured.
    private var isSoft: Bool {
        if case .soft = base.options.reconciliation { base.options.labels == .helper } else { false }
    }

    private struct Candidate {
        var plan: QuantizationPlan
        var findings: Commissioning.Findings
        var net: Double
    }

    func run(
        _ a: FeatureMatrix, _ b: FeatureMatrix, eve: EveFeatures?, keyedPairs: Int
    ) -> Commissioning.Result {
        let options = base.options
        let windows = options.trendWindow.map { [$0 | 1] } ?? Self.windows.filter { $0 * 8 < a.rows }
        let strides = options.stride.map { [$0] } ?? [1, 2, 3]
        // Likelihoods make use of bits that are often wrong; hard ones don't.
        let bits = Array(1...min(isSoft ? 4 : 2, options.maximumBits))
        let helpers: [Int]
        switch options.labels {
        case .helper: helpers = options.helperBits.map { [$0] } ?? (isSoft ? [2, 3] : [1, 2, 3])
        case .equiprobable: helpers = [0]
        }
        // Two memory bounds, and for each width the deficit's and one correlation bound for each class, over every
        // combination tried.
        let estimates = max(
            1,
            windows.count * strides.count
                * (2 + (1 + QuantizationPlan.segmentClasses) * bits.count * helpers.count))
        var best: Candidate?
        var obstacle = "the commissioning part is too short for any trend window"
        for window in windows {
            for stride in strides {
                for candidate in candidates(
                    a, b, eve: eve, window: window, stride: stride, bits: bits, helpers: helpers,
                    estimates: estimates, keyedPairs: keyedPairs)
                {
                    if let problem = candidate.findings.obstacle, best == nil { obstacle = problem }
                    if best.map({ candidate.net > $0.net }) ?? true { best = candidate }
                }
            }
        }
        guard let best else {
            var findings = Commissioning.Findings()
            findings.obstacle = obstacle
            findings.rows = a.rows
            return Commissioning.Result(plan: emptyPlan(a, window: windows.last ?? 11), findings: findings)
        }
        return Commissioning.Result(plan: best.plan, findings: best.findings)
    }

    private func emptyPlan(_ a: FeatureMatrix, window: Int) -> QuantizationPlan {
        let flat = MarginalDistribution(samples: (0..<16).map(Double.init))
        let map = LinearMap(mean: [0], selection: [0])
        return QuantizationPlan(
            feature: .scalar, trend: TrendRemoval(window: window), stride: 1, decorrelation: .identity,
            initiatorMap: map, responderMap: map, initiatorMarginals: [flat].compactMap(\.self),
            responderMarginals: [flat].compactMap(\.self), components: [],
            model: ComponentModel(components: []),
            commissionedPairs: a.rows)
    }

    private func candidates(
        _ a: FeatureMatrix, _ b: FeatureMatrix, eve: EveFeatures?, window: Int, stride: Int, bits: [Int],
        helpers: [Int], estimates: Int, keyedPairs: Int
    ) -> [Candidate] {
        var trend = TrendRemoval(window: window)
        let joints = base.options.joints
        let centeredA = trend.centered(a.column(0), joints: joints)
        let centeredB = trend.centered(b.column(0), joints: joints)
        let noise = Series.variance(zip(centeredA, centeredB).map { $0 - $1 }) / 2
        let shared = zip(centeredA, centeredB).reduce(0) { $0 + $1.0 * $1.1 } / Double(centeredA.count)
        trend.scaleWindow = 4 * window + 1
        trend.scaleFloor = max(noise, 1e-12).squareRoot()
        var plan = emptyPlan(a, window: window)
        plan.trend = trend
        plan.stride = stride
        plan.labels = base.options.labels
        plan.segmentLength = Self.segmentLength
        plan.classBase = trend.scaleFloor

        var findings = Commissioning.Findings()
        findings.rows = a.rows / stride
        findings.diffusePower = shared
        findings.noisePower = noise
        findings.estimates = estimates

        let (cleanA, segments) = ComponentStreams.clean(
            a, trend: trend, segmentLength: Self.segmentLength, joints: joints)
        let (cleanB, _) = ComponentStreams.clean(b, trend: trend, segmentLength: 0, joints: joints)
        let keptA = ComponentStreams.decimate(cleanA, stride: stride).column(0)
        let keptB = ComponentStreams.decimate(cleanB, stride: stride).column(0)
        guard let marginalA = MarginalDistribution(samples: keptA),
            let marginalB = MarginalDistribution(samples: keptB)
        else {
            findings.obstacle = "one end's values are constant: there is no fading to key"
            return [Candidate(plan: plan, findings: findings, net: -.infinity)]
        }
        plan.initiatorMarginals = [marginalA]
        plan.responderMarginals = [marginalB]
        let x = keptA.map { marginalA.score($0) }
        let y = keptB.map { marginalB.score($0) }
        alignment(x, y, into: &findings)

        let memory = ScalarMemory.worst(
            scores: x,
            eve: EveColumns.forms(
                eve, published: a.column(0), trend: trend, stride: stride, scores: x, most: x.count / 8),
            joints: Runs.decimated(joints, stride: stride))
        findings.predictability = memory.linear * memory.linear
        findings.effectiveRows = memory.effective
        guard
            let bound = base.charges.upperBound(
                memory.correlation, effectiveSamples: memory.effective, parameters: memory.parameters,
                estimates: estimates),
            let evenBound = base.charges.upperBound(
                memory.evenCorrelation, effectiveSamples: memory.evenEffective,
                parameters: memory.evenParameters, estimates: estimates)
        else {
            findings.obstacle =
                "\(findings.rows) commissioning rows carry no bound on the channel's memory: record longer"
            return [Candidate(plan: plan, findings: findings, net: -.infinity)]
        }
        let memoryCharge = SampleStatistics.information(bound) + SampleStatistics.information(evenBound)
        // A measured Eve stands among the regressors already: her charge is inside the memory's, and what the threat
        // model demands in spite of her trace comes on top.
        let eveCharge = base.charges.eveCharge(measured: eve == nil ? nil : 0)
        if eve != nil, bound >= Self.known {
            findings.obstacle = "the recorded Eve and the past tell nearly all of every value"
            return [Candidate(plan: plan, findings: findings, net: -.infinity)]
        }
        let classOf = x.indices.map { row in
            plan.segmentClass(
                rootMeanSquare: segments[min(row * stride / Self.segmentLength, segments.count - 1)])
        }
        let halves = twofoldScores(keptA)
        let shareIndependent = min(
            1,
            SampleStatistics.effectiveCount(x, y, joints: Runs.decimated(joints, stride: stride))
                / Double(max(x.count, 1)))
        let law = ClassLaw(
            x: x, y: y, classOf: classOf, memoryCharge: memoryCharge, memoryBound: bound,
            eveCharge: eveCharge,
            independentShare: shareIndependent, estimates: estimates, isSoft: isSoft)
        return bits.flatMap { m in
            helpers.map { h in
                let deficit = SampleStatistics.deficit(
                    halves, bits: m, helperBits: h, z: base.charges.quantile(estimates: estimates),
                    effective: Double(halves.count) * shareIndependent)
                return candidate(
                    plan, findings, law: law, bits: m, helperBits: h, deficit: deficit, keyedPairs: keyedPairs
                )
            }
        }
    }

    /// Scores of each half under the other half's distribution, so that the fit isn't judged by its own samples.
    private func twofoldScores(_ values: [Double]) -> [Double] {
        let chunk = max(Self.segmentLength, 1)
        var parts: [[Double]] = [[], []]
        for (index, value) in values.enumerated() { parts[index / chunk & 1].append(value) }
        guard let even = MarginalDistribution(samples: parts[0]),
            let odd = MarginalDistribution(samples: parts[1])
        else { return values.map { _ in 0 } }
        return parts[0].map { odd.score($0) } + parts[1].map { even.score($0) }
    }

    private func alignment(_ x: [Double], _ y: [Double], into findings: inout Commissioning.Findings) {
        let lags = -3...3
        let peak =
            lags.max { Series.crossCorrelation(x, y, lag: $0) < Series.crossCorrelation(x, y, lag: $1) } ?? 0
        let half = x.count / 2
        findings.alignmentLag = peak
        findings.alignment = Series.correlation(Array(x[..<half]), Array(y[..<half]))
        findings.alignmentSecondHalf = Series.correlation(Array(x[half...]), Array(y[half...]))
    }

    private func candidate(
        _ plan: QuantizationPlan, _ findings: Commissioning.Findings, law: ClassLaw, bits: Int,
        helperBits: Int,
        deficit: Double, keyedPairs: Int
    ) -> Candidate {
        var plan = plan
        var findings = findings
        let rows = Double(keyedPairs / plan.stride)
        var components: [QuantizationPlan.Component] = []
        var model: [ComponentModel.Component] = []
        var share = 0.0
        var halves = [0.0, 0.0]
        var net = 0.0
        for group in law.groups {
            guard
                let lower = base.charges.lowerBound(
                    group.correlation, effectiveSamples: group.effective, estimates: law.estimates),
                lower > 0.05
            else { continue }
            var errors = base.charges.errorLaw(
                labels: plan.labels, bits: bits, helperBits: helperBits, correlation: group.correlation,
                lowerBound: lower)
            if isSoft {
                errors.rates = group.measured.rates(
                    bits: bits, helperBits: helperBits, correlation: group.correlation)
                errors.softEntropies = group.measured.entropies(
                    bits: bits, helperBits: helperBits, correlation: group.correlation, tail: group.tail)
            }
            let worth =
                Double(bits) - law.memoryCharge - law.eveCharge - deficit
                - base.options.reconciliation.bits(errors)
            guard worth > 0.05 else { continue }
            components.append(
                .init(
                    source: 0, segmentClass: group.index, bits: bits, helperBits: helperBits,
                    correlation: group.correlation, tail: group.tail > 0 ? group.tail : nil))
            model.append(
                .init(
                    name: "class \(group.index)", bits: bits, helperBits: helperBits,
                    correlation: group.correlation, correlationLowerBound: lower,
                    memoryCorrelation: law.memoryBound, memoryCharge: law.memoryCharge,
                    eveCharge: law.eveCharge,
                    deficit: deficit, errorPatternCharge: errors.charge, errorRates: errors.rates,
                    softEntropies: errors.softEntropies))
            share += group.share
            for half in 0..<2 { halves[half] += group.share * group.halves[half] }
            net += group.share * worth
            findings.informationPerRow += group.share * SampleStatistics.information(group.correlation)
        }
        // Over the keyed classes with the same weights for both halves: how long a channel stands still, which keys
        // nothing, is no change of what is keyed.
        if share > 0 {
            findings.alignment = halves[0] / share
            findings.alignmentSecondHalf = halves[1] / share
        }
        let segmentCost = 4 * Double(plan.stride) / Double(plan.segmentLength)
        let penalty = base.charges.finiteSizePenalty(symbols: max(rows * share, 1), bits: bits) / max(rows, 1)
        let total = net - segmentCost - penalty - 150 / max(rows, 1)
        findings.expectedNetPerRow = total
        if components.isEmpty {
            findings.obstacle = "no class of segments is worth keying after memory, Eve and reconciliation"
        } else if total <= 0 {
            findings.obstacle =
                "the finite-size penalty and the charges leave nothing of \(Int(rows)) symbols"
        }
        plan.components = components
        plan.model = ComponentModel(components: model)
        return Candidate(plan: plan, findings: findings, net: components.isEmpty ? -1e9 : total * rows)
    }
}

/// The commissioned agreement of each class of segments.
private struct ClassLaw {
    struct Group {
        var index: Int
        var correlation: Double
        /// Fraction of all rows.
        var share: Double
        var effective: Double
        var measured: MeasuredLaw
        /// Share of samples of larger noise.
        var tail: Double
        /// Correlation in either half of the commissioning part.
        var halves: [Double]
    }
    var groups: [Group] = []
    let memoryCharge: Double
    let memoryBound: Double
    let eveCharge: Double
    let estimates: Int

    init(
        x: [Double], y: [Double], classOf: [Int], memoryCharge: Double, memoryBound: Double,
        eveCharge: Double,
        independentShare: Double, estimates: Int, isSoft: Bool
    ) {
        self.memoryCharge = memoryCharge
        self.memoryBound = memoryBound
        self.eveCharge = eveCharge
        self.estimates = estimates
        for index in 0..<QuantizationPlan.segmentClasses {
            let rows = x.indices.filter { classOf[$0] == index }
            guard rows.count >= 200 else { continue }
            let (own, peer) = (rows.map { x[$0] }, rows.map { y[$0] })
            let correlation = min(Series.correlation(own, peer), 0.9999)
            let measured = MeasuredLaw(x: own, y: peer)
            let middle = rows.firstIndex { $0 >= x.count / 2 } ?? rows.count
            // A class that one half hardly holds says nothing of a change.
            let halves =
                min(middle, rows.count - middle) < 64
                ? [correlation, correlation]
                : [0..<middle, middle..<rows.count].map { part in
                    Series.correlation(Array(own[part]), Array(peer[part]))
                }
            groups.append(
                Group(
                    index: index, correlation: correlation, share: Double(rows.count) / Double(x.count),
                    effective: Double(rows.count) * independentShare, measured: measured,
                    tail: isSoft ? measured.tail(correlation: correlation) : 0, halves: halves))
        }
    }
}
