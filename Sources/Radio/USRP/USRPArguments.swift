// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// What `--radio` says of a USRP: UHD's own argument string, and beside it keys that QWave takes out before libuhd
/// sees the rest.
///
/// `lead` is how long before its start a burst or window is handed over, `latency` how long after its end a window's
/// samples are here, both in seconds: what a device and its bus need isn't told by libuhd. The defaults were never
/// late with virtual devices on a busy machine; hardware takes less.
public struct USRPArguments: Sendable, Hashable {
    /// What libuhd is given.
    public var device: String
    public var lead = 0.05
    public var latency = 0.015

    /// Throws `.usage` for a number that can't be.
    public init(_ text: String) throws(QWaveError) {
        var kept: [Substring] = []
        var (lead, latency) = (self.lead, self.latency)
        for field in text.split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch parts[0] {
            case "lead": lead = try Self.seconds(field, parts)
            case "latency": latency = try Self.seconds(field, parts)
            default: kept.append(field)
            }
        }
        device = kept.joined(separator: ",")
        self.lead = lead
        self.latency = latency
    }

    private static func seconds(_ field: Substring, _ parts: [Substring]) throws(QWaveError) -> Double {
        guard parts.count == 2, let value = Double(parts[1]), (1e-5...1).contains(value) else {
            throw QWaveError(
                .usage,
                "'\(field)' in --radio is no number of seconds from 0.00001 to 1, like \(parts[0])=0.05")
        }
        return value
    }
}
