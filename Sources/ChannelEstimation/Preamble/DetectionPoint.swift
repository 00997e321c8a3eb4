// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The operating point of preamble detection: how alike the short field's repetitions must be.
///
/// A lower threshold finds weaker frames and takes more noise for candidates, which costs time and, where the long
/// field's test lets one through, a false frame. The table was measured on fresh noise by
/// `qwave bench estimate --roc`; Documentation/channel-estimation.md has it with the detection probabilities.
public struct DetectionPoint: Sendable, Hashable {
    /// |P|/E that a frame has at the least.
    public let threshold: Float
    /// False frames in a millisecond of noise, a bound at 95 %; nil for a threshold between those measured.
    public let falseAlarmsPerMillisecond: Double?

    /// The threshold itself.
    ///
    /// - Throws: `.usage` unless it lies between 0 and 1.
    public init(threshold: Float) throws(QWaveError) {
        guard threshold > 0, threshold < 1 else {
            throw QWaveError(.usage, "a threshold of \(threshold) can't be used; it lies between 0 and 1")
        }
        self.threshold = threshold
        falseAlarmsPerMillisecond = nil
    }

    /// The lowest threshold at which noise makes fewer false frames than asked for.
    ///
    /// - Throws: `.usage` where none was measured.
    public init(width: ChannelWidth, falseAlarmsPerMillisecond limit: Double) throws(QWaveError) {
        guard let point = Self.measured(width).first(where: { $0.bound <= limit }) else {
            let least = Self.measured(width).map(\.bound).min() ?? 0
            throw QWaveError(
                .usage,
                "\(limit) false alarms a millisecond: the fewest that were shown at \(width.rawValue) MHz are \(least); give more, or a threshold"
            )
        }
        threshold = point.threshold
        falseAlarmsPerMillisecond = point.bound
    }

    /// False alarms a millisecond that `usual` keeps below.
    public static let usualLimit = 1e-6

    /// Thresholds, ascending, and the bounds on their false alarms. Wider channels, whose windows hold more samples,
    /// have lower thresholds by the square root.
    static func measured(_ width: ChannelWidth) -> [(threshold: Float, bound: Double)] {
        let bounds =
            switch width {
            case .mhz20: [1.2e-5, 1.5e-6, 1.6e-7, 1.5e-8, 4.3e-9]
            case .mhz40: [5.4e-5, 7.0e-6, 8.9e-7, 1.0e-7, 6.4e-8]
            case .mhz80: [1.3e-4, 1.6e-5, 2.2e-6, 2.5e-7, 2.5e-7]
            }
        let thresholds: [Float] = [0.24, 0.27, 0.30, 0.33, 0.36]
        return zip(thresholds, bounds).map { ($0 / Float(width.parts).squareRoot(), $1) }
    }
}
