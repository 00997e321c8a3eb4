// SPDX-License-Identifier: GPL-3.0-or-later
internal import Secrecy

/// How many bursts of a keyed series of probes were the peer's, and how many only pretended to be.
public struct InjectionCount: Sendable, Hashable {
    public var heard: Int
    /// Of a wrong tag, or with pilots in a wrong order; never keyed.
    public var rejected: Int

    public init(heard: Int, rejected: Int) {
        self.heard = heard
        self.rejected = rejected
    }

    var health: HealthResult { InjectionTest.run(heard: heard, rejected: rejected) }
}
