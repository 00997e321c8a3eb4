// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Statistics
import TestSupport
import Testing

@testable import Quantization

@Suite struct SynchronizationTests {
    /// A channel of three modes over eleven tones.
    private static let toy: SynchronizationModel = {
        let tones = Array(-5...5)
        let vectors = (0..<3).map { mode -> [(Double, Double)] in
            // Columns of the discrete Fourier transform are orthonormal.
            tones.map { tone in
                let angle = 2 * Double.pi * Double(mode * (tone + 5)) / 11
                return (cos(angle) / 11.0.squareRoot(), sin(angle) / 11.0.squareRoot())
            }
        }
        return SynchronizationModel(
            tones: tones, powers: [6, 3, 0.5], real: vectors.map { $0.map(\.0) },
            imaginary: vectors.map { $0.map(\.1) }, noise: 0.05)
    }()

    private static func noise(rows: Int, columns: Int, seed: UInt64) -> FeatureMatrix {
        var gaussians = Gaussians(seed: seed)
        return FeatureMatrix(
            rows: rows, columns: columns, values: gaussians.array(rows * columns).map { Float($0) })
    }

    /// Gains turned by phase and slope, and projected on a mode, as the formula says.
    private static func projected(
        _ features: FeatureMatrix, row: Int, mode: Int, phase: Double, slope: Double,
        _ model: SynchronizationModel
    ) -> (re: Double, im: Double) {
        var (re, im) = (0.0, 0.0)
        for (tone, k) in model.tones.enumerated() {
            let angle = phase + slope * Double(k)
            let (a, b) = (Double(features[row, tone]), Double(features[row, model.tones.count + tone]))
            let (x, y) = (a * cos(angle) - b * sin(angle), a * sin(angle) + b * cos(angle))
            re += model.real[mode][tone] * x + model.imaginary[mode][tone] * y
            im += model.real[mode][tone] * y - model.imaginary[mode][tone] * x
        }
        return (re, im)
    }

    @Test func `turned modes and their slope are those of the turned gains`() {
        let model = Self.toy
        let features = Self.noise(rows: 4, columns: 22, seed: 1)
        let expansion = GaugeExpansion(model)
        let block = expansion.block(features, rows: 0..<4)
        var track = GaugeTrack(count: 4, groups: 1)
        for (row, x) in [-0.95, -0.3, 0.2, 0.8].enumerated() {
            let phase = Double(row) - 1.3
            track.turn(row, phase: Float(phase), slope: Float(x), block)
            for mode in 0..<3 {
                let slope = x * expansion.slopeLimit
                let exact = Self.projected(features, row: row, mode: mode, phase: phase, slope: slope, model)
                #expect(abs(Double(track.real[row][mode]) - exact.re) < 2e-4)
                #expect(abs(Double(track.imaginary[row][mode]) - exact.im) < 2e-4)
                let step = 1e-4
                let next = Self.projected(
                    features, row: row, mode: mode, phase: phase, slope: slope + step * expansion.slopeLimit,
                    model)
                #expect(abs(Double(track.slopeReal[row][mode]) - (next.re - exact.re) / step) < 5e-3)
            }
        }
    }

