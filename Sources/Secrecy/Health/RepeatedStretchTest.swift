// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The repetition test on whole stretches: a channel that runs the same course again makes no new key.
///
/// A robot on its round, a capture that is fed in twice: what is keyed then was published, or keyed, before.
/// Stretches of the keyed part are correlated with everything that came earlier; live fading finds no likeness
/// beyond chance.
public struct RepeatedStretchTest: Sendable, Hashable {
    /// Rows of a stretch; more where the channel's memory makes them few independent ones.
    public static let stretch = 256
    /// Stretches that are looked at, evenly over the keyed part.
    public static let stretches = 32
    /// Earlier places, from the beginning and before each stretch, that it is compared with at the most.
    public static let places = 1 << 15

    /// Likeness that is never an alarm: recorded channels resemble themselves more than Gaussian noise does, and a
    /// course that is run again shows nearly the correlation between the ends.
    public static let leastLikeness = 0.6

    /// Share of the stretches that may be alike: recordings wrap around at their ends, and one place in many isn't
    /// a course that is run again.
    public static let allowedShare = 1.0 / 16

    public let falseAlarm: Double

    public init(falseAlarm: Double = 0x1p-20) { self.falseAlarm = falseAlarm }

    /// Tests one component's normal scores.
    ///
    /// - Parameters:
    ///   - scores: of the whole capture, the published rows first.
    ///   - keyed: the rows that are keyed. Fewer than 64 hold no stretch and fail.
    public func run(_ scores: [Double], keyed: Range<Int>, name: String = "repeated stretch") -> HealthResult
    {
        guard keyed.count >= 64, keyed.lowerBound >= 0, keyed.upperBound <= scores.count,
            scores.allSatisfy(\.isFinite)
        else { return .failure(name) }
        let memory = Series.autocorrelation(Array(scores[keyed]), maximumLag: min(200, keyed.count / 4))
        let inflation = max(1, 1 + 2 * memory.dropFirst().reduce(0) { $0 + $1 * $1 })
        let wanted = max(Self.stretch, Int((128 * inflation).rounded(.up)))
        let length = min(wanted, max(32, keyed.count / 4))
        let count = min(Self.stretches, keyed.count / length)
        // Sums up to each row: means and powers of any stretch.
        var sums = [0.0]
        var squares = [0.0]
        sums.reserveCapacity(scores.count + 1)
        squares.reserveCapacity(scores.count + 1)
        for score in scores {
            sums.append((sums.last ?? 0) + score)
            squares.append((squares.last ?? 0) + score * score)
        }
        func moments(_ start: Int) -> (sum: Double, power: Double) {
            let sum = sums[start + length] - sums[start]
            return (sum, squares[start + length] - squares[start] - sum * sum / Double(length))
        }

        var likeness: [Double] = []
        var comparisons = 0
        for index in 0..<count {
            // Evenly spaced, the last one at the very end.
            let room = keyed.count - length
            let start = keyed.lowerBound + (count > 1 ? room * index / (count - 1) : room)
            let own = moments(start)
            let last = start - length
            guard own.power > 0, last >= 0 else { continue }
            var largest = 0.0
            let early = min(last, Self.places)
            let late = max(early + 1, last - Self.places)
            for place in Array(0...early) + (late <= last ? Array(late...last) : []) {
                let theirs = moments(place)
                comparisons += 1
                guard theirs.power > 0 else { continue }
                var sum = -own.sum * theirs.sum / Double(length)
                for row in 0..<length { sum += scores[start &+ row] * scores[place &+ row] }
                largest = max(largest, abs(sum) / (own.power * theirs.power).squareRoot())
            }
            likeness.append(largest)
        }
        guard comparisons > 0 else { return .failure(name) }
        let z = Normal.upperQuantile(falseAlarm / (2 * Double(comparisons)))
        let degrees = max(Double(length) / inflation - 3, 1)
        let limit = max(Self.leastLikeness, tanh(z / degrees.squareRoot()))
        let repeated = Double(likeness.count { !($0 <= limit) }) / Double(likeness.count)
        return HealthResult(
            name: name, passed: repeated <= Self.allowedShare, threshold: Self.allowedShare,
            localValue: repeated)
    }
}
