// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import QWaveCore
import Quantization
import TestSupport
import Testing

@testable import Pairing

@Suite struct VectorTests {
    @Test func `blocks of four snapshots under a cosine transform give both ends a key or both a reason`()
        async throws
    {
        var parameters = SimulationParameters(
            model: TGn.d.model, snr: 25, speed: 1, probeRate: 10, duration: 400, seed: 3)
        parameters.toneIndices = [-28, -20, -12, -4, 4, 12, 20, 28]
        let simulator = try TwoSidedSimulator(parameters)
        var options = ExchangeOptions()
        options.decorrelation = .dct
        options.timeBlock = 4
        options.stride = 1
        options.feature = .amplitude
        options.helperBits = 2
        options.maximumBits = 2
        let ending = try await Bench(options: options).run(
            (try simulator.trace(.alice), try simulator.trace(.bob)))
        #expect(!ending.hung)
        let a = try ending.initiator.get()
        let b = try ending.responder.get()
        let plan = try #require(a.statistics.plan)
        #expect(b.statistics.plan == plan && (plan.timeBlock == 4 || plan.components.isEmpty))
        #expect((a.key == nil) == (b.key == nil))
        if a.key == nil {
            #expect(!a.refusals.isEmpty && !b.refusals.isEmpty)
        } else {
            ReplayTests.expectKeys(a, b)
        }
    }
}
