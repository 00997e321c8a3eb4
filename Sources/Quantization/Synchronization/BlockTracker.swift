// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// Blind synchronization of one block: finds the phase and slope of each snapshot under which the block looks most
/// like the commissioned channel.
///
/// A greedy tracker diverges and a descent from a cold start ends in a local minimum. What works is a window that
/// grows: a few hypotheses of the first slope; each next snapshot enters at its most likely turn given the linear
/// prediction from those before it; then phases and slopes of the last `free` snapshots are optimized jointly inside
/// the last `window`. All but the best hypotheses are dropped as the window grows. Random draws come from a fixed
/// public seed: the same snapshots give the same result at any end.
struct BlockTracker: Sendable {
    struct Settings: Sendable {
        /// Snapshots that weigh in, and how many of them may still turn.
        var window = 24
        var free = 10
        /// Hypotheses until snapshot 10, half as many until 16, then one.
        var hypotheses = 8
        var iterations = 3
        /// Slopes that are tried for a new snapshot.
        var slopes = 41
        /// From here on the joint step is taken for every so many snapshots.
        var pace = 1
        /// Sweeps of the whole block at the end.
        var sweeps = 2
        /// Draws at the most for a block that doesn't lock.
        var attempts = 3
    }

    /// A synchronized block.
    struct Result {
        /// Modes by snapshot and mode.
        var real: [Float]
        var imaginary: [Float]
        /// How the modes change with the slope, for one radian a tone.
        var slopeReal: [Float]
        var slopeImaginary: [Float]
        /// What is taken out of the snapshots: φ in radians, slope in radians a tone.
        var phases: [Float]
        var slopes: [Float]
        /// zᴴR⁻¹z over all gains, divided by their number: about 1 where the block is locked.
        var cost: Double
    }

    let expansion: GaugeExpansion
    let law: BlockLaw
    let settings: Settings
    let count: Int
    /// Chebyshev values by slope of the grid and term.
    private let grid: [Float]
    private let gridSlopes: [Float]

    init(_ model: SynchronizationModel, law: DopplerLaw, count: Int, settings: Settings = Settings()) {
        self.init(
            expansion: GaugeExpansion(model),
            law: BlockLaw(model, law: law, window: min(settings.window, count), block: count),
            settings: settings, count: count)
    }

    init(expansion: GaugeExpansion, law: BlockLaw, settings: Settings, count: Int) {
        self.expansion = expansion
        self.law = law
        self.settings = settings
        self.count = count
        let slopes = (0..<settings.slopes).map {
            0.8 * (2 * Float($0) / Float(settings.slopes - 1) - 1)
        }
        gridSlopes = slopes
        grid = slopes.flatMap { x -> [Float] in
            var values: [Float] = [1, x]
            while values.count < GaugeExpansion.terms {
                values.append(2 * x * values[values.count - 1] - values[values.count - 2])
            }
            return values
        }
    }

    /// Synchronizes the snapshots of `rows`.
    func run(_ features: FeatureMatrix, rows: Range<Int>) -> Result {
        precondition(rows.count == count, "another block length")
        let block = expansion.block(features, rows: rows)
        var best = track(block, seed: 0)
        var cost = BlockRefinement(law: law).cost(best, block)
        // A block that slipped costs more than its law's spread allows: other draws may find the way.
        let gains = Double(count * expansion.tones)
        var seed: UInt64 = 1
        while cost > Self.lockedCost(gains: gains) * gains, seed < UInt64(settings.attempts) {
            let other = track(block, seed: seed)
            let found = BlockRefinement(law: law).cost(other, block)
            if found < cost { (best, cost) = (other, found) }
            seed += 1
        }
        return finish(best, cost: cost / gains)
    }

    /// Where a block's cost leaves its law: its standard deviation is 1/√(gains).
    static func lockedCost(gains: Double) -> Double { 1.01 + 3.5 / gains.squareRoot() }

