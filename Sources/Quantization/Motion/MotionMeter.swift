// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore
internal import Statistics

/// How much a channel moves, from probes that are published and never keyed.
///
/// Noise differs from probe to probe and motion doesn't: the covariance of the gains' powers from one probe to the
/// next is motion's alone. Where it can't be told from 0 the room is still, and a still room gives no key.
public struct MotionMeter: Sendable, Hashable, Codable {
    public enum Verdict: String, Sendable, Codable {
        /// Nothing moves, or too little was seen to say that anything does.
        case still
        /// Something moves, and seldom.
        case slow
        case moving
    }

    /// Standard deviation of the power that motion makes, over the mean power.
    public let depth: Double
    /// How many standard errors the covariance from probe to probe lies above 0.
    public let significance: Double
    /// Until the powers' correlation has fallen to one half, in seconds (in probes where no rate is known).
    public let coherence: Double
    public let verdict: Verdict

    /// Below so many standard errors a room counts as still.
    public static let threshold = 6.0
    /// A coherence beyond so many seconds counts as slow.
    public static let slowness = 2.0

    /// Nil for fewer than 64 snapshots, or snapshots that have no gains or not the first one's shape.
    ///
    /// - Parameters:
    ///   - rate: snapshots a second, the trace's own unless given.
    ///   - limit: looks at the first `limit` snapshots only.
    public init?(_ trace: ChannelTrace, rate: Double? = nil, limit: Int = 1024) {
        let count = min(trace.count, limit)
        guard count >= 64 else { return nil }
        let shape = trace.shape(at: 0)
        let columns = min(shape.count, 16)
        guard columns > 0, (0..<count).allSatisfy({ trace.shape(at: $0) == shape }) else { return nil }
        let inDecibels = trace.description.quantity == .decibels
        // Gains far apart over the band, as powers relative to their mean.
        let series = (0..<columns).map { column -> [Double] in
            let place = column * shape.count / columns
            let powers = (0..<count).map { index -> Double in
                let gain = trace.gains(at: index)[trace.gains(at: index).startIndex + place]
                return inDecibels ? pow(10, Double(gain.re) / 10) : Double(gain.power)
            }
            let mean = Series.mean(powers)
            return powers.map { mean > 0 ? $0 / mean : 0 }
        }
        guard series.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
        let longest = count / 4
        var covariance = [Double](repeating: 0, count: longest + 1)
        for x in series {
            for (lag, value) in Series.autocovariance(x, maximumLag: longest).enumerated() {
                covariance[lag] += value / Double(columns)
            }
        }
        let moved = max(0, covariance[1])
        depth = moved.squareRoot()
        // Under stillness a sample covariance at lag 1 has the variance's size over √n; the gains over the band
        // aren't independent, so they don't count for more.
        let error = covariance[0] / Double(count).squareRoot()
        significance = error > 0 ? covariance[1] / error : 0
        let half = (1...longest).first { covariance[$0] < moved / 2 } ?? longest
        let perSecond = rate ?? trace.description.nominalRate ?? Self.rate(trace, count)
        coherence = Double(half) / (perSecond ?? 1)
        verdict =
            significance < Self.threshold || depth < 1e-3
            ? .still : coherence > Self.slowness ? .slow : .moving
    }

    private static func rate(_ trace: ChannelTrace, _ count: Int) -> Double? {
        guard let first = trace.time(at: 0), let last = trace.time(at: count - 1), last > first else {
            return nil
        }
        return Double(count - 1) / (last - first)
    }

    /// What to do about it, for a person.
    public var prompt: String {
        switch verdict {
        case .still:
            "Nothing moves: no key can come of it. Move one of the ends, shake it or walk about, until this changes."
        case .slow:
            "Little moves: a key takes long. Move one of the ends faster, about a wavelength a second."
        case .moving: "The channel moves: keep it so."
        }
    }
}
