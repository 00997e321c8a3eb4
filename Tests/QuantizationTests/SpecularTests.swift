// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Statistics
import Testing

@testable import Quantization

/// Blocks whose phases a steady line of sight gives.
@Suite struct SpecularTests {
    /// People move near two ends that see each other.
    private static func room(
        k: Double?, snr: Double, seconds: Double, rate: Double = 50, seed: UInt64 = 2
    ) throws
        -> (parameters: SimulationParameters, ends: [FeatureMatrix])
    {
        var parameters = SimulationParameters(
            model: TGn.d.model, snr: snr, speed: 0.1139, probeRate: rate, duration: seconds, seed: seed)
        parameters.spectrum = .bell
        parameters.sinusoids = DopplerSpectrum.bell.usualSinusoids
        parameters.riceFactor = k
        let simulator = try TwoSidedSimulator(parameters)
        let ends = try [simulator.trace(.alice), simulator.trace(.bob)].map { trace in
            try FeatureExtractor(kind: .canonical, like: trace)
                .features(of: trace, at: Array(0..<trace.count))
        }
        return (parameters, ends)
    }

    /// The oracle sums the spectrum's own shifts; ours takes the cut off the whole Lorentzian.
    @Test func `the bell's autocorrelation is that of its spectrum, near and far`() {
        for cycles in [0, 0.003, 0.05, 0.079, 0.081, 0.2, 0.5, 1, 2.5, 7, 20] {
            let exact = DopplerSpectrum.bell.autocorrelation(maximumDoppler: 1, lag: cycles)
            #expect(abs(BellSpectrum.correlation(cycles) - exact) < 2e-5, "\(cycles)")
        }
        // Far out the Lorentzian is what is left: nothing comes back. A sum of 128 cosines came back to 0.05 and more.
        for cycles in stride(from: 8.0, to: 60, by: 0.37) {
            #expect(abs(BellSpectrum.correlation(cycles)) < 2e-4, "\(cycles)")
        }
    }

    @Test func `phase and timing of a snapshot don't move what is left beside the line of sight`() throws {
        let (parameters, ends) = try Self.room(k: 20, snr: 30, seconds: 10)
        let tones = parameters.tones
        let gains = ends[0]
        let specular = try #require(SpecularGains(canonical: gains, tones: tones))
        var turned = gains
        var random = Gaussians(seed: 5)
        for row in 0..<gains.rows {
            let (phase, slope) = (random.next(), 0.02 * random.next())
            for (place, k) in tones.enumerated() {
                let angle = phase + slope * Double(k)
                let (a, b) = (Double(gains[row, place]), Double(gains[row, tones.count + place]))
                turned.values[row * gains.columns + place] = Float(a * cos(angle) - b * sin(angle))
                turned.values[row * gains.columns + tones.count + place] = Float(
                    a * sin(angle) + b * cos(angle))
            }
        }
        let (one, other) = (specular.residual(gains), specular.residual(turned))
        let size = one.values.reduce(0) { $0 + $1 * $1 }
        let change = zip(one.values, other.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(size > 0 && change < 1e-5 * size, "\(change) of \(size)")
        // Orthogonal to the constant part and to its slope, in every row.
        let t = specular.alignment.template
        for row in 0..<one.rows {
            for weight in [{ _ in 1.0 }, { Double(tones[$0]) / 26 }] as [(Int) -> Double] {
                var (re, im) = (0.0, 0.0)
                for place in tones.indices {
                    let (a, b) = (Double(one[row, place]), Double(one[row, tones.count + place]))
                    re += weight(place) * (t[place] * a + t[tones.count + place] * b)
                    im += weight(place) * (t[place] * b - t[tones.count + place] * a)
                }
                #expect(abs(re) < 1e-4 && abs(im) < 1e-4)
            }
        }
    }

    @Test func `fading without a line of sight has none`() throws {
        let walk = try Walk(.d, snr: 20, rate: 50, seconds: 20, seed: 3)
        #expect(SpecularGains(canonical: walk.initiator, tones: walk.parameters.tones) == nil)
        // K = 3 dB, noise at 20 dB: two thirds of the power.
        let (parameters, ends) = try Self.room(k: 3, snr: 20, seconds: 40)
        #expect(SpecularGains(canonical: ends[0], tones: parameters.tones) == nil)
    }

    @Test(arguments: [(20.0, 20.0, 50.0), (30, 30, 50), (20, 20, 100)])
    func `what is credited beside a line of sight never exceeds the channel's own information`(
        k: Double, snr: Double, rate: Double
    ) throws {
        let (parameters, ends) = try Self.room(k: k, snr: snr, seconds: 9000 / rate, rate: rate)
        var options = Commissioning.Options()
        options.maximumBits = 4
        options.reconciliation = .soft(excess: 0.075)
        let result = try Commissioning(options: options, charges: PlainCharges(z: 2)).run(
            initiator: ends[0], responder: ends[1], published: .canonical, tones: parameters.tones,
            keyedPairs: 1_000_000)
        let plan = result.plan
        let synchronization = try #require(plan.synchronization, "\(result.findings)")
        try plan.validate(columns: ends[0].columns)
        #expect(synchronization.references.isEmpty)
        let perMinute = 60 * rate / Double(plan.timeBlock)
        let credited = plan.model.components.enumerated().reduce(0) {
            $0 + perMinute * Double(plan.symbolsPerRow(source: $1.offset))
                * (SampleStatistics.information($1.element.correlation) - $1.element.memoryCharge)
        }
        let ceiling = Ceilings(parameters).bitsPerMinute
        #expect(credited > 0.15 * ceiling && credited <= ceiling, "\(credited) of \(ceiling)")
        // The law is the true one within what the charges allow for.
        #expect(synchronization.law.spectrum == "bell")
        let truth = parameters.maximumDoppler / rate
        #expect((0.93...1.2).contains(synchronization.law.doppler / truth), "\(synchronization.law)")
        #expect(
            result.findings.memoryPerRow
                >= Self.exactMemory(parameters, synchronization.initiator, length: plan.timeBlock))
    }