    private func track(_ block: GaugeExpansion.Block, seed: UInt64) -> GaugeTrack {
        var workspace = JointStep.Workspace(
            groups: law.groups, free: max(settings.free, BlockRefinement.free))
        var random = PublicDraws(seed: seed)
        var tracks = start(block, &random)
        for n in 1..<count { grow(&tracks, by: n, block, &workspace, &random) }
        var best = tracks[0]
        BlockRefinement(law: law).run(&best, block, sweeps: settings.sweeps, &workspace)
        return best
    }

    /// Modes of a new snapshot over the grid of slopes.
    private struct Candidates {
        var real: [Lanes]
        var imaginary: [Lanes]
    }

    private func candidates(_ n: Int, _ block: GaugeExpansion.Block) -> Candidates {
        let groups = law.groups
        let terms = GaugeExpansion.terms
        var result = Candidates(
            real: [Lanes](repeating: .zero, count: gridSlopes.count * groups),
            imaginary: [Lanes](repeating: .zero, count: gridSlopes.count * groups))
        for slope in gridSlopes.indices {
            for group in 0..<groups {
                var re = Lanes.zero
                var im = Lanes.zero
                let base = n &* terms &* groups &+ group
                for p in 0..<terms {
                    let t = grid[slope &* terms &+ p]
                    re += block.real[base &+ p &* groups] * t
                    im += block.imaginary[base &+ p &* groups] * t
                }
                result.real[slope &* groups &+ group] = re
                result.imaginary[slope &* groups &+ group] = im
            }
        }
        return result
    }

    private func start(_ block: GaugeExpansion.Block, _ random: inout PublicDraws) -> [GaugeTrack] {
        let found = candidates(0, block)
        let costs = gridSlopes.indices.map { slope -> Float in
            var sum = Lanes.zero
            for group in 0..<law.groups {
                let re = found.real[slope * law.groups + group]
                let im = found.imaginary[slope * law.groups + group]
                sum += (re * re + im * im) * (law.inverseErrors[0][group] - 1 / law.noise)
            }
            return sum.sum() + block.moments[0].x / law.noise
        }
        var chosen = [costs.indices.min { costs[$0] < costs[$1] } ?? 0]
        while chosen.count < settings.hypotheses {
            // A draw from exp(−cost): the smallest of costs with Gumbel noise.
            let noisy = costs.map { $0 - random.gumbel() }
            chosen.append(noisy.indices.min { noisy[$0] < noisy[$1] } ?? 0)
        }
        return chosen.map { slope in
            var track = GaugeTrack(count: count, groups: law.groups)
            track.turn(0, phase: 0, slope: gridSlopes[slope], block)
            track.cost = costs[slope]
            return track
        }
    }

    private func grow(
        _ tracks: inout [GaugeTrack], by n: Int, _ block: GaugeExpansion.Block,
        _ workspace: inout JointStep.Workspace, _ random: inout PublicDraws
    ) {
        let found = candidates(n, block)
        let length = min(n + 1, law.window)
        let step = JointStep(law, end: n + 1, count: length, free: min(settings.free, n + 1))
        let several = tracks.count > 1
        var grown: [GaugeTrack] = []
        if !several {
            // In place: a copy for every snapshot would cost more than the step.
            let (phase, slope, _) = entry(tracks[0], n, found, block, draw: false, &random)
            tracks[0].turn(n, phase: phase, slope: slope, block)
            if n % settings.pace == 0 || n == count - 1 {
                step.run(&tracks[0], block, iterations: settings.iterations, &workspace)
            }
            return
        }
        for track in tracks {
            for draw in n < 8 ? [false, true] : [false] {
                var next = track
                let (phase, slope, _) = entry(track, n, found, block, draw: draw, &random)
                next.turn(n, phase: phase, slope: slope, block)
                step.run(&next, block, iterations: settings.iterations, &workspace)
                next.cost = step.cost(next, block)
                grown.append(next)
            }
        }
        let keep = n < 10 ? settings.hypotheses : n < 16 ? max(settings.hypotheses / 2, 1) : 1
        tracks = Array(grown.sorted { $0.cost < $1.cost }.prefix(keep))
    }

