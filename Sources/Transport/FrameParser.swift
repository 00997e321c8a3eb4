// SPDX-License-Identifier: GPL-3.0-or-later
internal import NIOCore
internal import QWaveCore

/// Cuts a stream of bytes into messages: a 32-bit big-endian length, then that many bytes.
///
/// A value without I/O. The length is checked as soon as its four bytes are there; nothing is ever reserved for
/// it, the buffer grows by what has really arrived.
struct FrameParser {
    /// The length field, in bytes.
    static let headerBytes = 4

    let limit: Int
    private var buffer = ByteBuffer()

    init(limit: Int) { self.limit = limit }

    /// What the buffer may hold without growing, in bytes.
    var capacity: Int { buffer.capacity }
    /// Bytes of an unfinished message.
    var pendingBytes: Int { buffer.readableBytes }

    mutating func append(_ bytes: inout ByteBuffer) { buffer.writeBuffer(&bytes) }

    /// The next whole message, or nil until more bytes come. Throws `.protocolViolation` on a length over the limit.
    mutating func next() throws(QWaveError) -> [UInt8]? {
        guard let declared = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard declared <= UInt32(limit) else {
            throw QWaveError(
                .protocolViolation,
                "the peer announced a message of \(declared) bytes, at most \(limit) are allowed; "
                    + "is it a qwave endpoint of this version?")
        }
        let count = Int(declared)
        guard buffer.readableBytes >= Self.headerBytes + count else { return nil }
        buffer.moveReaderIndex(forwardBy: Self.headerBytes)
        let message = buffer.readBytes(length: count) ?? []
        reclaim()
        return message
    }

    /// Gives memory back: one long message must not keep its buffer for the life of the link.
    private mutating func reclaim() {
        if buffer.readableBytes == 0 {
            if buffer.capacity > 1 << 16 { buffer = ByteBuffer() } else { buffer.clear() }
        } else if buffer.readerIndex > 1 << 16 {
            buffer.discardReadBytes()
        }
    }

    /// A message with its header, ready for the wire.
    static func frame(_ message: [UInt8], allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: headerBytes + message.count)
        buffer.writeInteger(UInt32(truncatingIfNeeded: message.count))
        buffer.writeBytes(message)
        return buffer
    }
}
