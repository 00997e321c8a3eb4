// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import QWaveCore
import Quantization
import Secrecy
import TestSupport
import Testing

@testable import Pairing

/// Two ends that stand and see each other, while people move.
@Suite struct LineOfSightTests {
    @Test func `a line of sight is keyed where its Eve is accounted for, and refused where it is denied`()
        async throws
    {
        var parameters = SimulationParameters(
            model: TGn.d.model, snr: 30, speed: 0.1139, probeRate: 50, duration: 300, seed: 4)
        parameters.spectrum = .bell
        parameters.sinusoids = DopplerSpectrum.bell.usualSinusoids
        parameters.riceFactor = 20
        let simulator = try TwoSidedSimulator(parameters)
        let traces = (try simulator.trace(.alice), try simulator.trace(.bob))
        var options = ExchangeOptions()
        options.feature = .synchronized
        options.commissioning = 0.4
        // Nothing said of the line of sight: the default charge for Eve would rest on nothing.
        let denied = try await Bench(options: options).run(traces)
        #expect(!denied.hung)
        for end in [try denied.initiator.get(), try denied.responder.get()] {
            #expect(end.key == nil)
            #expect(end.refusals.contains { $0.contains("--site-correlation") }, "\(end.refusals)")
        }
        options.threatModel.siteCorrelation = 0.4
        let ending = try await Bench(options: options).run(traces)
        #expect(!ending.hung)
        let (a, b) = (try ending.initiator.get(), try ending.responder.get())
        #expect(a.statistics.plan?.synchronization?.initiator.specular != nil)
        ReplayTests.expectKeys(a, b)
        #expect(Double(a.key?.count ?? 0) < 7 * Ceilings(parameters).bitsPerMinute)
    }
}
