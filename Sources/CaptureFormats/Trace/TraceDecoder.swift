// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reads QWave's trace format from pieces of any size, without holding the file.
///
///     var decoder = TraceDecoder(name: "alice.qwt")
///     decoder.push(piece)
///     while let snapshot = try decoder.next() { … }     // nil: push more, or finish
///     try decoder.finish()                              // throws if the file was cut off
///
/// Snapshots are handed out only from chunks whose checksum is right. What is held at any time is the chunk
/// that is being received (at most 16 MiB) and the pieces pushed.
public struct TraceDecoder: Sendable {
    private enum State { case preamble, header(length: Int), chunk, done }

    private let name: String
    private var buffer: [UInt8] = []
    /// Bytes of the buffer that are used up.
    private var consumed = 0
    /// Offset of the buffer in the file.
    private var base = 0
    private var state = State.preamble
    private var ready: [Snapshot] = []
    private var nextReady = 0
    /// Known once the header was read.
    public private(set) var description: ChannelTrace.Description?
    /// Snapshots found so far.
    public private(set) var count: UInt64 = 0

    /// - Parameter name: names the file in errors.
    public init(name: String) { self.name = name }

    private var available: Int { buffer.count - consumed }
    private var offset: Int { base + consumed }
    private func error(_ reason: String, at extra: Int = 0) -> QWaveError {
        QWaveError(.badInput, "\(name): byte \(offset + extra): \(reason)")
    }

    public mutating func push(_ bytes: some Collection<UInt8>) {
        if consumed > 0 {
            buffer.removeFirst(consumed)
            base += consumed
            consumed = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next snapshot, or nil when more bytes are needed or the trace has ended.
    public mutating func next() throws(QWaveError) -> Snapshot? {
        while nextReady == ready.count {
            guard try step() else { return nil }
        }
        defer { nextReady += 1 }
        return ready[nextReady]
    }

    /// Says that no more bytes will come.
    ///
    /// - Throws: `.badInput` when the file was cut off: the end chunk is missing.
    public func finish() throws(QWaveError) {
        guard case .done = state else {
            let what =
                switch state {
                case .preamble, .header: "its header"
                default: available == 0 ? "the trace, between chunks" : "a chunk"
                }
            throw QWaveError(
                .badInput,
                Truncation(
                    source: ByteSource([], name: name), place: "byte \(offset)", what: what,
                    packets: Int(count)
                ).message)
        }
        guard available == 0 else { throw error("\(available) bytes stand behind the end of the trace") }
    }

    /// True while the end chunk is missing.
    var isCutOff: Bool {
        if case .done = state { false } else { true }
    }

    /// One step of the state machine; false when more bytes are needed.
    private mutating func step() throws(QWaveError) -> Bool {
        let source = ByteSource(buffer, name: name)
        switch state {
        case .done: return false
        case .preamble:
            guard buffer[consumed...].prefix(8).elementsEqual(TraceFormat.magic.prefix(available)) else {
                throw error("this is no QWave trace, or a transfer in text mode changed it")
            }
            guard available >= TraceFormat.preambleLength else { return false }
            let version = source.u16(consumed + 8)
            guard version == TraceFormat.version, source.u16(consumed + 10) == 0 else {
                throw error("trace format version \(version); this QWave reads version 1", at: 8)
            }
            let length = Int(source.u32(consumed + 12))
            guard length <= TraceFormat.longestHeader else {
                throw error(
                    "a header of \(length) bytes; at most \(TraceFormat.longestHeader) are allowed", at: 12)
            }
            state = .header(length: length)
            return true
        case .header(let length):
            let total = TraceFormat.preambleLength + length
            guard available >= total + 4 else { return false }
            try checkSum(source, total, of: "the header")
            let start = consumed + TraceFormat.preambleLength
            var reader = TraceHeaderReader(
                Array(buffer[start..<start + length]), name: name, base: offset + TraceFormat.preambleLength)
            description = try reader.description()
            consumed += total + 4
            state = .chunk
            return true
        case .chunk:
            return try chunk(source)
        }
    }

    private func checkSum(_ source: ByteSource, _ total: Int, of what: String) throws(QWaveError) {
        guard CRC32.of(buffer[consumed..<consumed + total]) == source.u32(consumed + total) else {
            throw error("the checksum of \(what) is wrong: the file is damaged here")
        }
    }

    private mutating func chunk(_ source: ByteSource) throws(QWaveError) -> Bool {
        guard available >= TraceFormat.chunkHeaderLength else { return false }
        let tag = source.u32(consumed)
        let length = Int(source.u32(consumed + 4))
        guard tag == TraceFormat.snapshotTag || tag == TraceFormat.endTag else {
            throw error("a chunk of unknown type 0x\(String(tag, radix: 16)): the file is damaged here")
        }
        guard length <= TraceFormat.longestChunk else {
            throw error("a chunk of \(length) bytes; at most \(TraceFormat.longestChunk) are allowed", at: 4)
        }
        let total = TraceFormat.chunkHeaderLength + length
        guard available >= total + 4 else { return false }
        try checkSum(source, total, of: "a chunk")
        let first = source.u64(consumed + 8)
        let inside = source.u32(consumed + 16)
        guard first == count else {
            throw error(
                "a chunk starts with snapshot \(first) where \(count) is next: chunks are missing, repeated or reordered",
                at: 8)
        }
        guard source.u32(consumed + 20) == 0 else { throw error("reserved bytes of a chunk are set", at: 20) }
        if tag == TraceFormat.endTag {
            guard length == 0, inside == 0 else { throw error("the end chunk holds something", at: 4) }
            state = .done
        } else {
            try snapshots(source, length: length, count: Int(inside))
        }
        consumed += total + 4
        return true
    }

    private mutating func snapshots(_ source: ByteSource, length: Int, count inside: Int) throws(QWaveError) {
        let quantity = description?.quantity ?? .complexGain
        let start = consumed + TraceFormat.chunkHeaderLength
        let end = start + length
        var reader = TraceSnapshotReader(
            source: source, position: start, end: end, base: base, quantity: quantity, number: count)
        ready.removeAll(keepingCapacity: true)
        nextReady = 0
        while reader.position < end { ready.append(try reader.next()) }
        guard ready.count == inside, inside > 0 else {
            throw error("a chunk declares \(inside) snapshots and holds \(ready.count)", at: 16)
        }
        count += UInt64(inside)
    }
}
