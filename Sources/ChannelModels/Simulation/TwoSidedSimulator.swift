// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// A simulated run of two radios that probe one reciprocal channel, and of an eavesdropper beside them.
///
/// Each view is made on its own, whole or snapshot by snapshot: making Eve's doesn't change Alice's, and a
/// process that needs one end makes only that one.
///
/// ```swift
/// let simulator = try TwoSidedSimulator(SimulationParameters(model: TGn.d.model, snr: 20, seed: 7))
/// let alice = simulator.trace(.alice)
/// let bob = simulator.trace(.bob)
/// ```
public struct TwoSidedSimulator: Sendable {
    public let parameters: SimulationParameters
    /// The channel itself as a function of true time.
    public var channel: FadingChannel { world.channel }
    private let world: World

    /// Throws `.usage` where a parameter makes no sense.
    public init(_ parameters: SimulationParameters) throws(QWaveError) {
        try parameters.validate()
        self.parameters = parameters
        world = try World(parameters)
    }

    /// One end's snapshots, made on demand; without end where the parameters give no duration.
    public func stream(_ end: SimulatedEnd) -> EndStream { EndStream(world, end: end) }

    /// When Alice and Bob receive the probes of pair `n`, in seconds of true time.
    public func receptionTimes(of n: Int) -> (alice: Double, bob: Double) { world.times(of: n) }

    /// One end's trace: all snapshots of the duration, or those of the first `probes` probe pairs.
    ///
    /// Throws `.usage` where neither gives an end.
    public func trace(_ end: SimulatedEnd, probes: Int? = nil) throws(QWaveError) -> ChannelTrace {
        var bounded = parameters
        if let probes { bounded.duration = max(0, Double(probes) - 0.5) / parameters.probeRate }
        guard let count = bounded.probes else {
            throw QWaveError(
                .usage, "a simulation without a duration has no whole trace; give a number of probes")
        }
        var result = ChannelTrace(description: description(end))
        let streams = end == .alice || end == .bob ? 1 : 2 * (end == .eve ? parameters.eve.antennas : 1)
        result.reserveCapacity(snapshots: count, gains: count * streams * world.tones.count)
        for snapshot in EndStream(probes == nil ? world : try World(bounded), end: end) {
            result.append(snapshot)
        }
        return result
    }

    /// What is known of an end's trace besides its snapshots.
    public func description(_ end: SimulatedEnd) -> ChannelTrace.Description {
        ChannelTrace.Description(
            format: "simulated", quantity: .complexGain, toneIndices: world.tones,
            subcarrierSpacing: parameters.bandwidth.spacing, fftLength: parameters.bandwidth.fftLength,
            carrierFrequency: parameters.carrierFrequency, nominalRate: parameters.probeRate,
            // Gain control scales the noise from capture to capture.
            noiseVariance: parameters.impairments.gainStep == nil ? parameters.noiseVariance(end) : nil,
            simulated: true,
            comment: "simulated \(parameters.model.name), \(parameters.bandwidth.title), "
                + "\(parameters.snr) dB, \(parameters.speed) m/s"
                + (parameters.fixtures.isEmpty
                    ? "" : ", attacked by \(parameters.fixtures.map(\.description).joined(separator: " "))")
                + ": \(end.rawValue)")
    }

    /// What the pipeline may never read: the true correlations, variances and speeds of this run.
    public var groundTruth: GroundTruth {
        GroundTruth(
            parameters, eve: (world.eveArrays.ofAlice.correlation, world.eveArrays.ofBob.correlation))
    }
}
