// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Timing and carrier of a cell, followed from subframe to subframe.
struct LTETracking: Sendable {
    let estimator: LTESubframeEstimator
    /// Where the next subframe starts in the stream, in samples.
    private(set) var next: Double
    /// Its index since the first frame.
    private(set) var index = 0
    /// Subframes in a row without the reference signal.
    private(set) var missing = 0
    private var period: Double
    /// Radians a sample.
    private var step: Double
    private var phase = 0.0
    private var constant: IQ

    /// Share of what a subframe says of timing, clocks and carrier that is believed at once.
    private static let timingGain = 0.02
    private static let clockGain = 0.0002
    private static let carrierGain = 0.1
    /// Coherence below which a subframe says nothing.
    private static let trusted = 0.3

    /// - Parameters:
    ///   - start: of a frame, in samples of the stream.
    ///   - period: samples of a subframe.
    init(estimator: LTESubframeEstimator, start: Double, period: Double, step: Double, constant: IQ) {
        self.estimator = estimator
        next = start
        self.period = period
        self.step = step
        self.constant = constant
    }

    /// Hz from radians a sample.
    func carrierOffset(_ sampleRate: Double) -> Double { step * sampleRate / (2 * .pi) }

    /// Reads the next subframe; nil while `samples`, whose first has index `base`, don't reach its end.
    mutating func advance(_ samples: Span<IQ>, base: Int) -> LTESubframeEstimator.Result? {
        let whole = next.rounded(.down)
        let place = Int(whole) - base
        guard place >= 0, place + estimator.reach <= samples.count else { return nil }
        follow(samples, place)
        let result = estimator.estimate(
            samples, start: (place, next - whole), number: index % 10, phase: phase, step: step,
            constant: constant)
        if result.coherence >= Self.trusted {
            missing = 0
            step += max(Self.carrierGain, 1 / Double(index + 2)) * result.turn / Double(estimator.grid.slot)
            next += max(Self.timingGain, 1 / Double(index + 2)) * result.delay
            period += Self.clockGain * result.delay
        } else {
            missing += 1
        }
        next += period
        index += 1
        phase = (phase + step * (next.rounded(.down) - whole)).remainder(dividingBy: 2 * .pi)
        return result
    }

    /// The receiver's own constant, over the last 20 subframes or so.
    private mutating func follow(_ samples: Span<IQ>, _ place: Int) {
        var sum = IQ.zero
        for index in place..<place + estimator.grid.subframe { sum = sum + samples[index] }
        let mean = sum * (1 / Float(estimator.grid.subframe))
        constant = constant + (mean - constant) * 0.05
    }
}
