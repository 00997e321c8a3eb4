// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
public import QWaveCore

/// Opens what the peer's `Wrapper` made.
///
/// The order of work (key-delivery.md, 2.3): length limits; magic, version, link, epoch; sequence and pad offset; tag;
/// the accepted mark, durably; and only then plaintext leaves. Whatever is tampered with, replayed, cut, spliced,
/// foreign or of the wrong direction ends in `.notAuthenticated`, with nothing consumed and nothing released.
///
/// Messages are opened in the order in which they were made. Within a run one that was passed over by less than 1024
/// frames is still accepted; a restart forgets those. A crash between the mark and the last byte of output loses
/// the message: it can't be opened twice.
///
/// - Note: Used bytes are erased at once, so a *second* valid frame at an accepted offset, the sign of a cloned pad, is
///   refused here like any replay; the alarm protocol needs the masks kept until they are acknowledged.
public struct Opener: Sendable {
    private let store: PadStore

    public init(_ store: PadStore) { self.store = store }

    /// A frame whose tag was right, deciphered but not yet accepted.
    private struct Opened {
        var header: FrameHeader
        var body: [UInt8]
        var padEnd: UInt64
    }

    private static func refusal(_ why: String) -> QWaveError {
        QWaveError(.notAuthenticated, why + ": nothing was released, and nothing taken from the pad")
    }

    /// Opens one message of DATA frames, which is all of `input`.
    ///
    /// - Parameter isStreaming: releases each frame as soon as its own tag was checked and its mark is durable, for
    ///   input without an end in sight. What was released may then turn out to be cut off later. Without it nothing is
    ///   released before the last tag, and the message is held in memory (bounded by the pad that is left).
    /// - Throws: `.notAuthenticated` as the type says; after a refusal in a stream the frames before it are consumed.
    @discardableResult
    public func unwrap(
        _ input: inout some ByteInput & ~Copyable, to output: inout some ByteOutput & ~Copyable,
        isStreaming: Bool = false
    ) throws(QWaveError) -> WrapReport {
        let key = try store.hashKey(store.role.sending.reversed)
        var report = WrapReport()
        var chunks: [[UInt8]] = []
        defer { for index in chunks.indices { chunks[index].wipe() } }
        var checksum: UInt64 = 0
        var next: (sequence: UInt64, offset: UInt64)?
        var part: MessagePart?
        while part?.isLast != true {
            guard var frame = try read(&input, .data, key, clear: { _ in MessagePart.size }) else {
                throw Self.refusal(
                    next == nil ? "there is no message" : "the message is cut off after a whole frame")
            }
            let header = frame.header
            guard let own = MessagePart(frame.body), own.first == part?.first ?? header.sequence,
                next.map({ $0 == (header.sequence, header.padOffset) }) ?? true,
                frame.body.count - MessagePart.size >= (own.isLast ? MessagePart.trailer : 1)
            else {
                throw Self.refusal(
                    "frame \(header.sequence) doesn't belong here: parts are missing, moved or mixed")
            }
            if report.frames == 0 {
                report.firstSequence = header.sequence
                report.padOffset = header.padOffset
            }
            part = own
            next = (header.sequence + 1, frame.padEnd)
            var chunk: [UInt8] = []
            swap(&chunk, &frame.body)
            chunk.removeFirst(MessagePart.size)
            if own.isLast {
                let trailer = chunk.suffix(MessagePart.trailer).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                chunk.removeLast(MessagePart.trailer)
                checksum = Checksum.of(chunk, after: checksum)
                guard checksum == trailer else {
                    chunk.wipe()
                    throw Self.refusal(
                        "the tags are right, but the two ends' pads differ: one of them is damaged; burn both and enroll "
                            + "again")
                }
            } else {
                checksum = Checksum.of(chunk, after: checksum)
            }
            report.bytes += chunk.count
            report.frames += 1
            report.padBytes += Int(frame.padEnd - header.padOffset)
            chunks.append(chunk)
            if isStreaming {
                try store.accept(header.sequence..<header.sequence + 1, header.padOffset..<frame.padEnd)
                try release(&chunks, to: &output)
            }
        }
        guard try input.read(1).isEmpty else {
            throw Self.refusal("more bytes follow the end of the message")
        }
        if !isStreaming, let next {
            try store.accept(report.firstSequence..<next.sequence, report.padOffset..<next.offset)
            try release(&chunks, to: &output)
        }
        return report
    }

