// SPDX-License-Identifier: GPL-3.0-or-later

/// What a device's clock shows, foretold from its last reading: good to milliseconds, for time-outs, and to notice
/// a clock that was set behind our back. Never for the start of a burst.
struct HostClock: Sendable {
    private var device: DeviceTime
    private var host: ContinuousClock.Instant
    /// A step larger than this, in seconds, isn't a slow answer.
    static let largestStep = 0.25
    /// Nor is what two crystals come apart in the time since the last reading.
    static let tolerance = 2e-4

    init(device: DeviceTime, host: ContinuousClock.Instant) {
        self.device = device
        self.host = host
    }

    func estimate(at instant: ContinuousClock.Instant) -> DeviceTime {
        device.advanced(by: host.duration(to: instant))
    }

    /// Takes a reading that was asked for at `asked` and answered at `answered`. Returns the step in seconds where
    /// the clock has jumped.
    mutating func read(
        _ time: DeviceTime, asked: ContinuousClock.Instant, answered: ContinuousClock.Instant
    ) -> Double? {
        let took = asked.duration(to: answered)
        let middle = asked.advanced(by: took / 2)
        let step = estimate(at: middle).seconds(to: time)
        let apart = Self.tolerance * (host.duration(to: middle) / .seconds(1))
        device = time
        host = middle
        return abs(step) > Self.largestStep + took / .seconds(1) + apart ? step : nil
    }
}
