// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
public import QWaveCore

/// What a frame is for (key-delivery.md, 2).
public enum FrameType: UInt8, Sendable, CaseIterable {
    case hello = 1
    case data = 2
    case keyWrap = 3
    case acknowledgement = 4
    case request = 5
    case resync = 6
    case alarm = 7
    case close = 8
}

/// The 36 clear bytes before a frame's body, all of them under the tag. Big-endian.
///
/// | offset | length | field |
/// |---|---|---|
/// | 0 | 2 | magic 0x51 0x57 ("QW") |
/// | 2 | 1 | version 1 |
/// | 3 | 1 | type |
/// | 4 | 8 | link id |
/// | 12 | 4 | epoch |
/// | 16 | 8 | sequence |
/// | 24 | 8 | pad offset of the first of the 16 mask bytes; one byte for each ciphertext byte follows them |
/// | 32 | 4 | body length, at most 1 MiB |
///
/// The tag is masked with pad bytes and hashed under the *enrolled* r of the sender's direction, the one that transcript
/// tags use too. That is sound for two reasons. A polynomial hash may serve any number of messages as long as each tag
/// has a fresh uniform mask (key recycling, Portmann arXiv:1202.1229), and pad bytes and enrolled masks are disjoint
/// secrets. And no transcript tag can be taken for a frame's: what is hashed begins with "QW", 1 here, and with "QWtr"
/// or "QWms" there, so the hashed strings differ in the third byte.
public struct FrameHeader: Equatable, Sendable {
    public static let size = 36
    /// Header and tag.
    public static let overhead = 52
    public static let bodyLimit = 1 << 20
    static let magic: [UInt8] = [0x51, 0x57]

    public var type: FrameType
    public var linkID: UInt64
    public var epoch: UInt32
    public var sequence: UInt64
    public var padOffset: UInt64
    public var bodyLength: Int

    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.magic)
        writer.write([1, type.rawValue] as [UInt8])
        writer.write(linkID)
        writer.write(epoch)
        writer.write(sequence)
        writer.write(padOffset)
        writer.write(UInt32(bodyLength))
        return writer.bytes
    }

    /// - Throws: `.notAuthenticated` for anything that no sender of this version writes.
    public init(_ bytes: [UInt8]) throws(QWaveError) {
        do {
            var reader = ByteReader(bytes, what: "frame header")
            guard try reader.read(count: 2) == Self.magic, try reader.read(UInt8.self) == 1,
                let type = FrameType(rawValue: try reader.read())
            else { throw QWaveError(.badInput, "no frame of version 1 begins here") }
            self.type = type
            linkID = try reader.read()
            epoch = try reader.read()
            sequence = try reader.read()
            padOffset = try reader.read()
            bodyLength = Int(try reader.read(UInt32.self))
            try reader.finish()
            guard bodyLength <= Self.bodyLimit, sequence < .max / 2, padOffset < .max / 2 else {
                throw QWaveError(.badInput, "a length or a number is out of bounds")
            }
        } catch {
            throw QWaveError(
                .notAuthenticated,
                "this isn't a whole wrapped message of this version: nothing was taken from the pad",
                cause: error)
        }
    }

    init(type: FrameType, linkID: UInt64, epoch: UInt32, sequence: UInt64, padOffset: UInt64, bodyLength: Int)
    {
        self.type = type
        self.linkID = linkID
        self.epoch = epoch
        self.sequence = sequence
        self.padOffset = padOffset
        self.bodyLength = bodyLength
    }

    /// The bound on forging this frame's tag in one attempt.
    static func tagEpsilon(bodyBytes: Int) -> Double {
        WegmanCarter.forgeryBound(blocks: WegmanCarter.blocks(headerBytes: size, bodyBytes: bodyBytes))
    }
}

/// The 12 clear bytes before each ciphertext of a DATA message, under the tag of their frame.
///
/// A message is cut into frames of contiguous sequences and pad offsets. Each carries the sequence of the message's
/// first frame (8), flags (1: bit 0 set in the last frame), and three zero bytes. So a frame of another message, a
/// missing or a moved one, and a missing end are told from the clear numbers, which the tags protect; they cost no
/// pad. The last frame's plaintext ends with the CRC-64 of the whole message's, under the pad like the rest: should the
/// two pads ever differ in a byte, this says so, where the tag of the ciphertext can't.
struct MessagePart: Equatable, Sendable {
    static let size = 12
    static let trailer = 8

    var first: UInt64
    var isLast: Bool

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(first)
        writer.write([isLast ? 1 : 0, 0, 0, 0] as [UInt8])
        return writer.bytes
    }

    init(first: UInt64, isLast: Bool) {
        self.first = first
        self.isLast = isLast
    }

    init?(_ body: [UInt8]) {
        guard body.count >= Self.size, body[8] <= 1, body[9] == 0, body[10] == 0, body[11] == 0 else {
            return nil
        }
        first = body[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        isLast = body[8] == 1
    }
}
