// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import QWaveCore
internal import Statistics

/// Components, bits and charges of synchronized commissioning blocks.
struct SynchronizedSelection {
    let base: Commissioning
    let streams: SynchronizedCommissioning.Streams
    let length: Int
    let commissioned: Int
    let keyedPairs: Int
    /// Coefficients of each block that are given up for its phase.
    var references = SynchronizedCommissioning.references

    /// Members of one component lie within so many decibels of commissioned SNR.
    static let step = 1.5
    /// Of fewer members a component's estimates would be too coarse.
    static let leastMembers = 4

    /// One component that might be keyed.
    private struct Choice {
        var members: [SynchronizedPlan.Member]
        var bits: Int
        var helperBits: Int
        var correlation: Double
        var lower: Double
        var deficit: Double
        var cells: Int
        var eve: Double
        var errors: ErrorLaw
        var worth: Double
        var initiator: MarginalDistribution
        var responder: MarginalDistribution
        var x: [Double]
        var y: [Double]
    }

    func run() -> Commissioning.Result? {
        guard let strongest = streams.initiator.powers.first,
            let transform = TimeTransform(
                streams.law, length: length, least: streams.initiator.noise / strongest)
        else { return nil }
        var plan = SynchronizedPlan(
            law: streams.law, initiator: streams.initiator, responder: streams.responder,
            projectionReal: [], projectionImaginary: [], bins: transform.bins, references: [], classes: [])
        (plan.projectionReal, plan.projectionImaginary) = overlap()
        let sorted = members(transform)
        plan.references = Array(sorted.prefix(references))
        project(&plan, transform)
        let classes = Self.classes(
            Array(sorted.dropFirst(references)), plan.initiator, transform.gains)
        let (first, second) = ends(plan, transform)
        let kept = first.rows.indices.filter { second.isLocked[$0] }
        guard Double(kept.count) >= SynchronizedCommissioning.leastLocked * Double(first.rows.count) else {
            return nil
        }
        let choices = classes.compactMap { choose($0, first, second, kept: kept) }
        return settle(choices, plan, transform, first)
    }

    /// u_m† v_n: his modes as hers, where both see the same gains.
    private func overlap() -> ([[Double]], [[Double]]) {
        let (a, b) = (streams.initiator, streams.responder)
        var real: [[Double]] = []
        var imaginary: [[Double]] = []
        for mode in a.powers.indices {
            var (re, im): ([Double], [Double]) = ([], [])
            for source in b.powers.indices {
                var (x, y) = (0.0, 0.0)
                for tone in a.tones.indices {
                    let (u, v) = (a.real[mode][tone], -a.imaginary[mode][tone])
                    x += u * b.real[source][tone] - v * b.imaginary[source][tone]
                    y += u * b.imaginary[source][tone] + v * b.real[source][tone]
                }
                re.append(x)
                im.append(y)
            }
            real.append(re)
            imaginary.append(im)
        }
        return (real, imaginary)
    }

    private func ends(_ plan: SynchronizedPlan, _ transform: TimeTransform)
        -> (SynchronizedBlocks, SynchronizedBlocks)
    {
        let first = SynchronizedBlocks(
            streams.first, transform, plan: plan, rows: streams.locked, role: .initiator)
        var second = SynchronizedBlocks(
            streams.second, transform, plan: plan, rows: streams.locked, role: .responder)
        try? second.align(to: first.references)
        return (first, second)
    }

