// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// The bytes of a file with its name: little-endian reads that the caller has bounded, and errors that say
/// where.
struct ByteSource: Sendable {
    let bytes: [UInt8]
    let name: String

    init(_ bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
    }

    var count: Int { bytes.count }

    /// Zero beyond the end, so that a missing length check shows as a wrong value and never as a trap.
    @inline(__always) func byte(_ offset: Int) -> UInt8 {
        offset >= 0 && offset < bytes.count ? bytes[offset] : 0
    }
    func signedByte(_ offset: Int) -> Int8 { Int8(bitPattern: byte(offset)) }
    @inline(__always) func u16(_ offset: Int) -> UInt16 {
        UInt16(byte(offset)) | UInt16(byte(offset &+ 1)) << 8
    }
    @inline(__always) func u32(_ offset: Int) -> UInt32 {
        UInt32(u16(offset)) | UInt32(u16(offset &+ 2)) << 16
    }
    func u64(_ offset: Int) -> UInt64 { UInt64(u32(offset)) | UInt64(u32(offset &+ 4)) << 32 }
    func bigU16(_ offset: Int) -> UInt16 { u16(offset).byteSwapped }

    func error(at offset: Int, _ reason: String) -> QWaveError {
        QWaveError(.badInput, "\(name): byte \(offset): \(reason)")
    }
    func error(line: Int, _ reason: String) -> QWaveError {
        QWaveError(.badInput, "\(name): line \(line): \(reason)")
    }
}

/// What a decoder says of a file that ends inside a packet.
struct Truncation {
    let message: String

    /// - Parameter place: "byte 123" or "line 7".
    init(source: ByteSource, place: String, what: String, packets: Int) {
        message =
            "\(source.name): \(place): the file ends inside \(what), after \(packets) whole packets; "
            + "copy it again, or allow a truncated file to use those"
    }

    /// Throws unless the caller accepts what is there.
    func resolve(_ options: CaptureOptions) throws(QWaveError) -> String {
        if options.allowTruncated { return message }
        throw QWaveError(.badInput, message)
    }
}
