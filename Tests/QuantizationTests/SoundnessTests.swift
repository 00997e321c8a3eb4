// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore
import Statistics
import Testing

@testable import Quantization

/// Documentation/secrecy.md, "Memory": what is left after the memory charge never exceeds what the ends share.
@Suite struct SoundnessTests {
    static let channels: [(model: TGn, snr: Double)] = [(.d, 20), (.b, 15)]

    @Test func `the ceilings are the published ones`() {
        for (model, snr, rate, published) in [
            (TGn.d, 20.0, 50.0, 60_802.0), (.d, 20, 200, 78_829), (.b, 15, 50, 24_415), (.b, 15, 200, 31_655),
        ] {
            let parameters = SimulationParameters(model: model.model, snr: snr, speed: 1, probeRate: rate)
            #expect(abs(Ceilings(parameters).bitsPerMinute / published - 1) < 0.005)
        }
    }

    /// At every probe and at about twice the Doppler shift; a quantile so lenient that little is refused.
    @Test(arguments: channels, [50.0, 100, 200])
    func `what is credited after memory never exceeds the channel's own information`(
        channel: (model: TGn, snr: Double), rate: Double
    ) throws {
        let walk = try Walk(channel.model, snr: channel.snr, rate: rate, seconds: 36, seed: 5)
        let ceiling = Ceilings(walk.parameters).bitsPerMinute
        var most = 0.0
        for stride in [1, 4 * Int(rate / 50)] {
            for feature in [FeatureKind.canonical, .aligned, .amplitude] {
                var options = Commissioning.Options()
                options.feature = feature
                options.rate = rate
                options.stride = stride
                options.maximumBits = 3
                let result = try Commissioning(options: options, charges: PlainCharges(z: 2)).run(
                    initiator: walk.initiator, responder: walk.responder, published: .canonical,
                    tones: walk.parameters.tones, keyedPairs: 100_000_000)
                let plan = result.plan
                let perMinute = 60 * rate / Double(plan.stride * plan.timeBlock)
                let credited = plan.model.components.reduce(0) {
                    $0 + perMinute * (SampleStatistics.information($1.correlation) - $1.memoryCharge)
                }
                #expect(credited <= ceiling, "\(feature), stride \(stride): \(credited) of \(ceiling)")
                most = max(most, credited)
                // The shares add up to the whole charge of a snapshot.
                let shares = plan.model.components.reduce(0) { $0 + $1.memoryCharge }
                let whole = result.findings.memoryPerRow + result.findings.dependencePerRow
                if !plan.components.isEmpty { #expect(abs(shares - whole) < 1e-6 * max(1, whole)) }
                // The memory alone is no less than the true channel's.
                if !plan.components.isEmpty {
                    let exact = UnderlyingChannelTests.exactMemory(walk.parameters, stride: stride)
                    #expect(result.findings.memoryPerRow >= exact)
                }
            }
        }
        // Something was credited at all: a build that refuses everything would pass otherwise.
        #expect(most > 0.02 * ceiling)
    }

    /// The known-bad build: each component charged with what its own past tells it, at every probe.
    @Test func `charging each component with its own past alone would exceed the ceiling`() throws {
        let walk = try Walk(.d, snr: 20, rate: 200, seconds: 12, seed: 5)
        let maps = try #require(Decorrelator(.klt, walk.initiator, walk.responder, limit: 48))
        var credited = 0.0
        for (x, y) in zip(maps.initiator.apply(walk.initiator), maps.responder.apply(walk.responder)) {
            let errors = LevinsonDurbin(autocovariance: Series.autocovariance(x, maximumLag: 16)).errors
            let charge = 0.5 * log2(errors[0] / errors[errors.count - 1])
            credited += max(0, SampleStatistics.information(Series.correlation(x, y)) - charge) * 60 * 200
        }
        #expect(credited > Ceilings(walk.parameters).bitsPerMinute)
    }

    @Test func `commissioning refuses a channel that stands still`() throws {
        let walk = try Walk(.d, snr: 20, rate: 50, seconds: 30, speed: 0, seed: 5)
        for stride in [1, 8, 24] {
            var options = Commissioning.Options()
            options.feature = .canonical
            options.stride = stride
            let result = try Commissioning(options: options, charges: PlainCharges(z: 2)).run(
                initiator: walk.initiator, responder: walk.responder, published: .canonical,
                keyedPairs: 100_000_000)
            #expect(result.plan.components.isEmpty)
            #expect(result.findings.obstacle != nil)
        }
    }
}
