// SPDX-License-Identifier: GPL-3.0-or-later
internal import Authentication
public import QWaveCore

/// A key with its identifier, as KEYWRAP frames carry it.
public final class WrappedKey: Sendable {
    /// 16 bytes, in the clear on the way: an identifier isn't secret.
    public let id: [UInt8]
    public let key: SecretBuffer

    /// - Throws: `.badInput` unless the identifier has 16 bytes and the key 1 to 65535.
    public init(id: [UInt8], key: consuming SecretBuffer) throws(QWaveError) {
        guard id.count == 16, (1...65535).contains(key.count) else {
            throw QWaveError(
                .badInput,
                "a wrapped key has an identifier of 16 bytes and 1 to 65535 bytes, not \(id.count) and \(key.count)"
            )
        }
        self.id = id
        self.key = key
    }
}

/// What a wrap or an unwrap did.
public struct WrapReport: Codable, Sendable, Hashable {
    /// Bytes of plaintext.
    public var bytes = 0
    public var keys = 0
    public var frames = 0
    /// Pad bytes spent, masks included.
    public var padBytes = 0
    public var firstSequence: UInt64 = 0
    public var padOffset: UInt64 = 0
}

/// Encrypts under the pad, with tags that no computing power forges.
///
/// ```swift
/// var input = try FileInput("plan.txt"), output = try FileOutput("plan.qw")
/// try Wrapper(store).wrap(&input, to: &output)
/// ```
///
/// Everything to be wrapped is read before anything is spent, so an input that fails half-way costs nothing; memory is
/// bounded by what may be spent. The reservation is durable before the first byte of ciphertext leaves. When the output
/// fails, what was reserved is lost: a wrap isn't repeated at the same offsets, it is made anew.
public struct Wrapper: Sendable {
    private let store: PadStore
    private let bodyLimit: Int

    /// - Parameter bodyLimit: the largest body of a frame, 64 bytes to 1 MiB; larger frames cost less pad and are
    ///   forged a little more easily (both ends see the same bound in the pad's ε).
    public init(_ store: PadStore, bodyLimit: Int = 65536) throws(QWaveError) {
        guard (64...FrameHeader.bodyLimit).contains(bodyLimit) else {
            throw QWaveError(
                .usage, "a frame's body has 64 to \(FrameHeader.bodyLimit) bytes, not \(bodyLimit)")
        }
        self.store = store
        self.bodyLimit = bodyLimit
    }

    /// Wraps all of `input` as one message of DATA frames.
    ///
    /// - Throws: `.refused` where the pad is too short, before anything is spent, with how much is missing.
    @discardableResult
    public func wrap(
        _ input: inout some ByteInput & ~Copyable, to output: inout some ByteOutput & ~Copyable
    ) throws(QWaveError) -> WrapReport {
        let capacity = bodyLimit - MessagePart.size - MessagePart.trailer
        var chunks: [[UInt8]] = []
        defer { for index in chunks.indices { chunks[index].wipe() } }
        let total = try readAll(&input, capacity: capacity, into: &chunks)
        if chunks.isEmpty { chunks.append([]) }
        var checksum: UInt64 = 0
        for chunk in chunks { checksum = Checksum.of(chunk, after: checksum) }
        for shift in stride(from: 56, through: 0, by: -8) {
            chunks[chunks.count - 1].append(UInt8(truncatingIfNeeded: checksum >> UInt64(shift)))
        }
        let need = total + MessagePart.trailer + 16 * chunks.count
        var allotment = try store.allot(need, frames: chunks.count)
        let report = WrapReport(
            bytes: total, frames: chunks.count, padBytes: need, firstSequence: allotment.firstSequence,
            padOffset: allotment.whole.lowerBound)
        let key = try store.hashKey(store.role.sending)
        for index in chunks.indices {
            let part = MessagePart(first: allotment.firstSequence, isLast: index == chunks.count - 1)
            var body = part.bytes
            body.reserveCapacity(bodyLimit)
            body.append(contentsOf: chunks[index])
            chunks[index].wipe()
            try seal(
                .data, sequence: allotment.firstSequence + UInt64(index), clear: MessagePart.size, body, key,
                &allotment, to: &output)
        }
        try store.finish(allotment)
        return report
    }

