// SPDX-License-Identifier: GPL-3.0-or-later
internal import ChannelEstimation
public import QWaveCore

/// What a series of probes gave one end.
public struct ProbeSeries: Sendable {
    public let plan: ProbePlan
    public let role: Party.Role
    public let radio: RadioCapabilities
    public internal(set) var tally = ProbeTally()
    /// The probes that may be keyed, by sequence number and this end's clock; gains for a sent amplitude of 1.
    public private(set) var trace: ChannelTrace
    /// The sacrificed probes: for calibration and Doppler, never keyed.
    public private(set) var sacrificed: [(sequence: UInt32, gains: [IQ])] = []
    public internal(set) var doppler: DopplerEstimate?
    /// Probes a second that the initiator went on with; the plan's at the responder.
    public internal(set) var rate: Double
    /// From a whole window to the probe's gains, on this host.
    public internal(set) var latency = LatencyCount()
    private var noise = 0.0
    /// Sender's carrier minus the receiver's at the last probe, in Hz.
    public private(set) var carrierOffset: Double?

    init(plan: ProbePlan, role: Party.Role, radio: RadioCapabilities) {
        self.plan = plan
        self.role = role
        self.radio = radio
        rate = plan.rate
        trace = ChannelTrace(
            description: ChannelTrace.Description(
                format: "radio", quantity: .complexGain, toneIndices: SoundingBurst.tones,
                subcarrierSpacing: radio.sampleRate / 64, fftLength: 64,
                carrierFrequency: radio.carrierFrequency, nominalRate: plan.rate, simulated: radio.simulated,
                comment: "probed by \(radio.name)"))
    }

    mutating func add(_ sounding: Sounding, at time: DeviceTime) -> Snapshot {
        let scale = Float(1 / radio.amplitude)
        var snapshot = sounding.snapshot
        snapshot.time = time.inSeconds
        if scale != 1 {
            for tone in snapshot.gains.indices { snapshot.gains[tone] = snapshot.gains[tone] * scale }
        }
        carrierOffset = sounding.carrierOffset
        guard !plan.isSacrificed(sounding.sequence) else {
            sacrificed.append((sounding.sequence, snapshot.gains))
            return snapshot
        }
        trace.append(snapshot)
        noise += sounding.noiseVariance * Double(scale * scale)
        trace.description.noiseVariance = noise / Double(trace.count)
        trace.description.nominalRate = rate
        return snapshot
    }

    mutating func measureDoppler() { doppler = DopplerEstimate(sacrificed, period: 1 / plan.rate) }
}

/// Durations by count, sum and largest.
public struct LatencyCount: Sendable, Hashable {
    public private(set) var count = 0
    public private(set) var sum = Duration.zero
    public private(set) var largest = Duration.zero

    mutating func add(_ duration: Duration) {
        count += 1
        sum += duration
        largest = max(largest, duration)
    }

    public var mean: Duration { count == 0 ? .zero : sum / count }
}
