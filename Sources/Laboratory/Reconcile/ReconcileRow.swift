// SPDX-License-Identifier: GPL-3.0-or-later

/// What one case of the reconciliation benchmark gave.
public struct ReconcileRow: Sendable, Codable {
    public var `protocol`: String
    public var frameBits: Int
    /// Disagreement of the hard bits that the keys were drawn with, or that a user's own keys have.
    public var errorRate: Double
    /// True where the responder had log-likelihoods.
    public var soft: Bool
    public var frames: Int
    public var framesPerBlock: Int
    public var threads: Int
    /// Key bits through both ends per processor second of one thread: the median over the blocks, in 10⁶.
    public var megabitsPerSecond: Double
    /// Key bits of all threads per second on the clock, in 10⁶: what the machine gives.
    public var wallMegabitsPerSecond: Double
    /// Processor time of both ends for a frame, the median, in 10⁻⁶ s.
    public var microsecondsPerFrame: Double
    /// Forward leak over the Shannon limit n·h(e), or n·H(bit | sample) with soft values; null at error rate 0.
    public var efficiency: Double?
    /// The same for the normal approximation of one message of this length at a frame error rate of 0.001.
    public var finiteLengthEfficiency: Double?
    /// Bits about a frame that the initiator's messages told, the mean.
    public var leakForward: Double
    /// Bits about a frame that the responder's messages told, the mean.
    public var leakBackward: Double
    /// Share of the frames that ended unequal or were given up.
    public var frameErrorRate: Double
    /// Blocks that ended unequal although the 64-bit verification took them for equal.
    public var undetectedFailures: Int
    /// Messages of a block in both directions, the median.
    public var messages: Int
    /// Messages each way, the median, and the 99th percentile.
    public var rounds: Int
    public var rounds99: Int
    /// Bits on the link for a frame, headers included, the mean.
    public var publicBits: Double

    /// The columns of a table, in order.
    public static let columns = [
        "protocol", "frameBits", "errorRate", "soft", "frames", "framesPerBlock", "threads",
        "megabitsPerSecond", "wallMegabitsPerSecond", "microsecondsPerFrame", "efficiency",
        "finiteLengthEfficiency", "leakForward", "leakBackward", "frameErrorRate", "undetectedFailures",
        "messages", "rounds", "rounds99", "publicBits",
    ]

    /// The values of `columns`; nothing stands for what is absent.
    public var values: [String] {
        [
            self.protocol, "\(frameBits)", "\(errorRate)", "\(soft)", "\(frames)", "\(framesPerBlock)",
            "\(threads)", "\(megabitsPerSecond)", "\(wallMegabitsPerSecond)", "\(microsecondsPerFrame)",
            efficiency.map { "\($0)" } ?? "", finiteLengthEfficiency.map { "\($0)" } ?? "",
            "\(leakForward)", "\(leakBackward)", "\(frameErrorRate)", "\(undetectedFailures)", "\(messages)",
            "\(rounds)", "\(rounds99)", "\(publicBits)",
        ]
    }
}
