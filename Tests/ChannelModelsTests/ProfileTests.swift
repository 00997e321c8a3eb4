// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Testing

@Suite struct ProfileTests {
    @Test(arguments: zip(TGn.allCases, [0, 15.6482, 33.4327, 49.9530, 98.9979, 148.9181]))
    func `ST-1 each TGn model has its published delay spread`(model: TGn, spread: Double) {
        #expect(abs(model.model.delaySpread - spread) < 1e-3)
        #expect(abs(model.model.taps.reduce(0) { $0 + $1.power } - 1) < 1e-12)
    }

    @Test(arguments: zip(TGn.allCases, [0, 13.9836, 29.5582, 45.3927, 95.3714, 145.5341]))
    func `each model has its published mean delay`(model: TGn, mean: Double) {
        #expect(abs(model.model.meanDelay - mean) < 1e-3)
    }

    @Test(arguments: TGn.allCases)
    func `ST-2 the clusters' powers sum to the totals on every tap`(model: TGn) {
        var sums = [Double](repeating: 0, count: model.delays.count)
        for cluster in model.clusters {
            let indices = model.delays.indices.filter { cluster.delays.contains(model.delays[$0]) }
            #expect(indices.count == cluster.decibels.count)
            for (index, level) in zip(indices, cluster.decibels) { sums[index] += pow(10, level / 10) }
        }
        for (sum, total) in zip(sums, model.totalDecibels) { #expect(abs(10 * log10(sum) - total) < 1e-3) }
    }

    /// Over all entries of the table, the line of sight included.
    @Test(arguments: zip(TDL.allCases, [1.00006, 0.99999, 1.00000, 0.99372, 1.00024]))
    func `ST-3 each delay line has its published delay spread`(line: TDL, spread: Double) {
        let powers = line.decibels.map { pow(10, $0 / 10) }
        let total = powers.reduce(0, +)
        let mean = zip(powers, line.normalizedDelays).reduce(0) { $0 + $1.0 * $1.1 } / total
        let square = zip(powers, line.normalizedDelays).reduce(0) {
            $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean)
        }
        #expect(abs((square / total).squareRoot() - spread) < 1e-5)
        #expect(line.decibels.count == [23, 23, 24, 14, 15][TDL.allCases.firstIndex(of: line)!])
        let model = line.model(delaySpread: 300)
        #expect(model.taps.count == line.decibels.count - (line.hasLineOfSight ? 1 : 0))
        #expect(abs(model.taps[1].delay - line.normalizedDelays[line.hasLineOfSight ? 2 : 1] * 300) < 1e-9)
        #expect(abs(model.taps.reduce(0) { $0 + $1.power } - 1) < 1e-12)
    }

    @Test(arguments: [(TDL.d, 8.98, 13.3), (.e, 9.27, 22.0)])
    func `delay lines with a line of sight have their published K factors`(
        line: TDL, whole: Double, first: Double
    ) {
        #expect(abs(line.model().defaultRiceFactor! - whole) < 0.006)
        #expect(abs(line.decibels[0] - line.decibels[1] - first) < 1e-9)
        #expect(TDL.c.model().defaultRiceFactor == nil)
    }

