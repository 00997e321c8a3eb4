// SPDX-License-Identifier: GPL-3.0-or-later

/// One measured case of privacy amplification.
public struct AmplifyRow: Encodable, Sendable {
    public let inputBits: Int
    public let outputBits: Int
    /// modified or plain.
    public let form: String
    public let kernel: String
    /// recursion or transform.
    public let algorithm: String
    public let threads: Int
    /// Hashes that were timed.
    public let repeats: Int
    /// Input bits over the median processor time of a hash, all threads together.
    public let megabitsPerSecond: Double
    /// Input bits over the median time on the clock.
    public let wallMegabitsPerSecond: Double
    /// The most resident memory of the whole process, with key, seed and output.
    public let peakBytes: Int

    /// Headings of `values`, for tables.
    public static let columns = [
        "inputBits", "outputBits", "form", "kernel", "algorithm", "threads", "repeats", "megabitsPerSecond",
        "wallMegabitsPerSecond", "peakBytes",
    ]

    public var values: [String] {
        [
            "\(inputBits)", "\(outputBits)", form, kernel, algorithm, "\(threads)", "\(repeats)",
            "\(megabitsPerSecond)", "\(wallMegabitsPerSecond)", "\(peakBytes)",
        ]
    }
}
