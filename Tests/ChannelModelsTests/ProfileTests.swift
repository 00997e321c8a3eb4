// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Testing

@Suite struct ProfileTests {
    /// ST-1.
    @Test(arguments: zip(TGn.allCases, [0, 15.6482, 33.4327, 49.9530, 98.9979, 148.9181]))
    func `each model has its published delay spread`(model: TGn, spread: Double) {
        #expect(abs(model.model.delaySpread - spread) < 1e-3)
        #expect(abs(model.model.taps.reduce(0) { $0 + $1.power } - 1) < 1e-12)
    }

    @Test(arguments: zip(TGn.allCases, [0, 13.9836, 29.5582, 45.3927, 95.3714, 145.5341]))
    func `each model has its published mean delay`(model: TGn, mean: Double) {
        #expect(abs(model.model.meanDelay - mean) < 1e-3)
    }

    /// ST-2.
    @Test(arguments: TGn.allCases)
    func `the clusters' powers sum to the totals on every tap`(model: TGn) {
        var sums = [Double](repeating: 0, count: model.delays.count)
        for cluster in model.clusters {
            let indices = model.delays.indices.filter { cluster.delays.contains(model.delays[$0]) }
            #expect(indices.count == cluster.decibels.count)
            for (index, level) in zip(indices, cluster.decibels) { sums[index] += pow(10, level / 10) }
        }
        for (sum, total) in zip(sums, model.totalDecibels) { #expect(abs(10 * log10(sum) - total) < 1e-3) }
    }

    @Test func `models are found by name and others refused with the names`() throws {
        for model in ChannelModel.all { #expect(try ChannelModel(named: model.name.uppercased()) == model) }
        #expect(ChannelModel.all.map(\.name).contains("tgn-d"))
        let error = #expect(throws: QWaveError.self) { try ChannelModel(named: "tgn-g") }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("tgn-f") == true)
    }

    @Test func `a table of one's own is normalized and checked`() throws {
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
