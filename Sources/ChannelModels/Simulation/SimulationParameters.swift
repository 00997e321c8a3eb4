// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Everything that decides a simulated run. The same parameters give the same bits on every platform.
///
/// The channel's seed and the ends' seeds are apart: two processes that simulate one channel share
/// `channelSeed` only, and each draws noise and impairments from a seed of its own.
public struct SimulationParameters: Sendable, Hashable, Codable {
    /// Which end's probe reception comes first in a pair.
    public enum FirstReceiver: String, Sendable, Codable { case alice, bob }

    public var model: ChannelModel
    public var bandwidth: Bandwidth
    /// Tones to simulate instead of all of the bandwidth's; `[0]` makes a one-tone channel.
    public var toneIndices: [Int]?
    public var spectrum: DopplerSpectrum = .clarke
    /// Sinusoids a tap: at least 16; 64 for regression figures.
    public var sinusoids = 32
    /// Speed of the moving terminal (or of people, for the bell spectrum) in m/s; 0 freezes the channel.
    public var speed: Double
    /// In Hz; channel 6 of the 2.4 GHz band unless set.
    public var carrierFrequency = 2.437e9
    /// Line of sight over all diffuse power, in dB; nil takes the model's default.
    public var riceFactor: Double?
    /// Doppler shift of the line of sight in Hz; 0 for a static pair.
    public var lineOfSightDoppler = 0.0
    /// Probe pairs per second.
    public var probeRate: Double
    /// In seconds; nil never ends.
    public var duration: Double?
    /// Time between a pair's two receptions in seconds.
    public var turnaround = 0.5e-3
    public var firstReceiver: FirstReceiver = .alice
    /// Mean signal over noise in one gain, in dB, at Alice; and at Bob unless `bobSNR` says otherwise.
    public var snr: Double
    public var bobSNR: Double?
    public var impairments = Impairments.standard
    public var eve = EveParameters()
    /// What attackers do to the probes and the channel; see `Fixture`.
    public var fixtures: [Fixture] = []
    /// What the air, the devices and the schedule are drawn from.
    public var channelSeed: UInt64
    /// What an end's own noise, oscillator, clock and losses are drawn from.
    public var aliceSeed: UInt64
    public var bobSeed: UInt64
    public var eveSeed: UInt64

    /// - Parameters:
    ///   - snr: in dB.
    ///   - speed: in m/s.
    ///   - probeRate: probe pairs per second.
    ///   - duration: in seconds; nil never ends.
    ///   - seed: every seed; the processes stay independent all the same.
    public init(
        model: ChannelModel = TGn.d.model, bandwidth: Bandwidth = .mhz20, snr: Double = 20, speed: Double = 1,
        probeRate: Double = 50, duration: Double? = 60, seed: UInt64 = 1
    ) {
        self.model = model
        self.bandwidth = bandwidth
        self.snr = snr
        self.speed = speed
        self.probeRate = probeRate
        self.duration = duration
        channelSeed = seed
        aliceSeed = seed
        bobSeed = seed
        eveSeed = seed
    }

    /// The speed of light in m/s.
    public static let lightSpeed = 299_792_458.0
    /// In meters.
    public var wavelength: Double { Self.lightSpeed / carrierFrequency }
    /// f_d = v/λ in Hz.
    public var maximumDoppler: Double { speed / wavelength }
    /// Line of sight over diffuse power, linear; 0 without line of sight.
    public var linearRiceFactor: Double {
        (riceFactor ?? model.defaultRiceFactor).map { Portable.power(decibels: $0) } ?? 0
    }
    public var tones: [Int] { toneIndices ?? bandwidth.toneIndices }
    /// How many probe pairs begin within the duration; nil without end.
    ///
    /// A hair is taken off first: 1.1 s at 10 a second are 11 pairs, though 1.1 × 10 rounds to more than 11.
    public var probes: Int? { duration.map { Int(min(max(0, ($0 * probeRate - 1e-6).rounded(.up)), 1e15)) } }

    /// The noise variance in one gain at an end, relative to a mean channel power of 1.
    public func noiseVariance(_ end: SimulatedEnd) -> Double {
        switch end {
        case .alice: Portable.power(decibels: -snr)
        case .bob: Portable.power(decibels: -(bobSNR ?? snr))
        case .eve: Portable.power(decibels: -(eve.snr ?? bobSNR ?? snr))
        case .truth: 0
        }
    }

    func seed(_ end: SimulatedEnd) -> UInt64 {
        switch end {
        case .alice: aliceSeed
        case .bob: bobSeed
        case .eve: eveSeed
        case .truth: channelSeed
        }
    }

    /// Throws `.usage`, naming the parameter, its value and what it may be, where one makes no sense.
    public func validate() throws(QWaveError) {
        func require(
            _ value: Double, _ name: String, _ range: ClosedRange<Double>
        ) throws(QWaveError) {
            guard range.contains(value) else {
                throw QWaveError(
                    .usage,
                    "\(name) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound)")
            }
        }
        try require(snr, "the SNR (dB)", -60...120)
        try require(bobSNR ?? 0, "Bob's SNR (dB)", -60...120)
        try require(speed, "the speed (m/s)", 0...1000)
        try require(carrierFrequency, "the carrier frequency (Hz)", 1e6...1e12)
        try require(probeRate, "the probe rate (1/s)", 1e-3...1e6)
        try require(duration ?? 0, "the duration (s)", 0...1e8)
        if let duration { try require(duration * probeRate, "the number of probes", 0...1e9) }
        try require(turnaround, "the turnaround (s)", 0...10)
        try require(riceFactor ?? 0, "the K factor (dB)", -100...100)
        try require(lineOfSightDoppler, "the line of sight's Doppler shift (Hz)", -1e5...1e5)
        // A model may come from a file: its decoder doesn't check what the initializers do.
        try require(Double(model.taps.count), "the number of taps of \(model.name)", 1...4096)
        for tap in model.taps {
            try require(tap.delay, "a tap's delay in \(model.name) (ns)", 0...1e9)
            try require(tap.power, "a tap's share of the power in \(model.name)", 0...1)
        }
        try require(model.taps.reduce(0) { $0 + $1.power }, "the taps' power in \(model.name)", 0.999...1.001)
        try require(Double(sinusoids), "the number of sinusoids a tap", 16...1024)
        try require(Double(tones.count), "the number of tones", 1...4096)
        try require(Double(tones.map(\.magnitude).max() ?? 0), "the largest tone index", 0...65536)
        try eve.validate(model, require)
        try impairments.validate(require)
        for fixture in fixtures { try fixture.validate(linearRiceFactor) }
    }
}

/// Whose view of a simulated run.
public enum SimulatedEnd: String, Sendable, Codable, CaseIterable {
    case alice, bob, eve
    /// The channel itself at the two reception times of each pair, without noise or impairments.
    case truth

    var index: Int {
        switch self {
        case .alice: 0
        case .bob: 1
        case .eve: 2
        case .truth: 3
        }
    }
}
