// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Statistics
import TestSupport
import Testing

@testable import Quantization

/// What a recorded Eve is charged on gains, and what she isn't.
@Suite struct EavesdropperTests {
    /// A walk with an Eve beside Bob, commissioned with her or without.
    struct Scene {
        let traces: [ChannelTrace]
        let features: [FeatureMatrix]
        let tones: [Int]

        init(distance: Double = 0.5, antennas: Int = 1, seconds: Double = 60, seed: UInt64 = 11) throws {
            var parameters = SimulationParameters(
                model: TGn.d.model, snr: 20, speed: 1, probeRate: 50, duration: seconds, seed: seed)
            parameters.eve = EveParameters(distanceToBob: distance)
            parameters.eve.antennas = antennas
            parameters.impairments = .none
            let simulator = try TwoSidedSimulator(parameters)
            traces = try [.alice, .bob, .eve].map { try simulator.trace($0) }
            features = try traces.prefix(2).map { trace in
                try FeatureExtractor(kind: .canonical, like: trace).features(
                    of: trace, at: Array(0..<trace.count))
            }
            tones = parameters.tones
        }

        var all: [Int] { Array(0..<features[0].rows) }

        func commission(
            _ eve: ChannelTrace?, decorrelation: Decorrelation = .klt,
            charges: any SelectionCharges = HonestCharges()
        ) throws -> Commissioning.Result {
            var options = Commissioning.Options()
            options.stride = 3
            options.rate = 50
            options.maximumBits = 4
            options.feature = .amplitude
            options.decorrelation = decorrelation
            return try Commissioning(options: options, charges: charges).run(
                initiator: features[0], responder: features[1], published: .canonical, tones: tones,
                eve: try eve.map { try EveFeatures(of: $0, at: all) }, keyedPairs: 1_000_000)
        }
    }

    /// What was measured is charged, nothing else.
    struct HonestCharges: SelectionCharges {
        let plain = PlainCharges()

        func upperBound(_ correlation: Double, effectiveSamples: Double, parameters: Int, estimates: Int)
            -> Double?
        {
            plain.upperBound(
                min(correlation, 1 - 1e-12), effectiveSamples: effectiveSamples, parameters: parameters,
                estimates: estimates)
        }
        func lowerBound(_ correlation: Double, effectiveSamples: Double, estimates: Int) -> Double? {
            plain.lowerBound(correlation, effectiveSamples: effectiveSamples, estimates: estimates)
        }
        func quantile(estimates: Int) -> Double { plain.quantile(estimates: estimates) }
        func errorLaw(
            labels: QuantizationPlan.Labels, bits: Int, helperBits: Int, correlation: Double,
            lowerBound: Double
        ) -> ErrorLaw {
            plain.errorLaw(
                labels: labels, bits: bits, helperBits: helperBits, correlation: correlation,
                lowerBound: lowerBound)
        }
        func eveCharge(measured: Double?) -> Double { SampleStatistics.information(measured ?? 0) }
        func finiteSizePenalty(symbols: Double, bits: Int) -> Double {
            plain.finiteSizePenalty(symbols: symbols, bits: bits)
        }
    }

    /// Every gain changed, snapshot by snapshot.
    private static func changed(_ trace: ChannelTrace, _ change: (Int, [IQ]) -> [IQ]) -> ChannelTrace {
        var result = ChannelTrace(description: trace.description)
        for index in 0..<trace.count {
            let gains = change(index, Array(trace.gains(at: index)))
            let paths = gains.count / trace.shape(at: index).subcarriers
            result.append(
                sequence: trace.sequence(at: index), time: trace.time(at: index),
                shape: SnapshotShape(
                    receiveAntennas: paths, transmitAntennas: 1,
                    subcarriers: trace.shape(at: index).subcarriers),
                gains: gains)
        }
        return result
    }

    @Test func `an Eve who has Bob's or Alice's gains, or is a millimeter off, leaves nothing to key`() throws
    {
        let scene = try Scene(distance: 0.001)
        #expect(!(try scene.commission(nil)).plan.components.isEmpty)
        for eve in scene.traces {
            let result = try scene.commission(eve)
            #expect(result.plan.components.isEmpty && result.findings.obstacle != nil)
        }
        // The transform over time has her too.
        #expect(try scene.commission(scene.traces[1], decorrelation: .dct).plan.components.isEmpty)
    }

    @Test func `an Eve without phases, in another gauge, is the same Eve`() throws {
        let scene = try Scene()
        let cubed = Self.changed(scene.traces[1]) { index, gains in
            gains.enumerated().map { tone, gain in
                let amplitude = gain.amplitude * gain.amplitude * gain.amplitude
                let angle = Float(index * 31 + tone * tone * 7)
                return IQ(amplitude * cos(angle), amplitude * sin(angle))
            }
        }
        #expect(try scene.commission(cubed).plan.components.isEmpty)
    }