    /// The oracle inverts each mode's covariance by Cholesky, and weighs what lies outside the modes by itself.
    @Test func `a block's cost is the likelihood's exponent by explicit matrices`() throws {
        let model = Self.toy
        let count = 24
        let law = DopplerLaw(.jakes, doppler: 0.15)
        let features = Self.noise(rows: count, columns: 22, seed: 2)
        let tables = BlockLaw(model, law: law, window: 12, block: count)
        let block = GaugeExpansion(model).block(features, rows: 0..<count)
        var track = GaugeTrack(count: count, groups: 1)
        for n in 0..<count { track.turn(n, phase: Float(n), slope: Float(n % 5) / 10 - 0.2, block) }
        func dense(_ range: Range<Int>) throws -> Double {
            let r = law.correlation(range.count)
            var total = 0.0
            for n in range {
                for column in 0..<22 { total += pow(Double(features[n, column]), 2) / model.noise }
            }
            for (mode, power) in model.powers.enumerated() {
                let covariance = Matrix(rows: range.count, columns: range.count) {
                    power * r[abs($0 - $1)] + ($0 == $1 ? model.noise : 0)
                }
                let factor = try #require(Cholesky(covariance))
                for part in [
                    range.map { Double(track.real[$0][mode]) },
                    range.map { Double(track.imaginary[$0][mode]) },
                ] {
                    total += zip(part, factor.solve(part)).reduce(0) { $0 + $1.0 * $1.1 }
                    total -= part.reduce(0) { $0 + $1 * $1 } / model.noise
                }
            }
            return total
        }
        let whole = try dense(0..<count)
        #expect(abs(BlockRefinement(law: tables).cost(track, block) / whole - 1) < 1e-4)
        let window = JointStep(tables, end: 17, count: 12, free: 5)
        #expect(abs(Double(window.cost(track, block)) / (try dense(5..<17)) - 1) < 1e-4)
        // Each joint step goes down.
        var workspace = JointStep.Workspace(groups: 1, free: 16)
        var cost = Double(window.cost(track, block))
        for _ in 0..<4 {
            window.run(&track, block, iterations: 1, &workspace)
            let next = Double(window.cost(track, block))
            #expect(next <= cost * (1 + 1e-5))
            cost = next
        }
        #expect(cost < 0.9 * whole)
    }