    private func release(
        _ chunks: inout [[UInt8]], to output: inout some ByteOutput & ~Copyable
    ) throws(QWaveError) {
        for index in chunks.indices {
            var chunk: [UInt8] = []
            swap(&chunk, &chunks[index])
            defer { chunk.wipe() }
            do throws(QWaveError) { try output.write(chunk.span) } catch {
                throw QWaveError(
                    error.code,
                    "the message was accepted, but its text couldn't be written, and it can't be opened again: ask "
                        + "the peer to wrap it anew", cause: error)
            }
        }
        chunks = []
    }

    /// Opens all KEYWRAP frames of `input`; none of their keys is given out before the last tag was checked.
    ///
    /// Every frame stands alone: whoever cuts whole frames off the end withholds their keys, and no more.
    public func unwrapKeys(_ input: inout some ByteInput & ~Copyable) throws(QWaveError) -> [WrappedKey] {
        let key = try store.hashKey(store.role.sending.reversed)
        var keys: [WrappedKey] = []
        var from: (sequence: UInt64, offset: UInt64)?
        var next: (sequence: UInt64, offset: UInt64)?
        while var frame = try read(&input, .keyWrap, key, clear: Self.clearBytes) {
            defer { frame.body.wipe() }
            let here = (frame.header.sequence, frame.header.padOffset)
            guard next.map({ $0 == here }) ?? true else {
                throw Self.refusal("frame \(here.0) doesn't follow the one before it")
            }
            if from == nil { from = here }
            next = (here.0 + 1, frame.padEnd)
            let count = Int(frame.body[0]) << 8 | Int(frame.body[1])
            let length = Int(frame.body[2]) << 8 | Int(frame.body[3])
            for index in 0..<count {
                let start = 8 + 16 * count + index * length
                let secret = SecretBuffer(copying: frame.body.span.extracting(start..<start + length))
                keys.append(
                    try WrappedKey(id: Array(frame.body[8 + 16 * index..<24 + 16 * index]), key: secret))
            }
        }
        guard let from, let next else { throw Self.refusal("there are no keys") }
        try store.accept(from.sequence..<next.sequence, from.offset..<next.offset)
        return keys
    }

    /// The clear part of a KEYWRAP body, or nil where its numbers don't fit its length.
    private static func clearBytes(_ body: [UInt8]) -> Int? {
        guard body.count >= 8, body[4...7].allSatisfy({ $0 == 0 }) else { return nil }
        let count = Int(body[0]) << 8 | Int(body[1])
        let length = Int(body[2]) << 8 | Int(body[3])
        guard count > 0, length > 0, body.count == 8 + count * (16 + length) else { return nil }
        return 8 + 16 * count
    }

    /// The next frame, its tag checked and its body deciphered; nil at the end of the input.
    private func read(
        _ input: inout some ByteInput & ~Copyable, _ type: FrameType, _ key: borrowing SecretBuffer,
        clear: ([UInt8]) -> Int?
    ) throws(QWaveError) -> Opened? {
        let headerBytes = try input.read(FrameHeader.size)
        if headerBytes.isEmpty { return nil }
        let header = try FrameHeader(headerBytes)
        guard header.type == type, header.linkID == store.linkID, header.epoch == PadStore.epoch else {
            throw Self.refusal("this is a frame of another kind, another link or another epoch")
        }
        // In pieces, so that a declared length alone never makes an allocation.
        var body: [UInt8] = []
        while body.count < header.bodyLength {
            let piece = try input.read(min(65536, header.bodyLength - body.count))
            if piece.isEmpty { break }
            body.append(contentsOf: piece)
        }
        let tag = try input.read(16)
        guard body.count == header.bodyLength, tag.count == 16 else {
            throw Self.refusal("the message is cut off inside frame \(header.sequence)")
        }
        // The clear part says how many bytes are ciphertext; it is read before the tag only to find the pad's end.
        guard let clearCount = clear(body), clearCount <= body.count else {
            throw Self.refusal("frame \(header.sequence) has an impossible body")
        }
        let padCount = 16 + body.count - clearCount
        let segment = PadSegment(
            offset: header.padOffset, bytes: try store.incomingPad(header, count: padCount))
        try store.chargeTag(bodyBytes: body.count)
        let isRight = segment.spend { mask, stream in
            let mask = SecretBuffer(copying: mask)
            guard WegmanCarter.verify(tag, key: key, mask: mask, header: headerBytes, body: body) else {
                return false
            }
            combine(&body, from: clearCount, with: stream)
            return true
        }
        guard isRight else {
            try store.countFailure()
            throw Self.refusal(
                "the tag of frame \(header.sequence) is wrong: it was changed, or isn't the peer's")
        }
        return Opened(header: header, body: body, padEnd: header.padOffset + UInt64(padCount))
    }
}
