// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import QWaveCore
import Quantization
import TestSupport
import Testing

@testable import Pairing

@Suite struct SynchronizedReplayTests {
    @Test func `blocks that each end synchronizes by itself give both the same key`() async throws {
        let parameters = SimulationParameters(
            model: TGn.d.model, snr: 20, speed: 1, probeRate: 50, duration: 240, seed: 3)
        let simulator = try TwoSidedSimulator(parameters)
        var options = ExchangeOptions()
        options.feature = .synchronized
        options.commissioning = 0.25
        let ending = try await Bench(options: options).run(
            (try simulator.trace(.alice), try simulator.trace(.bob)))
        #expect(!ending.hung)
        let a = try ending.initiator.get()
        let b = try ending.responder.get()
        ReplayTests.expectKeys(a, b)
        let plan = try #require(a.statistics.plan)
        #expect(plan == b.statistics.plan && plan.feature == .synchronized)
        // Published references and commissioning blocks are in no symbol.
        let synchronization = try #require(plan.synchronization)
        let keyed = Set(synchronization.classes.flatMap(\.self))
        #expect(keyed.isDisjoint(with: synchronization.references))
    }
}