    @Test func `blocks are whole runs of neighboring pairs`() {
        #expect(
            SynchronizedPlan.blocks(rows: 100, commissioned: 45, length: 20, breaks: [])
                == [0..<20, 20..<40, 45..<65, 65..<85])
        #expect(
            SynchronizedPlan.blocks(rows: 100, commissioned: 50, length: 20, breaks: [25, 55, 56])
                == [0..<20, 25..<45, 56..<76, 76..<96])
        #expect(SynchronizedPlan.blocks(rows: 10, commissioned: 5, length: 20, breaks: [3]).isEmpty)
    }

    private static func commission(_ a: FeatureMatrix, _ b: FeatureMatrix, tones: [Int]) throws
        -> Commissioning.Result
    {
        var options = Commissioning.Options()
        options.feature = .synchronized
        options.maximumBits = 4
        options.reconciliation = .soft(excess: 0.075)
        return try Commissioning(options: options, charges: PlainCharges(z: 2)).run(
            initiator: a, responder: b, published: .canonical, tones: tones, keyedPairs: 100_000_000)
    }

    @Test func `noise and a channel that stands still are never synchronized`() throws {
        let tones = Array(-26..<0) + Array(1...26)
        let noise = try Self.commission(
            Self.noise(rows: 2200, columns: 104, seed: 3), Self.noise(rows: 2200, columns: 104, seed: 4),
            tones: tones)
        #expect(noise.plan.components.isEmpty && noise.findings.obstacle != nil)
        let walk = try Walk(.d, snr: 20, rate: 50, seconds: 44, speed: 0, seed: 5)
        let still = try Self.commission(walk.initiator, walk.responder, tones: walk.parameters.tones)
        #expect(still.plan.components.isEmpty && still.findings.obstacle != nil)
    }

    /// The ends share the fading and nothing else, phases, timing and noise are each end's own: where their tracks agree
    /// from one snapshot to the next, both follow the channel.
    @Test func `both ends' tracks of a block differ by a slow drift, which untracked gains don't`() throws {
        let walk = try Walk(.d, snr: 20, rate: 50, seconds: 42, seed: 9)
        let tones = walk.parameters.tones
        let law = DopplerLaw(.jakes, doppler: walk.parameters.maximumDoppler / 50)
        let length = 128
        let ends = [walk.initiator, walk.responder]
        let blocks = walk.initiator.rows / length
        let tracks = try ends.map { features in
            let model = try #require(
                GainModes.model(
                    features, rows: Array(0..<features.rows), rotation: { _ in (0, 0) }, tones: tones))
            let tracker = BlockTracker(model, law: law, count: length)
            return (0..<blocks).map { tracker.run(features, rows: $0 * length..<($0 + 1) * length) }
        }
        /// Snapshots whose phase between the ends leaps by more than half a radian.
        func leaps(_ block: Int, _ turn: (Int, Int) -> (phase: Double, slope: Double)) -> Int {
            let phases = (0..<length).map { n -> Double in
                let row = block * length + n
                var (re, im) = (0.0, 0.0)
                for (tone, k) in tones.enumerated() {
                    let turned = (0..<2).map { end -> (Double, Double) in
                        let (phase, slope) = turn(end, n)
                        let angle = phase + slope * Double(k)
                        let (x, y) = (
                            Double(ends[end][row, tone]), Double(ends[end][row, tones.count + tone])
                        )
                        return (x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
                    }
                    re += turned[0].0 * turned[1].0 + turned[0].1 * turned[1].1
                    im += turned[0].1 * turned[1].0 - turned[0].0 * turned[1].1
                }
                return atan2(im, re)
            }
            return zip(phases.dropFirst(), phases).count { abs(remainder($0 - $1, 2 * Double.pi)) > 0.5 }
        }
        var followed = 0
        var random = SplitMix64(seed: 4)
        for block in 0..<blocks {
            let found = leaps(block) { end, n in
                (Double(tracks[end][block].phases[n]), Double(tracks[end][block].slopes[n]))
            }
            if found <= 2 { followed += 1 }
            // The measure sees what isn't tracked.
            let untracked = leaps(block) { _, _ in
                (2 * Double.pi * Double(random.next() >> 11) * 0x1p-53, 0)
            }
            #expect(untracked > length / 2)
        }
        #expect(followed >= blocks - 2, "\(followed) of \(blocks)")
    }

    /// Documentation/secrecy.md: by data processing.
    @Test(arguments: [50.0, 100, 200])
    func `what synchronized blocks are credited never exceeds the channel's own information`(
        rate: Double
    ) throws {
        let walk = try Walk(.d, snr: 20, rate: rate, seconds: 2700 / rate, seed: 5)
        let result = try Self.commission(walk.initiator, walk.responder, tones: walk.parameters.tones)
        let plan = result.plan
        let perMinute = 60 * rate / Double(plan.timeBlock)
        let credited = plan.model.components.enumerated().reduce(0) {
            $0 + perMinute * Double(plan.symbolsPerRow(source: $1.offset))
                * (SampleStatistics.information($1.element.correlation) - $1.element.memoryCharge)
        }
        let ceiling = Ceilings(walk.parameters).bitsPerMinute
        #expect(credited <= ceiling, "\(credited) of \(ceiling)")
        guard let synchronization = plan.synchronization else {
            // The office at a walk is what this is for: without blocks nothing would be tested here.
            Issue.record("no blocks: \(result.findings.obstacle ?? "")")
            return
        }
        try plan.validate(columns: walk.initiator.columns)
        if rate == 50 { #expect(credited > 0.3 * ceiling) }
        // The law is the true one within what the charges allow for, and the block's memory no less than the true.
        let truth = walk.parameters.maximumDoppler / rate
        #expect(abs(synchronization.law.doppler / truth - 1) < 0.04)
        #expect(result.findings.memoryPerRow >= Self.exactMemory(walk.parameters, length: plan.timeBlock))
    }

    /// I(block; past) of the true channel with known phases.
    private static func exactMemory(_ parameters: SimulationParameters, length: Int) -> Double {
        let law = (0...4 * length).map {
            parameters.spectrum.autocorrelation(
                maximumDoppler: parameters.maximumDoppler, lag: Double($0) / parameters.probeRate)
        }
        let snr = pow(10, parameters.snr / 10)
        return Ceilings(parameters).eigenvalues.filter { $0 * snr > 1e-6 }.reduce(0) { sum, value in
            var covariance = law.map { $0 * value * snr }
            covariance[0] += 1
            let errors = LevinsonDurbin(autocovariance: covariance).errors
            let last = max(errors[errors.count - 1], 1)
            return (0..<length).reduce(sum) { $0 + log2(max(errors[min($1, errors.count - 1)], last) / last) }
        }
    }
}
