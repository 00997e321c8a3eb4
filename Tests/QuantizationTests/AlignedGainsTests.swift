// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Statistics
import Testing

@testable import Quantization

@Suite struct AlignedGainsTests {
    private func turned(_ features: FeatureMatrix, tones: [Int], alpha: Double, beta: Double) -> FeatureMatrix
    {
        var result = features
        let half = tones.count
        for row in 0..<features.rows {
            for (k, tone) in tones.enumerated() {
                let angle = alpha - Double(tone) * beta
                let (a, b) = (Double(features[row, k]), Double(features[row, half + k]))
                result.values[row * features.columns + k] = Float(a * cos(angle) - b * sin(angle))
                result.values[row * features.columns + half + k] = Float(a * sin(angle) + b * cos(angle))
            }
        }
        return result
    }

    @Test func `aligned gains lie on a flat slice, whatever phase and small delay they came with`() throws {
        let walk = try Walk(.d, snr: 20, rate: 50, seconds: 10, seed: 4)
        let tones = walk.parameters.tones
        let alignment = try #require(AlignedGains(canonical: walk.initiator, tones: tones))
        #expect(alignment.isValid(columns: 104) && !alignment.isValid(columns: 102))
        let aligned = alignment.apply(walk.initiator)
        let again = alignment.apply(
            turned(walk.initiator, tones: tones, alpha: 2.2, beta: 0.003))
        var worst = 0.0
        var moved = 0
        for row in 0..<aligned.rows {
            var (level, slope, z) = (0.0, 0.0, 0.0)
            for k in 0..<52 {
                let (c, d) = (alignment.template[k], alignment.template[52 + k])
                let (a, b) = (Double(aligned[row, k]), Double(aligned[row, 52 + k]))
                level += c * b - d * a
                slope += Double(tones[k]) * (c * b - d * a)
                z += c * a + d * b
            }
            #expect(z > 0)
            worst = max(worst, abs(level), abs(slope) / 26)
            let distance = (0..<104).reduce(0.0) { $0 + abs(Double(aligned[row, $1] - again[row, $1])) }
            if distance > 0.05 { moved += 1 }
        }
        #expect(worst < 2e-3)
        // A maximum at the edge of the slopes that are looked at may fall out.
        #expect(moved <= aligned.rows / 100)
    }

    @Test func `both ends agree on aligned gains better than on canonical ones component by component`()
        throws
    {
        let walk = try Walk(.d, snr: 20, rate: 50, seconds: 40, seed: 4)
        let alignment = try #require(AlignedGains(canonical: walk.initiator, tones: walk.parameters.tones))
        func information(_ a: FeatureMatrix, _ b: FeatureMatrix) throws -> Double {
            let maps = try #require(Decorrelator(.klt, a, b, limit: 24))
            return zip(maps.initiator.apply(a), maps.responder.apply(b)).reduce(0) {
                $0 + SampleStatistics.information(Series.correlation($1.0, $1.1))
            }
        }
        let aligned = try information(alignment.apply(walk.initiator), alignment.apply(walk.responder))
        // 33.8 bits a snapshot by the numerical prototype, 50.1 with known phases.
        #expect(aligned > 31 && aligned < 40)
    }

    @Test func `the bound holds where it was computed, and nowhere else`() {
        // Total correlation of all components, bits, by integration over the slope: model, SNR, information, share.
        let computed: [(information: Double, bits: Double)] = [
            (15.8, 1.13), (22.0, 2.09), (29.1, 3.36), (45.5, 6.69 - 0.78), (22.6, 2.51), (32.3, 4.06),
            (43.3, 5.97 - 0.4),
            (68.8, 11.11), (27.7, 2.88), (40.7, 4.76), (56.1, 7.43),
        ]
        for (information, bits) in computed {
            // One mode with that information: s²/(2s + 1) = 2^I − 1, s nearly 2^(I + 1).
            let charge = AlignedDependence.charge(values: [exp2(information + 1) + 1], noise: 1)
            #expect(
                charge.map { $0 >= bits - 0.01 && $0 < bits + 1.1 } ?? false,
                "\(information): \(charge ?? -1)")
        }
        #expect(AlignedDependence.charge(values: [10, 9], noise: 1) == nil)
        #expect(AlignedDependence.charge(values: [exp2(75.0)], noise: 1) == nil)
        #expect(AlignedDependence.charge(values: [], noise: 1) == nil)
        #expect(AlignedDependence.charge(values: [1, 1], noise: 1) == nil)
    }
}

@Suite struct PooledBoundTests {
    /// Noncentral χ² by plain sums of squares.
    @Test(arguments: [(40, 0.0), (400, 0.0), (40, 60.0), (2000, 500.0)])
    func `a pooled bound fails as seldom as it promises`(degrees: Int, noncentrality: Double) {
        var noise = Gaussians(seed: UInt64(degrees))
        let effective = 1000.0
        let scale = 2 * effective * log(2.0)
        let truth = noncentrality / scale
        var failures = 0
        let runs = 400
        for _ in 0..<runs {
            var sum = 0.0
            for index in 0..<degrees {
                let value = noise.next() + (index == 0 ? noncentrality.squareRoot() : 0)
                sum += value * value
            }
            let bound = SampleStatistics.upperBound(
                plugIn: sum / scale, degrees: degrees, samples: effective, effective: effective, z: 2)
            if bound < truth { failures += 1 }
        }
        // 2.3 % are allowed.
        #expect(failures <= 18)
        // Fewer independent samples never make it smaller.
        #expect(
            SampleStatistics.upperBound(plugIn: 1, degrees: 40, samples: 1000, effective: 500, z: 2)
                >= SampleStatistics.upperBound(plugIn: 1, degrees: 40, samples: 1000, effective: 1000, z: 2))
    }
}
