// SPDX-License-Identifier: GPL-3.0-or-later
internal import Quantization
internal import Secrecy
internal import Statistics

/// Rounds far louder than the channel's own law: somebody else's packets, from the beginning perhaps.
///
/// The bulk of what was published sets the law, which a few foreign packets can't move, and the published part says how
/// many such rounds there are anyway: recorded channels have heavy tails too. So many, and a margin, are credited
/// nothing, whoever made them; more of them among the keyed rounds are an alarm.
struct LoudRounds {
    /// Standard deviations of the upper half, by its 90 % quantile, from which on a round is loud. A Rayleigh fading's
    /// amplitude reaches 4.6 in 60,000 rounds, its power 8.6.
    static let deviations = 6.0
    /// Times the published share that may be loud in the block, since loud rounds come in clusters.
    static let margin = 4.0
    /// Share that is allowed, and charged, where none was published.
    static let leastShare = 0.002

    /// Rounds that are allowed, and charged, at the least.
    static let leastRounds = 3.0

    /// Level above which a round is loud.
    let limit: Double
    /// Share of loud rounds that is credited nothing, and isn't an alarm.
    let share: Double

    /// - Parameter published: levels about their trend of the rounds that were published; nil where they have no spread.
    init?(published: [Double]) {
        guard published.count >= 64, published.allSatisfy(\.isFinite) else { return nil }
        let sorted = published.sorted()
        let median = sorted[sorted.count / 2]
        // Where whole decibels have no spread up to there, the next quantile.
        let spreads = [0.9, 0.99].map { quantile in
            (sorted[Int(quantile * Double(sorted.count - 1))] - median) / Normal.upperQuantile(1 - quantile)
        }
        guard let spread = spreads.first(where: { $0 > 0 }) else { return nil }
        limit = median + Self.deviations * spread
        let loud = published.count { $0 > median + Self.deviations * spread }
        share = max(Self.leastShare, Self.margin * Double(loud) / Double(published.count))
    }

    /// Share of so many keyed rounds that is credited nothing: f_max and what both ends' published rounds, which both
    /// know, let pass; all where an end's have no law.
    static func uncredited(
        of rounds: Int, published: [[Double]], injectedFraction: Double
    ) -> Double {
        let laws = published.compactMap { LoudRounds(published: $0) }
        guard rounds > 0, laws.count == published.count, let share = laws.map(\.share).max() else { return 1 }
        return min(1, max(injectedFraction + share, leastRounds / Double(rounds)))
    }

    /// No more loud rounds among the keyed than are credited nothing.
    func test(keyed: some Collection<Double>, uncredited: Double) -> HealthResult {
        let allowed = uncredited * Double(keyed.count)
        // Negated, so that NaN is loud.
        let loud = keyed.count { !($0 <= limit) }
        return HealthResult(
            name: "loud rounds", passed: Double(loud) <= allowed, threshold: allowed, localValue: Double(loud)
        )
    }
}
