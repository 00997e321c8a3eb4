// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What `--radio` says of a USRP: UHD's own argument string, and beside it keys that QWave takes out before libuhd
/// sees the rest.
///
/// `lead` is how long before its start a burst or window is handed over, `latency` how long after its end a window's
/// samples are here, both in seconds: what a device and its bus need isn't told by libuhd. The defaults were never
/// late with virtual devices on a busy machine; hardware takes less. `priority`, 0 to 1, asks for real-time priority for
/// the device's thread. `simulated=1` says that no air lies between the antennas, but a channel emulator, or a device that
/// is a program and doesn't say so itself: traces and certificates are marked then. `simulated=0` takes no mark away.
public struct USRPArguments: Sendable, Hashable {
    /// What libuhd is given.
    public var device: String
    public var lead = 0.05
    public var latency = 0.015
    public var priority: Double?
    public var simulated = false

    /// Throws `.usage` for a number that can't be.
    public init(_ text: String) throws(QWaveError) {
        var kept: [Substring] = []
        var (lead, latency) = (self.lead, self.latency)
        var priority: Double?
        var simulated = 0.0
        for field in text.split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch parts[0] {
            case "lead": lead = try Self.number(field, parts, 1e-5...1)
            case "latency": latency = try Self.number(field, parts, 1e-5...1)
            case "priority": priority = try Self.number(field, parts, 0...1)
            case "simulated": simulated = try Self.number(field, parts, 0...1)
            default: kept.append(field)
            }
        }
        device = kept.joined(separator: ",")
        self.lead = lead
        self.latency = latency
        self.priority = priority
        self.simulated = simulated > 0
    }

    private static func number(
        _ field: Substring, _ parts: [Substring], _ range: ClosedRange<Double>
    ) throws(QWaveError) -> Double {
        guard parts.count == 2, let value = Double(parts[1]), range.contains(value) else {
            throw QWaveError(
                .usage,
                "'\(field)' in --radio is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