    @Test func `an Eve whose two antennas have Bob's gains in their difference only leaves nothing`() throws {
        let scene = try Scene()
        let other = try Scene(seed: 12).traces[1]
        let hidden = Self.changed(scene.traces[1]) { index, gains in
            let cover = other.gains(at: min(index, other.count - 1)).map { IQ(3 * $0.re, 3 * $0.im) }
            return zip(gains, cover).map { IQ($0.re + $1.re, $0.im + $1.im) } + cover
        }
        #expect(try scene.commission(hidden).plan.components.isEmpty)
    }

    @Test func `an Eve who knows nothing costs the confidence of the bound, one near much more`() throws {
        let scene = try Scene()
        let free = try scene.commission(nil)
        let far = try scene.commission(scene.traces[2])
        var random = Gaussians(seed: 5)
        let noise = Self.changed(scene.traces[2]) { _, gains in
            gains.map { _ in IQ(Float(random.next()), Float(random.next())) }
        }
        let deaf = try scene.commission(noise)
        let near = try Scene(distance: 0.01)
        let close = try near.commission(near.traces[2])
        let without = try near.commission(nil)
        let nets = [free, far, deaf].map(\.findings.expectedNetPerRow)
        #expect(nets[1] > 0.5 * nets[0] && nets[2] > 0.5 * nets[0], "\(nets)")
        #expect(nets[1] < nets[0] && nets[2] < nets[0])
        // Of 50 bits a snapshot she knows more than 20.
        #expect(
            close.plan.components.isEmpty
                || close.findings.expectedNetPerRow < 0.55 * without.findings.expectedNetPerRow)
        for part in deaf.plan.model.components { #expect(part.eveCharge < 0.4) }
    }

    @Test func `too few rows for a bound, or rows of another exchange, fail closed`() throws {
        let scene = try Scene(seconds: 8)
        let eve = try EveFeatures(of: scene.traces[2], at: Array(0..<100))
        #expect(
            thrownCode {
                _ = try Commissioning(options: .init(), charges: HonestCharges()).run(
                    initiator: scene.features[0], responder: scene.features[1], published: .canonical,
                    tones: scene.tones, eve: eve, keyedPairs: 10_000)
            } == .badInput)
        #expect(try scene.commission(scene.traces[2]).plan.components.isEmpty)
    }

    @Test func `the attackers' columns are the component itself where Eve is Alice`() throws {
        let scene = try Scene(seconds: 30)
        let plan = try scene.commission(nil, charges: PlainCharges(z: 1)).plan
        try #require(!plan.components.isEmpty)
        let scores = ComponentStreams(published: scene.features[0], plan: plan, role: .initiator).scores
        let rows = scores[0].count
        let columns = EveRegressors(
            try EveFeatures(of: scene.traces[0], at: scene.all), plan: plan, published: scene.features[0]
        ).columns(targets: scores, lesson: 0..<rows / 2, limit: 12)
        for (own, hers) in zip(scores, columns) {
            #expect(hers.count == 12 && hers.allSatisfy { $0.count >= rows })
            #expect(Series.correlation(own, Array(hers[0].prefix(rows))) > 0.995)
        }
    }

    @Test func `a monotone map is undone by ranks, rising or falling, and ties share theirs`() {
        var random = Gaussians(seed: 8)
        let x = random.array(500)
        for isFalling in [false, true] {
            let y = x.map { exp(isFalling ? -3 * $0 : 3 * $0) }
            let match = QuantileMatch(from: y, to: x, isFalling: isFalling)
            #expect(zip(x, y).allSatisfy { abs($0 - match($1)) < 1e-9 })
        }
        let match = QuantileMatch(from: [1, 1, 1, 2], to: [10, 20, 30, 40])
        #expect(match(1) == 20 && match(2) == 40 && match(0) == 10 && match(9) == 40)
        #expect(QuantileMatch(from: [], to: [])(3) == 3)
    }

    @Test func `a size that Eve knows without the sign is charged`() {
        var random = Gaussians(seed: 9)
        let x = random.array(6000)
        let sizes = x.map { abs($0) }
        let deaf = ScalarMemory(scores: x, eve: [random.array(6000)])
        let memory = ScalarMemory(scores: x, eve: [sizes])
        #expect(memory.correlation < 0.2 && memory.evenCorrelation > 0.95 && deaf.evenCorrelation < 0.15)
        // What a Gaussian Eve knows of the size is what she knows of the value: not charged twice.
        let plain = ScalarMemory(scores: x, eve: [random.partner(of: x, rho: 0.8)])
        #expect(abs(plain.correlation - 0.8) < 0.03 && plain.evenCorrelation < 0.2)
    }
}