    /// The responder's linear least-squares prediction of each of her modes, pooled over the bins that carry it.
    private func project(_ plan: inout SynchronizedPlan, _ transform: TimeTransform) {
        let (first, second) = ends(plan, transform)
        let (modes, sources) = (plan.initiator.powers.count, plan.responder.powers.count)
        let bins = transform.bins
        // Her modes from his as the overlap gives them: a square system of her modes.
        let size = 2 * modes
        var gram = Matrix(rows: size, columns: size)
        var cross = Matrix(rows: size, columns: modes)
        var row = [Double](repeating: 0, count: size)
        var turned = row
        for block in first.rows.indices {
            for bin in 0..<bins {
                for mode in 0..<modes {
                    let place = mode * bins + bin
                    row[mode] = second.real[block][place]
                    row[modes + mode] = -second.imaginary[block][place]
                    turned[mode] = second.imaginary[block][place]
                    turned[modes + mode] = second.real[block][place]
                }
                for i in 0..<size {
                    for j in 0...i { gram[i, j] += row[i] * row[j] + turned[i] * turned[j] }
                    for mode in 0..<modes {
                        let place = mode * bins + bin
                        let (re, im) = (first.real[block][place], first.imaginary[block][place])
                        cross[i, mode] += row[i] * re + turned[i] * im
                    }
                }
            }
        }
        var trace = 0.0
        for i in 0..<size { trace += gram[i, i] }
        for i in 0..<size { gram[i, i] += 1e-9 * trace / Double(size) }
        guard let solved = Cholesky(gram)?.solve(cross), solved.isFinite else { return }
        // W = V · overlap, V complex: real parts first.
        var real = plan.projectionReal
        var imaginary = plan.projectionImaginary
        for mode in 0..<modes {
            for source in 0..<sources {
                var (x, y) = (0.0, 0.0)
                for between in 0..<modes {
                    let (p, q) = (solved[between, mode], solved[modes + between, mode])
                    let (u, v) = (
                        plan.projectionReal[between][source], plan.projectionImaginary[between][source]
                    )
                    x += p * u - q * v
                    y += p * v + q * u
                }
                real[mode][source] = x
                imaginary[mode][source] = y
            }
        }
        (plan.projectionReal, plan.projectionImaginary) = (real, imaginary)
    }

    /// Commissioned SNR of a coefficient.
    private static func snr(
        _ member: SynchronizedPlan.Member, _ model: SynchronizationModel, _ gains: [Double]
    ) -> Double {
        model.powers[member.mode] * gains[member.bin] / model.noise
    }

    /// Every coefficient above the noise, strongest first.
    private func members(_ transform: TimeTransform) -> [SynchronizedPlan.Member] {
        let model = streams.initiator
        return model.powers.indices.flatMap { mode in
            (0..<transform.bins).map { SynchronizedPlan.Member(mode: mode, bin: $0) }
        }
        .filter { Self.snr($0, model, transform.gains) > 1 }
        .sorted {
            let (l, r) = (
                Self.snr($0, model, transform.gains), Self.snr($1, model, transform.gains)
            )
            return l != r ? l > r : ($0.mode, $0.bin) < ($1.mode, $1.bin)
        }
    }

    /// Runs of neighbors in SNR.
    private static func classes(
        _ members: [SynchronizedPlan.Member], _ model: SynchronizationModel, _ gains: [Double]
    ) -> [[SynchronizedPlan.Member]] {
        var result: [[SynchronizedPlan.Member]] = []
        var top = Double.infinity
        for member in members {
            let level = 10 * log10(snr(member, model, gains))
            if let last = result.last, top - level < step || last.count < leastMembers {
                result[result.count - 1].append(member)
            } else {
                result.append([member])
                top = level
            }
        }
        return result.filter { $0.count >= leastMembers }
    }

