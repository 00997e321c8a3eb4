// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether somebody sent bursts that pretended to be the peer's: of a wrong tag, or with pilots in a wrong order.
///
/// The rejected bursts were never keyed, so a little of it is only noted. More says that somebody works on the
/// channel while it is measured, which the passive threat models exclude. Computational: it notices who doesn't know
/// the probes' key, and earns no credit.
public enum InjectionTest {
    /// Share of rejected bursts among all, above which a series is refused, besides a few in any series.
    public static let share = 0.01
    public static let always = 3

    /// - Parameters:
    ///   - heard: bursts of the peer that were taken.
    ///   - rejected: bursts that pretended to be.
    public static func run(heard: Int, rejected: Int) -> HealthResult {
        let limit = Double(always) + share * Double(max(0, heard))
        return HealthResult(
            name: "injected probes", passed: Double(rejected) <= limit, threshold: limit,
            localValue: Double(rejected))
    }
}