    /// Everything in chunks of `capacity`, refused as soon as it is clear that the pad is too short for it.
    private func readAll(
        _ input: inout some ByteInput & ~Copyable, capacity: Int, into chunks: inout [[UInt8]]
    ) throws(QWaveError) -> Int {
        let spendable = try store.spendable()
        func cost(_ bytes: Int) -> Int {
            bytes + MessagePart.trailer + 16 * max(1, (bytes + capacity - 1) / capacity)
        }
        func refusal(_ bytes: Int, _ least: String) -> QWaveError {
            QWaveError(
                .refused,
                "\(bytes) bytes take \(cost(bytes)) pad bytes, and \(spendable) may be spent: \(least)"
                    + "\(cost(bytes) - spendable) bytes are missing; nothing was spent; make more pad first")
        }
        if let size = input.remaining, cost(size) > spendable { throw refusal(size, "") }
        var total = 0
        while true {
            let chunk = try input.read(capacity)
            if chunk.isEmpty { return total }
            total += chunk.count
            chunks.append(chunk)
            if cost(total) > spendable { throw refusal(total, "at least ") }
            if chunk.count < capacity { return total }
        }
    }

    /// Wraps keys into KEYWRAP frames, as many of equal length into one as fit; each frame stands alone.
    ///
    /// - Throws: `.refused` where the pad is too short for all of them, before anything is spent.
    @discardableResult
    public func wrapKeys(
        _ keys: [WrappedKey], to output: inout some ByteOutput & ~Copyable
    ) throws(QWaveError) -> WrapReport {
        var groups: [ArraySlice<WrappedKey>] = []
        var rest = keys[...]
        while let first = rest.first {
            let length = first.key.count
            let most = max(1, min(65535, (bodyLimit - 8) / (16 + length)))
            let run = rest.prefix(most).prefix { $0.key.count == length }
            groups.append(run)
            rest = rest.dropFirst(run.count)
        }
        guard !groups.isEmpty else { throw QWaveError(.usage, "no keys were given to wrap") }
        let need = keys.reduce(0) { $0 + $1.key.count } + 16 * groups.count
        var allotment = try store.allot(need, frames: groups.count)
        let report = WrapReport(
            bytes: need - 16 * groups.count, keys: keys.count, frames: groups.count, padBytes: need,
            firstSequence: allotment.firstSequence, padOffset: allotment.whole.lowerBound)
        let key = try store.hashKey(store.role.sending)
        for (index, group) in groups.enumerated() {
            var writer = ByteWriter()
            writer.write(UInt16(group.count))
            writer.write(UInt16(group.first?.key.count ?? 0))
            writer.write(UInt32(0))
            for key in group { writer.write(key.id) }
            let clear = writer.bytes.count
            var body = writer.bytes
            body.reserveCapacity(clear + group.reduce(0) { $0 + $1.key.count })
            for key in group {
                key.key.withBytes { bytes in
                    for position in 0..<bytes.count { body.append(bytes[position]) }
                }
            }
            try seal(
                .keyWrap, sequence: allotment.firstSequence + UInt64(index), clear: clear, body, key,
                &allotment,
                to: &output)
        }
        try store.finish(allotment)
        return report
    }

    /// Encrypts a body behind its clear part, tags it, and writes the frame.
    private func seal(
        _ type: FrameType, sequence: UInt64, clear: Int, _ body: consuming [UInt8],
        _ key: borrowing SecretBuffer,
        _ allotment: inout Allotment, to output: inout some ByteOutput & ~Copyable
    ) throws(QWaveError) {
        let segment = try store.take(16 + body.count - clear, from: &allotment)
        let header = FrameHeader(
            type: type, linkID: store.linkID, epoch: PadStore.epoch, sequence: sequence,
            padOffset: segment.offset,
            bodyLength: body.count
        ).bytes
        let mask = segment.spend { mask, stream in
            combine(&body, from: clear, with: stream)
            return SecretBuffer(copying: mask)
        }
        let tag = WegmanCarter.tag(key: key, mask: mask, header: header, body: body)
        try store.chargeTag(bodyBytes: body.count)
        do throws(QWaveError) {
            try output.write(header.span)
            try output.write(body.span)
            try output.write(tag.span)
        } catch {
            throw QWaveError(
                error.code,
                "the wrapped message couldn't be written; its pad bytes are spent: mend the output and wrap again",
                cause: error)
        }
    }
}

/// Adds pad bytes to those of `bytes` from `start` on.
func combine(_ bytes: inout [UInt8], from start: Int, with stream: Span<UInt8>) {
    precondition(start >= 0 && bytes.count - start == stream.count, "pad and body of different lengths")
    var span = bytes.mutableSpan
    for index in 0..<stream.count { span[start &+ index] ^= stream[index] }
}