    /// I(block; past) of the modes under the true law.
    private static func exactMemory(
        _ parameters: SimulationParameters, _ model: SynchronizationModel, length: Int
    ) -> Double {
        let law = (0...4 * length).map {
            parameters.spectrum.autocorrelation(
                maximumDoppler: parameters.maximumDoppler, lag: Double($0) / parameters.probeRate)
        }
        return model.powers.reduce(0) { sum, power in
            var covariance = law.map { $0 * power }
            covariance[0] += model.noise
            let errors = LevinsonDurbin(autocovariance: covariance).errors
            let last = max(errors[errors.count - 1], model.noise)
            return (0..<length).reduce(sum) { $0 + log2(max(errors[min($1, errors.count - 1)], last) / last) }
        }
    }

    @Test func `the noise of a model is that of the gains, however few rows there are`() throws {
        let (parameters, ends) = try Self.room(k: 20, snr: 20, seconds: 40)
        let specular = try #require(SpecularGains(canonical: ends[0], tones: parameters.tones))
        let residual = specular.residual(ends[0])
        for count in [200, 600, 2000] {
            let model = try #require(
                GainModes.model(
                    residual, rows: Array(0..<count), rotation: { _ in (0, 0) }, tones: parameters.tones,
                    lost: SpecularGains.lost))
            // 0.01 is the noise that was simulated. The weakest half of the eigenvalues was 20 to 60 % below it.
            #expect(abs(model.noise / 0.01 - 1) < 0.05, "\(count): \(model.noise)")
        }
    }

    @Test func `a block in which one end slipped isn't locked, though its own likelihood said so`() throws {
        let tones = Array(-5...5)
        let vectors = (0..<3).map { mode in
            tones.map { tone -> (Double, Double) in
                let angle = 2 * Double.pi * Double(mode * (tone + 5)) / 11
                return (cos(angle) / 11.0.squareRoot(), sin(angle) / 11.0.squareRoot())
            }
        }
        let model = SynchronizationModel(
            tones: tones, powers: [6, 3, 1.5], real: vectors.map { $0.map(\.0) },
            imaginary: vectors.map { $0.map(\.1) }, noise: 0.003)
        let law = DopplerLaw(.jakes, doppler: 0.1)
        let length = 64
        let transform = try #require(TimeTransform(law, length: length, bins: 12))
        let identity = (0..<3).map { i in (0..<3).map { i == $0 ? 1.0 : 0 } }
        let zero = [[Double]](repeating: [0, 0, 0], count: 3)
        let plan = SynchronizedPlan(
            law: law, initiator: model, responder: model, projectionReal: identity, projectionImaginary: zero,
            bins: 12,
            references: (0..<3).flatMap { mode in (0..<4).map { .init(mode: mode, bin: $0) } }, classes: [])
        var random = Gaussians(seed: 8)
        func block(_ fading: [[(Double, Double)]], slip: Int?) -> BlockTracker.Result {
            var result = BlockTracker.Result(
                real: [], imaginary: [], slopeReal: [Float](repeating: 0, count: 3 * length),
                slopeImaginary: [Float](repeating: 0, count: 3 * length), phases: [], slopes: [], cost: 1)
            for t in 0..<length {
                let angle = 0.7 + (slip.map { t >= $0 } ?? false ? 2.0 : 0)
                for mode in 0..<3 {
                    var (re, im) = (0.04 * random.next(), 0.04 * random.next())
                    for bin in 0..<12 {
                        let v = transform.vector(bin)[bin * length + t]
                        re += fading[mode][bin].0 * v
                        im += fading[mode][bin].1 * v
                    }
                    result.real.append(Float(re * cos(angle) - im * sin(angle)))
                    result.imaginary.append(Float(re * sin(angle) + im * cos(angle)))
                }
            }
            return result
        }
        let slips: [Int?] = [nil, 32, nil, 40, nil]
        let fadings = slips.map { _ in
            (0..<3).map { mode in
                (0..<12).map { bin -> (Double, Double) in
                    let size = (model.powers[mode] * transform.gains[bin] / 2).squareRoot()
                    return (size * random.next(), size * random.next())
                }
            }
        }
        let rows = slips.indices.map { $0 * length..<($0 + 1) * length }
        let hers = SynchronizedBlocks(
            fadings.map { block($0, slip: nil) }, transform, plan: plan, rows: rows, role: .initiator)
        var his = SynchronizedBlocks(
            zip(fadings, slips).map { block($0, slip: $1) }, transform, plan: plan, rows: rows,
            role: .responder)
        try his.align(to: hers.references)
        #expect(his.isLocked == slips.map { $0 == nil })
    }
}
