// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reserved pad bytes in memory, gone from the pad on disk, and consumed by their one use.
///
/// The compiler refuses a second use:
///
/// ```swift
/// let segment = try store.reserve(32)
/// try segment.xor(into: &bytes)
/// try segment.xor(into: &others)  // error: 'segment' consumed more than once
/// ```
public struct PadSegment: ~Copyable, Sendable {
    /// The stream offset of the first byte, counted since epoch 1 began.
    public let offset: UInt64
    private let bytes: SecretBuffer

    init(offset: UInt64, bytes: consuming SecretBuffer) {
        self.offset = offset
        self.bytes = bytes
    }

    public var count: Int { bytes.count }

    /// Adds the pad to `data`, in place, and wipes it.
    ///
    /// - Throws: `.internalFault` when the lengths differ; the segment is spent all the same.
    public consuming func xor(into data: inout MutableSpan<UInt8>) throws(QWaveError) {
        guard data.count == bytes.count else {
            throw QWaveError(.internalFault, "\(bytes.count) pad bytes don't fit \(data.count) bytes of data")
        }
        bytes.withBytes { pad in
            for index in 0..<pad.count { data[index] ^= pad[index] }
        }
    }

    /// Calls `body` once with the first 16 bytes, the mask of a tag, and the rest.
    consuming func spend<R: ~Copyable, E: Error>(
        _ body: (_ mask: Span<UInt8>, _ stream: Span<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        try bytes.withBytes { (pad: Span<UInt8>) throws(E) -> R in
            try body(pad.extracting(0..<16), pad.extracting(16..<pad.count))
        }
    }
}
