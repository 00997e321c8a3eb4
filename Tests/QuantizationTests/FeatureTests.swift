// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import QWaveCore
import Statistics
import Testing

@testable import Quantization

@Suite struct FeatureTests {
    static let tones = Array(-26 ... -1) + Array(1...26)

    private func random(_ count: Int, seed: UInt64) -> [IQ] {
        var noise = Gaussians(seed: seed)
        return (0..<count).map { _ in IQ(Float(noise.next()), Float(noise.next())) }
    }

    @Test func `kinds follow what was recorded`() {
        let one = [IQ(-60, 0)]
        #expect(FeatureKind.available(for: gainTrace([one], tones: [], quantity: .decibels)) == [.scalar])
        #expect(
            FeatureKind.available(for: gainTrace([one + one], tones: [], quantity: .decibels)) == [.amplitude]
        )
        #expect(
            FeatureKind.available(for: gainTrace([random(52, seed: 1)], tones: [])) == [
                .canonical, .synchronized, .aligned, .amplitude,
            ])
        #expect(FeatureKind.available(for: gainTrace([random(3, seed: 1)], tones: [])) == [.amplitude])
        #expect(FeatureKind.available(for: gainTrace([], tones: [])).isEmpty)
    }

    @Test func `scalars are the values, amplitudes the magnitudes`() throws {
        let levels = gainTrace([[IQ(-60, 0)], [IQ(-61, 0)], [IQ(-59, 0)]], tones: [], quantity: .decibels)
        let scalar = try FeatureExtractor(kind: .scalar, like: levels).features(of: levels, at: [2, 0])
        #expect(scalar.values == [-59, -60] && scalar.rows == 2 && scalar.columns == 1)
        let gains = gainTrace([[IQ(3, 4), IQ(0, -2)]], tones: [])
        let amplitude = try FeatureExtractor(kind: .amplitude, like: gains).features(of: gains, at: [0])
        #expect(amplitude.values == [5, 2])
        // Decibels of several antennas keep their sign: −3 and +3 dB aren't the same level.
        let several = gainTrace([[IQ(-3, 0), IQ(3, 0)]], tones: [], receive: 2, quantity: .decibels)
        #expect(
            try FeatureExtractor(kind: .amplitude, like: several).features(of: several, at: [0]).values == [
                -3, 3,
            ])
    }

    @Test(arguments: [1, 2, 3]) func `canonical features put all real parts first, antenna after antenna`(
        receive: Int
    ) throws {
        let gains = random(52 * receive, seed: 4)
        let trace = gainTrace([gains], tones: Self.tones, receive: receive)
        let extractor = try FeatureExtractor(kind: .canonical, like: trace)
        #expect(extractor.columns == 104 * receive)
        let row = try extractor.features(of: trace, at: [0])
        let canonical = CanonicalPhase(tones: Self.tones)
        for path in 0..<receive {
            let turned = canonical.apply(gains[path * 52..<(path + 1) * 52]).gains
            for tone in 0..<52 {
                #expect(row[0, path * 52 + tone] == Float(turned[tone].re))
                #expect(row[0, 52 * receive + path * 52 + tone] == Float(turned[tone].im))
            }
        }
        // What amplitude plans make of them is the gains' magnitude, on every antenna.
        let amplitudes = ComponentStreams.features(row, kind: .amplitude, columns: 52 * receive)
        #expect(amplitudes.columns == 52 * receive)
        for (index, gain) in gains.enumerated() { #expect(abs(amplitudes[0, index] - gain.amplitude) < 1e-5) }
    }

    @Test func `amplitudes that were recorded as such stay as they are`() throws {
        let trace = gainTrace([[IQ(3, 0), IQ(4, 0), IQ(12, 0)]], tones: [], quantity: .amplitude)
        let published = try FeatureExtractor(kind: .amplitude, like: trace).features(of: trace, at: [0])
        #expect(ComponentStreams.features(published, kind: .amplitude, columns: 3).values == [3, 4, 12])
    }

    @Test func `other shapes, empty captures and gains that aren't finite are refused in words`() throws {
        #expect(
            thrownCode { _ = try FeatureExtractor(kind: .scalar, like: gainTrace([], tones: [])) }
                == .badInput)
        let mixed = gainTrace([random(52, seed: 1), random(51, seed: 2)], tones: Self.tones)
        let extractor = try FeatureExtractor(kind: .canonical, like: mixed)
        #expect(try extractor.features(of: mixed, at: [0]).rows == 1)
        #expect(thrownCode { _ = try extractor.features(of: mixed, at: [0, 1]) } == .refused)
        for value: Float in [.nan, .infinity, 3e38] {
            var gains = random(52, seed: 3)
            gains[7] = IQ(value, value)
            let damaged = gainTrace([gains], tones: Self.tones)
            for kind in [FeatureKind.canonical, .amplitude] {
                let extractor = try FeatureExtractor(kind: kind, like: damaged)
                #expect(
                    thrownCode { _ = try extractor.features(of: damaged, at: [0]) } == .badInput,
                    "\(kind) \(value)")
            }
        }
    }

    @Test func `a tone list that doesn't fit is replaced by the order of the subcarriers`() throws {
        let trace = gainTrace([random(30, seed: 8)], tones: Self.tones)
        #expect(try FeatureExtractor(kind: .canonical, like: trace).columns == 60)
        // Repeated, falling and extreme indices don't trap.
        for tones in [[Int](repeating: 5, count: 4), [4, 3, 2, 1], [.min, -1, 1, .max]] {
            let trace = gainTrace([random(4, seed: 9)], tones: tones)
            _ = try FeatureExtractor(kind: .canonical, like: trace).features(of: trace, at: [0])
        }
    }

    @Test func `decimation keeps the first of each stride and blocks keep whole ones`() {
        let matrix = FeatureMatrix(rows: 10, columns: 2, values: (0..<20).map { Float($0) })
        #expect(ComponentStreams.decimate(matrix, stride: 3).column(0) == [0, 6, 12, 18])
        #expect(ComponentStreams.decimate(matrix, stride: 1) == matrix)
        let blocks = ComponentStreams.block(matrix, timeBlock: 4, decorrelation: .dct, kind: .scalar)
        #expect(blocks.rows == 2 && blocks.columns == 8)
        #expect(matrix.slice(2..<4).values == [4, 5, 6, 7])
    }
}
