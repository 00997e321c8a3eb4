// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Finds preambles in a stream of samples and estimates the channel from each, in little memory.
///
/// ```swift
/// var receiver = try PreambleReceiver(LegacyPreamble(), sampleRate: 20e6)
/// while let samples = try reader.next() { frames += receiver.receive(samples) }
/// frames += receiver.finish()                  // without it the last frame may be missing
/// ```
///
/// Two tests stand between noise and a frame: the short field's repetition exceeds the threshold, and both long
/// symbols correlate with their waveform. The frames don't depend on how the stream is cut.
public struct PreambleReceiver: Sendable {
    public let preamble: LegacyPreamble
    public let sampleRate: Double
    private let search: PreambleSearch

    /// Samples that were not searched to their end yet, the first at index `base` of the stream.
    private var carry: [IQ] = []
    private var base = 0
    /// No frame starts before this index any more.
    private var next = 0
    /// Hits of the short field that were judged so far, frames or not: what the long field is asked for.
    public private(set) var candidates = 0

    /// |P|/E of the short field that a frame has at the least: the operating point of `qwave bench estimate`.
    public static let usualThreshold: Float = 0.36

    /// - Parameters:
    ///   - sampleRate: samples a second; 20·m MHz, or less for half- and quarter-clocked signals (17.3.2.3).
    ///   - kept: samples from a frame's start that its `samples` hold.
    /// - Throws: `.usage` for a rate that isn't positive, or a threshold outside 0 to 1.
    public init(
        _ preamble: LegacyPreamble, sampleRate: Double, kept: Int = 0,
        threshold: Float = Self.usualThreshold, stride: Int = 1, kernel: CorrelatorKernel = .automatic
    ) throws(QWaveError) {
        guard sampleRate > 0, sampleRate.isFinite else {
            throw QWaveError(.usage, "a rate of \(sampleRate) samples/s can't be; give it as in 20e6")
        }
        self.preamble = preamble
        self.sampleRate = sampleRate
        search = try PreambleSearch(
            preamble, kept: max(0, kept), threshold: threshold, stride: stride, kernel: kernel)
    }

    /// The frames that are complete now.
    public mutating func receive(_ samples: [IQ]) -> [PreambleFrame] {
        var judged: [PreambleFrame?] = []
        let reach = search.reach
        guard samples.count >= 2 * reach else {
            carry += samples
            if carry.count >= 4 * reach {
                let end = carry.count - reach
                next = search.run(carry.span, origin: base, to: end, from: next) { judged.append($0) }
                carry.removeFirst(end)
                base += end
            }
            return frames(of: judged)
        }
        // What straddles the cut is searched in a copy, all else where it lies.
        let old = carry.count
        carry += samples[..<reach]
        next = search.run(carry.span, origin: base, to: old, from: next) { judged.append($0) }
        base += old
        let end = samples.count - reach
        next = search.run(samples.span, origin: base, to: end, from: next) { judged.append($0) }
        carry = Array(samples[end...])
        base += end
        return frames(of: judged)
    }

    /// The frames in what is left, whose long fields are complete. Ready for another stream from index 0.
    public mutating func finish() -> [PreambleFrame] {
        var judged: [PreambleFrame?] = []
        let end = base + carry.count
        let old = carry.count
        carry += [IQ](repeating: .zero, count: search.reach)
        next = search.run(carry.span, origin: base, to: old, from: next) { judged.append($0) }
        carry = []
        base = 0
        next = 0
        return frames(of: judged).filter { $0.start + preamble.count <= end }.map { frame in
            var frame = frame
            frame.samples.removeLast(
                max(0, min(frame.samples.count, frame.start + frame.samples.count - end)))
            return frame
        }
    }

    /// The frames among what was judged, with seconds and Hz for samples and radians.
    private mutating func frames(of judged: [PreambleFrame?]) -> [PreambleFrame] {
        candidates += judged.count
        return judged.compactMap { frame in
            guard var frame else { return nil }
            frame.time = Double(frame.start) / sampleRate
            frame.carrierOffset *= sampleRate / (2 * .pi)
            return frame
        }
    }
}