    private func choose(
        _ members: [SynchronizedPlan.Member], _ first: SynchronizedBlocks, _ second: SynchronizedBlocks,
        kept: [Int]
    ) -> Choice? {
        let rawX = first.values(of: members, kept: kept)
        let rawY = second.values(of: members, kept: kept)
        guard let marginalX = MarginalDistribution(samples: rawX),
            let marginalY = MarginalDistribution(samples: rawY)
        else { return nil }
        let (x, y) = (rawX.map { marginalX.score($0) }, rawY.map { marginalY.score($0) })
        let correlation = min(Series.correlation(x, y), 0.9999)
        let effective = Double(x.count) / 2
        let charges = base.charges
        // What lies below the variance floor isn't keyed.
        guard correlation > 0.55,
            let lower = charges.lowerBound(correlation, effectiveSamples: effective, estimates: 2048),
            lower > 0.1
        else { return nil }
        let eve = charges.eveCharge(measured: nil)
        let half = rawX.count / 2
        guard let early = MarginalDistribution(samples: Array(rawX[..<half])),
            let late = MarginalDistribution(samples: Array(rawX[half...]))
        else { return nil }
        let crossed = rawX[..<half].map { late.score($0) } + rawX[half...].map { early.score($0) }
        let widest = min(
            base.options.maximumBits,
            max(1, Int(SampleStatistics.information(correlation) + base.options.reconciliation.spareBits)))
        var best: Choice?
        for bits in 1...widest {
            let helpers =
                base.options.labels == .helper ? (base.options.helperBits ?? (bits <= 3 ? 3 : 2)) : 0
            let law = charges.errorLaw(
                labels: base.options.labels, bits: bits, helperBits: helpers, correlation: correlation,
                lowerBound: lower)
            let worth = Double(bits) - eve - base.options.reconciliation.bits(law)
            guard worth > best?.worth ?? 0.05 else { continue }
            best = Choice(
                members: members, bits: bits, helperBits: helpers, correlation: correlation, lower: lower,
                deficit: Self.deficit(crossed, bits: bits, helperBits: helpers),
                cells: ((1 << bits) - 1) << helpers, eve: eve, errors: law, worth: worth,
                initiator: marginalX, responder: marginalY, x: x, y: y)
        }
        return best
    }

    /// The plug-in value of M − H(S|W), which errs upward.
    private static func deficit(_ scores: [Double], bits: Int, helperBits: Int) -> Double {
        let quantizer = QuantileHelperQuantizer(bits: bits, helperBits: helperBits)
        var joint = [Double](repeating: 0, count: 1 << (bits + helperBits))
        for score in scores {
            let (symbol, helper) = quantizer.split(score)
            joint[helper << bits | symbol] += 1
        }
        var conditional = 0.0
        for helper in 0..<1 << helperBits {
            let cell = joint[helper << bits..<(helper + 1) << bits]
            let total = cell.reduce(0, +)
            for count in cell where count > 0 { conditional -= count * log2(count / total) }
        }
        return max(0, Double(bits) - conditional / Double(max(scores.count, 1)))
    }

