// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// What real receivers do to an estimate, each separately switchable; zero, false or nil is off.
///
/// Where `carrierPhase` and `timingOffset` are drawn anew for each capture they hide the offsets of the oscillators,
/// which turn phase and timing steadily.
public struct Impairments: Sendable, Hashable, Codable {
    /// Residual carrier phase: uniform over the circle, drawn anew for each capture and side.
    public var carrierPhase = false
    /// Sample-time offset: uniform on ± this many samples, drawn anew for each capture and side.
    public var timingOffset = 0.0
    /// Largest error of a device's carrier frequency, in Hz: uniform on ± this for each device, so that the two ends
    /// see the difference with opposite signs.
    public var carrierOffset = 0.0
    /// The same of its sampling frequency, in parts per million; receivers re-time by whole samples.
    public var samplingOffset = 0.0
    /// Relative jitter of the turnaround: uniform on ± this share.
    public var turnaroundJitter = 0.0
    /// Each device's transmit and receive filter: first-order autoregression over tones, 1 dB and 5° in one σ.
    public var hardwareFilters = false
    /// Probability that an end misses a probe.
    public var lossProbability = 0.0
    /// Mean length of a burst of losses; 1 makes losses independent.
    public var lossBurst = 1.0
    /// Probability that a snapshot is handed over after its successor; numbers and times stay true.
    public var reorderProbability = 0.0
    /// Probability that a snapshot is handed over twice.
    public var duplicateProbability = 0.0
    /// Largest offset of an end's clock, in seconds: uniform on 0 to this.
    public var clockOffset = 0.0
    /// Largest drift of an end's clock, in parts per million: uniform on ± this.
    public var clockDrift = 0.0
    /// Standard deviation of a time stamp, in seconds.
    public var clockJitter = 0.0
    /// Automatic gain control: each capture is scaled toward unit power in steps of this many dB, with an
    /// error of half a dB in one σ. Signal and noise are scaled alike, for a receiver's noise enters before its
    /// variable gain.
    public var gainStep: Double?
    /// Bits of each part of a gain, full scale ±4 times the mean amplitude; 2 to 24.
    public var converterBits: Int?
    /// Standard deviation of slow shadowing in dB, the same for all ends (Eve sees it too); it decorrelates
    /// over about `shadowingTime` seconds.
    public var shadowing = 0.0
    public var shadowingTime = 10.0

    /// Everything off.
    public static let none = Impairments()

    /// What every radio has: unknown phase and timing of each capture, clocks of their own, turnaround jitter.
    public static let standard: Impairments = {
        var result = Impairments()
        result.carrierPhase = true
        result.timingOffset = 3
        result.turnaroundJitter = 0.1
        result.clockOffset = 1
        result.clockDrift = 20
        result.clockJitter = 20e-6
        return result
    }()

    /// The standard ones and whatever else a cheap radio has: filters, gain control, a converter of 8 bits, losses
    /// in bursts, reordering, duplicates, slow shadowing.
    public static let harsh: Impairments = {
        var result = Impairments.standard
        result.carrierOffset = 1000
        result.samplingOffset = 20
        result.hardwareFilters = true
        result.gainStep = 1
        result.converterBits = 8
        result.lossProbability = 0.05
        result.lossBurst = 3
        result.reorderProbability = 0.01
        result.duplicateProbability = 0.01
        result.shadowing = 3
        return result
    }()

    func validate(
        _ require: (Double, String, ClosedRange<Double>) throws(QWaveError) -> Void
    ) throws(QWaveError) {
        try require(timingOffset, "the timing offset (samples)", 0...1000)
        try require(carrierOffset, "the carrier offset (Hz)", 0...1e6)
        try require(samplingOffset, "the sampling offset (ppm)", 0...1000)
        try require(turnaroundJitter, "the turnaround's jitter", 0...1)
        try require(lossProbability, "the loss probability", 0...0.99)
        try require(lossBurst, "the mean burst of losses", 1...1e6)
        try require(reorderProbability, "the probability of reordering", 0...1)
        try require(duplicateProbability, "the probability of duplicates", 0...1)
        try require(clockOffset, "the clock offset (s)", 0...1e9)
        try require(clockDrift, "the clock drift (ppm)", 0...1e4)
        try require(clockJitter, "the clock jitter (s)", 0...10)
        try require(gainStep ?? 1, "the gain control's step (dB)", 0.01...20)
        try require(Double(converterBits ?? 8), "the converter's bits", 2...24)
        try require(shadowing, "the shadowing (dB)", 0...20)
        try require(shadowingTime, "the shadowing's time (s)", 1e-3...1e6)
    }
}
