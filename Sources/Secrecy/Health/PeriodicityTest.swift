// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Statistics

/// The periodicity test: a blocker who comes and goes at a fixed pace draws a line into the spectrum.
///
/// A component has a memory, so its spectrum isn't flat and Fisher's g-test on it doesn't hold. Here each line of the
/// keyed values is compared with the larger of two floors: the mean of its neighbors, and the same place of the
/// *commissioned* spectrum; both series are whitened first by the predictor that the commissioned values gave. Where
/// the spectrum is even over the neighbors, a line over the mean of 2h neighbors exceeds x with probability
/// (1 + x/2h)^(−2h); where it isn't, the commissioned floor lies there as well.
///
/// A line that was there at commissioning is no alarm: the whitening takes it out, for it is part of the memory that
/// is charged. The floor is a median, so that a short disturbance of the commissioning part doesn't raise it.
public struct PeriodicityTest: Sendable, Hashable {
    /// Values that are transformed at the most: the last ones.
    public static let longest = 2048
    /// Fewer hold no spectrum.
    public static let shortest = 128
    static let taps = 32
    /// h: neighbors on either side; the two next to the line belong to it.
    static let neighbors = 16
    static let guardLines = 2

    public let falseAlarm: Double

    public init(falseAlarm: Double = 0x1p-20) { self.falseAlarm = falseAlarm }

    /// How many times its floor a line may reach, of `lines` lines.
    public func threshold(lines: Int) -> Double {
        let m = Double(2 * Self.neighbors)
        return m * (pow(falseAlarm / Double(max(lines, 1)), -1 / m) - 1)
    }

    /// Tests `values`, the scores of a component that are keyed, against `commissioned`, those of the same component
    /// that were published. Fewer than 128 of either, or constant ones, fail. O(n²).
    public func run(_ values: [Double], commissioned: [Double], name: String = "periodicity") -> HealthResult
    {
        let x = Array(values.suffix(Self.longest))
        let reference = Array(commissioned.suffix(Self.longest))
        guard x.count >= Self.shortest, reference.count >= Self.shortest,
            (x + reference).allSatisfy(\.isFinite)
        else { return .failure(name) }
        let mean = Series.mean(reference)
        let taps = LevinsonDurbin(
            autocovariance: Series.autocovariance(reference, maximumLag: Self.taps)
        ).coefficients
        let keyed = Self.periodogram(Self.innovations(x, taps, mean))
        let before = Self.periodogram(Self.innovations(reference, taps, mean))
        let limit = threshold(lines: keyed.count)
        let width = 2 * (Self.neighbors + Self.guardLines) + 1
        guard keyed.count > width, before.count > width,
            keyed.reduce(0, +) > 1e-12 * Double(x.count), before.reduce(0, +) > 1e-12 * Double(x.count)
        else { return .failure(name, threshold: limit) }
        let floor = Self.medians(before)
        var largest = 0.0
        for line in keyed.indices {
            let place = (line * before.count + keyed.count / 2) / keyed.count
            let beside = Self.mean(around: line, in: keyed)
            largest = max(largest, keyed[line] / max(beside, floor[min(place, floor.count - 1)]))
        }
        return HealthResult(name: name, passed: largest <= limit, threshold: limit, localValue: largest)
    }

    private static func innovations(_ x: [Double], _ taps: [Double], _ mean: Double) -> [Double] {
        (taps.count..<x.count).map { row in
            var value = x[row] - mean
            for (lag, tap) in taps.enumerated() { value -= tap * (x[row - 1 - lag] - mean) }
            return value
        }
    }

    /// Power per value at the lines 1 … (n − 1)/2, Goertzel's recurrence: one line in one pass.
    private static func periodogram(_ x: [Double]) -> [Double] {
        let lines = (x.count - 1) / 2
        guard lines >= 1 else { return [] }
        return (1...lines).map { line in
            let twice = 2 * cos(2 * Double.pi * Double(line) / Double(x.count))
            var before = 0.0
            var state = 0.0
            for value in x { (before, state) = (state, value + twice * state - before) }
            return max(0, state * state + before * before - twice * state * before) / Double(x.count)
        }
    }

    private static func window(_ line: Int, _ count: Int) -> Range<Int> {
        let width = 2 * (neighbors + guardLines) + 1
        let start = min(max(0, line - neighbors - guardLines), max(0, count - width))
        return start..<min(count, start + width)
    }

    /// The mean of a line's neighbors, the line and the two beside it left out.
    private static func mean(around line: Int, in spectrum: [Double]) -> Double {
        var sum = 0.0
        var count = 0
        for index in window(line, spectrum.count) where abs(index - line) > guardLines {
            sum += spectrum[index]
            count += 1
        }
        return sum / Double(max(count, 1))
    }

    /// The running median, as the mean of the exponential law that has it.
    private static func medians(_ spectrum: [Double]) -> [Double] {
        spectrum.indices.map { line in
            let sorted = spectrum[window(line, spectrum.count)].sorted()
            return sorted[sorted.count / 2] / log(2)
        }
    }
}