    private func settle(
        _ choices: [Choice], _ synchronized: SynchronizedPlan, _ transform: TimeTransform,
        _ first: SynchronizedBlocks
    ) -> Commissioning.Result? {
        guard !choices.isEmpty else { return nil }
        let charges = SynchronizedCharges(
            law: synchronized.law, model: synchronized.initiator, transform: transform)
        let measured = BlockDependence(
            real: first.real, imaginary: first.imaginary, modes: synchronized.initiator.powers.count,
            bins: transform.bins
        ).bound
        let memory = charges.memory
        let floor =
            charges.specularFloor(choices.flatMap(\.members)) ?? charges.synchronizationFloor
        let inside = charges.mismatch + max(measured, floor)
        let blocks = Double(first.rows.count)
        // One bound for the sum of all deficits of a block: 2 n ln 2 D of each class adds up with n = blocks · symbols.
        let deficit = BlockDependence.upperBound(
            plugIn: choices.reduce(0) { $0 + 2 * Double($1.members.count) * $1.deficit },
            degrees: choices.reduce(0) { $0 + $1.cells }, samples: blocks)
        let symbols = choices.reduce(0.0) { $0 + 2 * Double($1.members.count) }
        let bits = choices.reduce(0.0) { $0 + 2 * Double($1.members.count * $1.bits) }
        let rows = Double(max(keyedPairs / length, 1))
        let penalty =
            base.charges.finiteSizePenalty(symbols: rows * symbols, bits: choices.map(\.bits).max() ?? 1)
            / rows
        let worth = choices.reduce(0.0) { $0 + 2 * Double($1.members.count) * $1.worth }
        var findings = examine(choices)
        findings.rows = first.rows.count
        findings.memoryPerRow = memory
        findings.dependencePerRow = inside
        findings.estimates = 2048
        findings.dopplerPerPair = synchronized.law.doppler
        findings.spectrum = synchronized.law.spectrum
        // Of a block that doesn't lock nothing is keyed.
        findings.expectedNetPerRow =
            streams.share * (worth - memory - inside - deficit - penalty - 150 / rows) - 2
        let share = (memory + inside) / bits
        let each = deficit / symbols
        var plan = synchronized
        plan.classes = choices.map(\.members)
        guard findings.expectedNetPerRow > 0,
            choices.allSatisfy({ Double($0.bits) * (1 - share) - $0.eve - each > 0 })
        else { return nil }
        let map = LinearMap(
            mean: [Double](repeating: 0, count: 2 * plan.initiator.tones.count),
            selection: Array(choices.indices))
        return Commissioning.Result(
            plan: QuantizationPlan(
                feature: .synchronized, trend: TrendRemoval(window: 0), stride: 1, timeBlock: length,
                decorrelation: .identity, labels: base.options.labels, initiatorMap: map, responderMap: map,
                initiatorMarginals: choices.map(\.initiator), responderMarginals: choices.map(\.responder),
                components: choices.enumerated().map {
                    .init(
                        source: $0, bits: $1.bits, helperBits: $1.helperBits, correlation: $1.correlation)
                },
                model: ComponentModel(
                    components: choices.enumerated().map { index, choice in
                        let memory = share * Double(choice.bits)
                        return .init(
                            name: "synchronized \(index)", bits: choice.bits, helperBits: choice.helperBits,
                            correlation: choice.correlation, correlationLowerBound: choice.lower,
                            memoryCorrelation: (1 - exp2(-2 * memory)).squareRoot(), memoryCharge: memory,
                            eveCharge: choice.eve, deficit: each,
                            errorPatternCharge: choice.errors.charge, errorRates: choice.errors.rates,
                            softEntropies: choice.errors.softEntropies)
                    }), commissionedPairs: commissioned, synchronization: plan), findings: findings)
    }

    /// What the health tests look at, over the chosen components.
    private func examine(_ choices: [Choice]) -> Commissioning.Findings {
        var findings = Commissioning.Findings()
        let weight = 1 / Double(choices.count)
        for choice in choices {
            let symbols = 2 * choice.members.count
            let half = choice.x.count / symbols / 2 * symbols
            findings.alignment +=
                weight * Series.correlation(Array(choice.x[..<half]), Array(choice.y[..<half]))
            findings.alignmentSecondHalf +=
                weight * Series.correlation(Array(choice.x[half...]), Array(choice.y[half...]))
            let r = choice.correlation
            findings.diffusePower += r * r * Double(symbols)
            findings.noisePower += (1 - r * r) * Double(symbols)
            let next = Series.crossCorrelation(choice.x, choice.x, lag: symbols)
            findings.predictability += weight * next * next
            findings.informationPerRow += Double(symbols) * SampleStatistics.information(r)
        }
        let peak = (-1...1).max { l, r in
            func height(_ lag: Int) -> Double {
                choices.reduce(0) {
                    $0 + Series.crossCorrelation($1.x, $1.y, lag: lag * 2 * $1.members.count)
                }
            }
            return height(l) < height(r)
        }
        findings.alignmentLag = peak ?? 0
        findings.effectiveRows = (choices.map { Double($0.x.count) }.min() ?? 0) / 2
        return findings
    }
}
