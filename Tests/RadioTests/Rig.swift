// SPDX-License-Identifier: GPL-3.0-or-later
import ChannelModels
import Foundation
import QWaveCore

@testable import Radio

/// Two ends on one virtual ether.
enum Rig {
    static func channel(
        _ name: String = "tgn-d", speed: Double = 1, seed: UInt64 = 1, loss: Double = 0
    ) throws -> SimulationParameters {
        var channel = SimulationParameters(model: try ChannelModel(named: name), speed: speed, seed: seed)
        channel.impairments = .none
        channel.impairments.lossProbability = loss
        return channel
    }

    /// Clocks 20 ppm off and drifting, carriers 20 kHz off, each way.
    static func apart(_ parameters: inout EtherParameters) {
        parameters.waveform.alice = EndClock(offset: 3.7, rate: 20, drift: 0.01, carrierOffset: 10e3)
        parameters.waveform.bob = EndClock(offset: 812.25, rate: -20, drift: -0.01, carrierOffset: -10e3)
    }

    static func run(
        _ ether: Ether, plan: ProbePlan, keys: (ProbeKey, ProbeKey) = (.known, .known)
    ) async throws -> (alice: ProbeSeries, bob: ProbeSeries) {
        let alice = try ether.join(.alice)
        let bob = try ether.join(.bob)
        async let first = Prober(plan, key: keys.0, role: .initiator).run(on: alice)
        async let second = Prober(plan, key: keys.1, role: .responder).run(on: bob)
        let result = (alice: try await first, bob: try await second)
        await alice.close()
        await bob.close()
        return result
    }

    /// The error that a body ends with; nil where it ends well.
    static func failure(_ body: () async throws -> ProbeSeries) async -> QWaveError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? QWaveError
        }
    }
}
