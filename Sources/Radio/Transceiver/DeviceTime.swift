// SPDX-License-Identifier: GPL-3.0-or-later

/// An instant on one device's own clock, exact: whole attoseconds in 128 bits since the clock's zero.
///
/// Neither a `Double` of seconds (a sample of 20 MHz is 1e-16 of it after 16 years, but sums of them drift) nor
/// ticks of one rate (which change when the rate does) add up exactly over hours. Whole attoseconds do, in Swift's
/// own `Duration`: sums, differences and comparisons are exact, every sample of an integer rate that divides 10¹⁸
/// has its instant, and any other lies within half an attosecond of it. `sample(at:)` finds the sample again without
/// loss. UHD's whole seconds and fraction convert both ways within the fraction's own precision.
///
/// Two devices' instants have nothing to do with each other: nothing here compares them.
public struct DeviceTime: InstantProtocol, Sendable, Hashable, CustomStringConvertible {
    /// Since the clock's zero.
    public let sinceZero: Duration

    public init(_ sinceZero: Duration) { self.sinceZero = sinceZero }

    /// As UHD tells it: whole seconds, and a fraction that is finite. Brought within ±10¹² s.
    public init(seconds: Int64, fraction: Double) {
        let limit: Int64 = 1_000_000_000_000
        let whole = Duration.seconds(min(max(seconds, -limit), limit))
        self.init(whole + .seconds(fraction.isFinite ? min(max(fraction, -1e9), 1e9) : 0))
    }

    /// The instant of sample `index` of a stream of `rate` samples a second that began at the clock's zero.
    public init(sample index: Int64, rate: Double) {
        let whole = rate.rounded()
        guard whole == rate, rate >= 1, rate <= 1e12, index.magnitude < 1 << 62 else {
            // A rate that isn't whole has no exact grid in any unit.
            let seconds = (Double(index) / rate).rounded(.down)
            self.init(
                seconds: Int64(min(max(seconds, -1e12), 1e12)),
                fraction: (Double(index) - seconds * rate) / rate)
            return
        }
        let ticks = Int128(index) * 1_000_000_000_000_000_000
        let step = Int128(whole)
        let (quotient, rest) = ticks.quotientAndRemainder(dividingBy: step)
        let rounding: Int128 = 2 * rest.magnitude >= step.magnitude ? rest.signum() : 0
        self.init(Duration(attoseconds: quotient + rounding))
    }

    /// The sample that is nearest to this instant in a stream that began at the clock's zero.
    public func sample(at rate: Double) -> Int64 {
        let whole = rate.rounded()
        guard whole == rate, rate >= 1, rate <= 1e12 else {
            let index = (Double(seconds) * rate + fraction * rate).rounded()
            return index.magnitude < 0x1p62 ? Int64(index) : index > 0 ? .max : .min
        }
        // Seconds and attoseconds apart, so that no product exceeds 128 bits.
        let (second, atto) = sinceZero.components
        let part = Int128(atto) * Int128(whole)
        let unit: Int128 = 1_000_000_000_000_000_000
        let half = unit / 2 * (part < 0 ? -1 : 1)
        return Int64(clamping: Int128(second) * Int128(whole) + (part + half) / unit)
    }

    /// This instant on the grid of a sample rate: what a timed burst must start at.
    public func onGrid(of rate: Double) -> DeviceTime { DeviceTime(sample: sample(at: rate), rate: rate) }

    /// Whole seconds, rounded down.
    public var seconds: Int64 {
        let (second, atto) = sinceZero.components
        return atto < 0 ? second - 1 : second
    }
    /// What is left of a second, 0 to 1.
    public var fraction: Double {
        let (_, atto) = sinceZero.components
        return Double(atto < 0 ? atto + 1_000_000_000_000_000_000 : atto) * 1e-18
    }
    /// Seconds, rounded to a `Double`: for traces and people.
    public var inSeconds: Double { Double(seconds) + fraction }

    public func advanced(by duration: Duration) -> DeviceTime { DeviceTime(sinceZero + duration) }
    /// Seconds from now.
    public func advanced(bySeconds seconds: Double) -> DeviceTime { advanced(by: .seconds(seconds)) }
    public func duration(to other: DeviceTime) -> Duration { other.sinceZero - sinceZero }
    /// Seconds from this instant to another: exact difference, then rounded.
    public func seconds(to other: DeviceTime) -> Double { duration(to: other) / .seconds(1) }

    public static func < (a: DeviceTime, b: DeviceTime) -> Bool { a.sinceZero < b.sinceZero }

    public var description: String { "\(inSeconds) s" }
}
