// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What decides a simulation of samples: the channel of `SimulationParameters`, and each end's clock.
///
/// Of the channel's parameters these count: model, spectrum, speed, carrier, Rice factor, sinusoids, Eve's place,
/// hardware filters, losses, shadowing, and the seeds. The SNR is `sampleSNR`; schedule and snapshots' impairments
/// are made by whoever sends and receives.
public struct WaveformParameters: Sendable, Hashable, Codable {
    public var channel: SimulationParameters
    /// Nominal samples a second of every end.
    public var sampleRate: Double
    /// Power of a burst of unit amplitude over the noise in one sample at an end, in dB, for a mean channel power of 1.
    public var sampleSNR: Double
    /// Line-of-sight delay between any two ends, in seconds.
    public var propagation = 30e-9
    public var alice = EndClock()
    public var bob = EndClock()
    public var eve = EndClock()

    public init(channel: SimulationParameters, sampleRate: Double, sampleSNR: Double) {
        self.channel = channel
        self.sampleRate = sampleRate
        self.sampleSNR = sampleSNR
    }

    public func clock(_ end: SimulatedEnd) -> EndClock {
        switch end {
        case .alice: alice
        case .bob: bob
        case .eve: eve
        case .truth: EndClock()
        }
    }

    /// Throws `.usage`, naming the parameter, where one makes no sense.
    public func validate() throws(QWaveError) {
        try channel.validate()
        func require(
            _ value: Double, _ name: String, _ range: ClosedRange<Double>
        ) throws(QWaveError) {
            guard range.contains(value) else {
                throw QWaveError(
                    .usage,
                    "\(name) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound)")
            }
        }
        try require(sampleRate, "the sample rate (1/s)", 1e3...1e9)
        try require(sampleSNR, "the SNR of a sample (dB)", -60...120)
        try require(propagation, "the propagation delay (s)", 0...1e-3)
        for end in [alice, bob, eve] { try end.validate(require) }
    }
}
