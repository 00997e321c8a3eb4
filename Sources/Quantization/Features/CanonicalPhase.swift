// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
public import QWaveCore

/// The phase reference that both ends compute from their own gains alone: nothing is unwrapped or published.
///
/// A receiver's common phase and timing error turn H[k] into H[k]·exp(j(α − kβ)). The average phase step
/// between neighboring tones and a power-weighted common phase are taken out; what is left is the same for
/// every α and β (for a grid step of 1; for a step g while the timing error stays below N/(2g) samples).
public struct CanonicalPhase: Sendable {
    /// Integer tone index of each subcarrier, rising.
    public let tones: [Int]
    /// The grid step g: the most frequent distance between neighbors, the smaller one of equally frequent ones.
    ///
    /// The smallest alone would rest the slope of the 30-tone Intel 5300 grid on two pairs of tones.
    public let step: Int
    private let neighbors: [(Int, Int)]

    /// - Precondition: at least two tones, rising.
    public init(tones: [Int]) {
        self.tones = tones
        var counts: [Int: Int] = [:]
        for (next, tone) in zip(tones.dropFirst(), tones) {
            let (distance, overflow) = next.subtractingReportingOverflow(tone)
            if !overflow, distance > 0 { counts[distance, default: 0] += 1 }
        }
        step = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 1
        let place = Dictionary(zip(tones, tones.indices)) { first, _ in first }
        var neighbors: [(Int, Int)] = []
        for (index, tone) in tones.enumerated() {
            let (target, overflow) = tone.addingReportingOverflow(step)
            if !overflow, let other = place[target] { neighbors.append((index, other)) }
        }
        self.neighbors = neighbors
    }

    /// The canonical gains and the quality q of the phase reference, 0 to 1.
    ///
    /// Below q² of 0.05 the reference is noise and the snapshot ought to be dropped.
    public func apply(_ gains: some Collection<IQ>) -> (gains: [(re: Double, im: Double)], quality: Double) {
        let h = gains.map { (re: Double($0.re), im: Double($0.im)) }
        var slopeRe = 0.0
        var slopeIm = 0.0
        for (low, high) in neighbors {
            slopeRe += h[high].re * h[low].re + h[high].im * h[low].im
            slopeIm += h[high].im * h[low].re - h[high].re * h[low].im
        }
        let slope = atan2(slopeIm, slopeRe) / Double(step)
        var turned = h
        var sumRe = 0.0
        var sumIm = 0.0
        var power = 0.0
        for (index, tone) in tones.enumerated() {
            let angle = -Double(tone) * slope
            let (c, s) = (cos(angle), sin(angle))
            let re = h[index].re * c - h[index].im * s
            let im = h[index].re * s + h[index].im * c
            turned[index] = (re, im)
            let squared = re * re + im * im
            let amplitude = squared.squareRoot()
            sumRe += re * amplitude
            sumIm += im * amplitude
            power += squared
        }
        let phase = atan2(sumIm, sumRe)
        let (c, s) = (cos(-phase), sin(-phase))
        for index in turned.indices {
            let (re, im) = turned[index]
            turned[index] = (re * c - im * s, re * s + im * c)
        }
        let reference = (sumRe * sumRe + sumIm * sumIm).squareRoot()
        return (turned, power > 0 ? reference / power : 0)
    }
}
