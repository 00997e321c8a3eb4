// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Which parts of the spectrum have been swept in which surroundings: in a still room a channel counts once.
///
/// A sweep over many carriers finds frequencies that nobody measured, and each holds a key's worth of unknown gains;
/// sweeping them again measures the same gains and adds nothing. Surroundings are the user's to name: they are new
/// when everything has been moved, and when in doubt they are the old ones.
///
/// ```swift
/// var map = SpentMap()
/// try map.spend(center: 5.18e9, width: 20e6, surroundings: "lab")
/// try map.spend(center: 5.19e9, width: 20e6, surroundings: "lab")   // refused: half of it was swept before
/// ```
public struct SpentMap: Sendable, Hashable, Codable {
    /// A stretch of spectrum in Hz that was swept.
    public struct Band: Sendable, Hashable, Codable {
        public var low: Double
        public var high: Double
    }

    /// What was swept, by surroundings.
    public private(set) var bands: [String: [Band]] = [:]

    public init() {}

    /// Whether any of a stretch was swept before in these surroundings.
    ///
    /// - Parameter guardBand: carriers nearer than this, in Hz, share their gains: the channel's coherence bandwidth,
    ///   1/(2π τ) for a delay spread τ.
    public func isSpent(center: Double, width: Double, surroundings: String, guardBand: Double = 0) -> Bool {
        let (low, high) = (center - width / 2 - guardBand, center + width / 2 + guardBand)
        return (bands[surroundings] ?? []).contains { $0.low < high && $0.high > low }
    }

    /// Marks a stretch as swept.
    ///
    /// Throws `.refused` where any of it was swept before, `.usage` for numbers that make no sense.
    public mutating func spend(
        center: Double, width: Double, surroundings: String, guardBand: Double = 0
    ) throws(QWaveError) {
        guard center.isFinite, width.isFinite, guardBand.isFinite, width > 0, center > width / 2,
            guardBand >= 0
        else {
            throw QWaveError(.usage, "a band of \(width) Hz about \(center) Hz can't be swept")
        }
        guard !isSpent(center: center, width: width, surroundings: surroundings, guardBand: guardBand) else {
            throw QWaveError(
                .refused,
                "\(center / 1e6) MHz was swept before in \(surroundings): the same channel never counts twice; "
                    + "sweep another band, or move everything and name new surroundings")
        }
        bands[surroundings, default: []].append(Band(low: center - width / 2, high: center + width / 2))
        bands[surroundings]?.sort { $0.low < $1.low }
    }

    /// Of several carriers those that weren't swept yet, apart from each other by the guard band; in order.
    public func unspent(
        centers: [Double], width: Double, surroundings: String, guardBand: Double = 0
    ) -> [Double] {
        var map = self
        return centers.filter { center in
            (try? map.spend(center: center, width: width, surroundings: surroundings, guardBand: guardBand))
                != nil
        }
    }
}
