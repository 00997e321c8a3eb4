// SPDX-License-Identifier: GPL-3.0-or-later
internal import CaptureFormats
internal import Foundation
internal import QWaveCore

/// A stream of samples in a file: numbers in text, or a column of a table (FILE:COLUMN).
enum SampleFile {
    /// The most that is read, in bytes.
    static let limit = 1 << 28

    /// Numbers between white space, commas or semicolons; a capture's or column's recorded values.
    static func read(_ argument: String) throws(QWaveError) -> [Double] {
        let named = CaptureArgument(parsing: argument)
        guard named.column == nil else {
            return try named.trace().gains.map { Double($0.re) }
        }
        let bytes = try Files.read(named.path, limit: limit)
        var samples: [Double] = []
        for part in bytes.split(whereSeparator: { isSeparator($0) }) {
            guard let value = Double(String(decoding: part, as: UTF8.self)), value.isFinite else {
                let text = String(decoding: part.prefix(20), as: UTF8.self)
                throw QWaveError(
                    .badInput,
                    "\(named.path): '\(text)' is no number; give text of numbers, or FILE:COLUMN of a table")
            }
            samples.append(value)
        }
        return samples
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0x2C || byte == 0x3B
    }
}
