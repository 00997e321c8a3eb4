// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelModels
internal import Pairing
internal import QWaveCore
internal import Secrecy

/// Gains of a walk through TGn-D, heard by both ends and by an Eve near Bob.
struct GainScene: Sendable {
    let parameters: SimulationParameters
    let alice: ChannelTrace
    let bob: ChannelTrace
    let eve: ChannelTrace

    /// - Parameter distance: from Eve to Bob, in meters.
    init(seconds: Double, snr: Double = 25, distance: Double, seed: UInt64) throws {
        var parameters = SimulationParameters(
            model: TGn.d.model, snr: snr, speed: 1, probeRate: 50, duration: seconds, seed: seed)
        parameters.eve = EveParameters(distanceToBob: distance)
        self.parameters = parameters
        let simulator = try TwoSidedSimulator(parameters)
        alice = try simulator.trace(.alice)
        bob = try simulator.trace(.bob)
        eve = try simulator.trace(.eve)
    }

    /// Options under which one plan is tried, so that commissioning takes a second.
    static var options: ExchangeOptions {
        var options = ExchangeOptions()
        options.stride = 3
        options.maximumBits = 5
        return options
    }

    /// An exchange in which a capture of Eve's is given; in the broken build it isn't, and what the threat model charges
    /// for her nevertheless, ρ_E = 0.4 at the least, is for `keyBitsUnchargedForEve` to give back.
    func exchange(eve: ChannelTrace, _ build: AttackedBuild, seed: UInt64) async throws -> AttackedExchange {
        var options = Self.options
        options.threatModel.eveTrace = true
        return try await AttackedExchange.run(
            alice, bob, eve: build == .product ? eve : nil, options: options, seed: seed)
    }

    /// The share of the information between the ends that an Eve at this place leaves.
    var secretShare: Double {
        let ceilings = Ceilings(parameters)
        return ceilings.secretBitsPerSnapshot / ceilings.bitsPerSnapshot
    }
}