    @Test(arguments: [TGn.b, .c, .d, .e, .f], [(Bandwidth.mhz80, 5.0), (.mhz160, 2.5)])
    func `TGac refines the taps cluster by cluster, linearly in decibels`(
        model: TGn, width: (Bandwidth, Double)
    ) throws {
        let refined = try ChannelModel(named: "tgac-\(model.rawValue)", bandwidth: width.0)
        #expect(abs(refined.taps.reduce(0) { $0 + $1.power } - 1) < 1e-12)
        var powers: [Double] = []
        for tap in refined.taps {
            #expect((tap.delay / width.1).rounded() * width.1 == tap.delay)
            var power = 0.0
            for cluster in model.clusters where cluster.delays.contains(tap.delay) {
                let delays = model.delays.filter { cluster.delays.contains($0) }
                let below = delays.lastIndex { $0 <= tap.delay }!
                let above = min(below + 1, delays.count - 1)
                let width = max(delays[above] - delays[below], 1)
                let level =
                    cluster.decibels[below]
                    + (tap.delay - delays[below]) / width
                    * (cluster.decibels[above] - cluster.decibels[below])
                power += pow(10, level / 10)
            }
            powers.append(power)
        }
        let total = powers.reduce(0, +)
        for (tap, power) in zip(refined.taps, powers) { #expect(abs(tap.power - power / total) < 1e-12) }
        // The table's own taps are among them.
        #expect(Set(model.delays).isSubset(of: Set(refined.taps.map(\.delay))))
    }

    @Test func `TGac is TGn at 20 and 40 MHz, and one path stays one`() {
        for model in TGn.allCases {
            for width in [Bandwidth.mhz20, .mhz40] {
                for (a, b) in zip(model.refined(for: width).taps, model.model.taps) {
                    #expect(a.delay == b.delay && abs(a.power - b.power) < 1e-4)
                }
            }
        }
        #expect(TGn.a.refined(for: .mhz160).taps.count == 1)
    }

    @Test func `only delay lines take a delay spread`() throws {
        #expect(try ChannelModel(named: "tdl-b", delaySpread: 30) == TDL.b.model(delaySpread: 30))
        #expect(throws: QWaveError.self) { try ChannelModel(named: "tgn-d", delaySpread: 30) }
        #expect(throws: QWaveError.self) { try ChannelModel(named: "tdl-b", delaySpread: 0) }
    }

    @Test func `NR's tones are every fourth of 30 kHz over 36.7 MHz`() {
        let tones = Bandwidth.nr.toneIndices
        #expect(tones.count == 306 && tones.first == -612 && tones.last == 608)
        #expect(Double(tones.count) * 4 * Bandwidth.nr.spacing == 36.72e6)
        #expect(
            Bandwidth(named: "NR") == .nr && Bandwidth(named: "37") == nil && Bandwidth(named: "40") == .mhz40
        )
    }

    @Test func `each place by name is a run that can be made`() throws {
        for place in Surroundings.allCases {
            var parameters = place.parameters
            parameters.duration = 0.1
            #expect(try TwoSidedSimulator(parameters).trace(.alice).count == 5)
            #expect(!place.summary.isEmpty)
        }
        #expect(Surroundings.frozen.parameters.maximumDoppler == 0)
        #expect(abs(Surroundings.quasiStatic.parameters.maximumDoppler - 0.93) < 0.01)
    }

    @Test func `CH-4 models are found by name and others refused with the names`() throws {
        for model in ChannelModel.all { #expect(try ChannelModel(named: model.name.uppercased()) == model) }
        #expect(ChannelModel.all.map(\.name).contains("tgn-d"))
        let error = #expect(throws: QWaveError.self) { try ChannelModel(named: "tgn-g") }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("tgn-f") == true)
    }

    @Test func `CH-4 a table of one's own is normalized and checked`() throws {
        let model = try ChannelModel(name: "own", delays: [0, 100], decibels: [3, 3])
        #expect(model.taps.map(\.power) == [0.5, 0.5])
        #expect(model.delaySpread == 50)
        #expect(throws: QWaveError.self) { try ChannelModel(name: "x", delays: [], decibels: []) }
        #expect(throws: QWaveError.self) { try ChannelModel(name: "x", delays: [0, 1], decibels: [0]) }
        #expect(throws: QWaveError.self) { try ChannelModel(name: "x", delays: [-1], decibels: [0]) }
        #expect(throws: QWaveError.self) { try ChannelModel(name: "x", delays: [0], decibels: [.nan]) }
    }

    @Test(
        arguments: zip(Bandwidth.allCases, [(52, 26, 64), (114, 58, 128), (242, 122, 256), (498, 250, 512)]))
    func `each bandwidth has its tones`(bandwidth: Bandwidth, expected: (Int, Int, Int)) {
        let tones = bandwidth.toneIndices
        #expect(tones.count == expected.0)
        #expect(tones.first == -expected.1 && tones.last == expected.1)
        #expect(!tones.contains(0) && tones == tones.sorted() && Set(tones).count == tones.count)
        #expect(bandwidth.fftLength == expected.2)
    }
}
