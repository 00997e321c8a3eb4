// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// One device's clock and carrier against true time: what makes two radios without a common reference drift apart.
///
/// The clock shows d(t) = offset + (1 + a)·t + ½·b·t², a and b in parts per million (per second). The carrier is
/// off by `carrierOffset` Hz at t = 0 and drifts with the clock.
public struct EndClock: Sendable, Hashable, Codable {
    /// What the clock shows at true time 0, in seconds.
    public var offset = 0.0
    /// Parts per million by which it runs fast.
    public var rate = 0.0
    /// Parts per million a second by which `rate` grows.
    public var drift = 0.0
    /// The end's carrier less the nominal one at true time 0, in Hz.
    public var carrierOffset = 0.0

    public init(offset: Double = 0, rate: Double = 0, drift: Double = 0, carrierOffset: Double = 0) {
        self.offset = offset
        self.rate = rate
        self.drift = drift
        self.carrierOffset = carrierOffset
    }

    /// What the clock shows at true time `t`, less `offset`: small, so that no digit is lost to the offset.
    public func elapsed(at t: Double) -> Double { t + (rate * t + drift * t * t / 2) * 1e-6 }

    /// The true time at which the clock shows `offset + elapsed`.
    public func trueTime(elapsed: Double) -> Double {
        var t = elapsed
        // The deviation is a millionth of t: each step gains five digits.
        for _ in 0..<4 { t = elapsed - (rate * t + drift * t * t / 2) * 1e-6 }
        return t
    }

    /// Seconds of the clock in one second of true time, at true time `t`.
    public func speed(at t: Double) -> Double { 1 + (rate + drift * t) * 1e-6 }

    /// Turns that the carrier's deviation has made by true time `t`.
    func carrierTurns(at t: Double, carrier: Double) -> Double {
        carrierOffset * t + carrier * drift * 1e-6 * t * t / 2
    }

    /// Throws `.usage` for values that no clock has.
    func validate(
        _ require: (Double, String, ClosedRange<Double>) throws(QWaveError) -> Void
    ) throws(QWaveError) {
        try require(offset, "the clock offset (s)", -1e9...1e9)
        try require(rate, "the clock's deviation (ppm)", -1000...1000)
        try require(drift, "the clock's drift (ppm/s)", -1...1)
        try require(carrierOffset, "the carrier offset (Hz)", -1e6...1e6)
    }
}