    /// Where a new snapshot enters: the likeliest slope of the grid and its best phase, or a random draw.
    private func entry(
        _ track: GaugeTrack, _ n: Int, _ found: Candidates, _ block: GaugeExpansion.Block, draw: Bool,
        _ random: inout PublicDraws
    ) -> (phase: Float, slope: Float, cost: Float) {
        let groups = law.groups
        let order = min(n, law.window)
        var best = (phase: Float(0), slope: Float(0), cost: Float.infinity)
        var least = Float.infinity
        var precision: Float = 1
        var predictedRe = [Lanes](repeating: .zero, count: groups)
        var predictedIm = predictedRe
        for lag in 0..<order {
            for group in 0..<groups {
                let weight = law.predictors[order][lag &* groups &+ group]
                let place = (n &- 1 &- lag) &* groups &+ group
                predictedRe[group] += track.real[place] * weight
                predictedIm[group] += track.imaginary[place] * weight
            }
        }
        for slope in gridSlopes.indices {
            var energy = Lanes.zero
            var crossRe = Lanes.zero
            var crossIm = Lanes.zero
            for group in 0..<groups {
                let re = found.real[slope &* groups &+ group]
                let im = found.imaginary[slope &* groups &+ group]
                let weight = law.inverseErrors[order][group]
                energy += (re * re + im * im) * (weight - 1 / law.noise)
                crossRe += (predictedRe[group] * re + predictedIm[group] * im) * weight
                crossIm += (predictedRe[group] * im - predictedIm[group] * re) * weight
            }
            let (a, b) = (crossRe.sum(), crossIm.sum())
            let size = (a * a + b * b).squareRoot()
            let cost = energy.sum() - 2 * size
            let noisy = draw ? cost - random.gumbel() : cost
            if noisy < least {
                least = noisy
                precision = max(2 * size, 1)
                best = (-atan2f(b, a), gridSlopes[slope], cost)
            }
        }
        if draw { best.phase += random.normal() / precision.squareRoot() }
        return best
    }

    private func finish(_ track: GaugeTrack, cost: Double) -> Result {
        let modes = expansion.modes
        var result = Result(
            real: [Float](repeating: 0, count: count * modes),
            imaginary: [Float](repeating: 0, count: count * modes),
            slopeReal: [Float](repeating: 0, count: count * modes),
            slopeImaginary: [Float](repeating: 0, count: count * modes), phases: track.phases,
            slopes: track.slopes.map { $0 * Float(expansion.slopeLimit) }, cost: cost)
        for n in 0..<count {
            for mode in 0..<modes {
                let place = n * law.groups + mode / 16
                result.real[n * modes + mode] = track.real[place][mode % 16]
                result.imaginary[n * modes + mode] = track.imaginary[place][mode % 16]
                let unit = 1 / Float(expansion.slopeLimit)
                result.slopeReal[n * modes + mode] = track.slopeReal[place][mode % 16] * unit
                result.slopeImaginary[n * modes + mode] = track.slopeImaginary[place][mode % 16] * unit
            }
        }
        return result
    }
}

/// Random numbers of a fixed seed (SplitMix64): a part of the algorithm, nothing secret.
struct PublicDraws {
    private var state: UInt64

    init(seed: UInt64) { state = 0x5157_5359_4e43_0000 &+ seed << 8 }

    private mutating func uniform() -> Float {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return (Float((z ^ z >> 31) >> 41) + 0.5) / Float(1 << 23)
    }

    mutating func gumbel() -> Float { -logf(-logf(uniform())) }
    mutating func normal() -> Float {
        let radius = (-2 * logf(uniform())).squareRoot()
        return radius * cosf(2 * Float.pi * uniform())
    }
}
