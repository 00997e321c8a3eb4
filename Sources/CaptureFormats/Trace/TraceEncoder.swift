// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Writes QWave's trace format snapshot by snapshot, without holding the trace.
///
///     var encoder = try TraceEncoder(description)
///     for snapshot in snapshots { file.write(try encoder.append(snapshot)) }   // often empty: chunks
///     file.write(encoder.finish())                                            // without it: "cut off"
public struct TraceEncoder: Sendable {
    public let description: ChannelTrace.Description
    private var chunk = LittleEndianBytes()
    private var chunkCount: UInt32 = 0
    /// Snapshots appended so far.
    public private(set) var count: UInt64 = 0
    private var pending: [UInt8]

    /// - Throws: `.usage` when the description holds something that the format has no place for.
    public init(_ description: ChannelTrace.Description) throws(QWaveError) {
        self.description = description
        pending = try Self.header(description)
    }

    /// Appends a snapshot; returns the bytes to be written now, which are none until a chunk is full.
    ///
    /// - Throws: `.usage` for a gain or time that is not finite, or a shape beyond the limits.
    public mutating func append(_ snapshot: Snapshot) throws(QWaveError) -> [UInt8] {
        try append(
            sequence: snapshot.sequence, time: snapshot.time, shape: snapshot.shape,
            gains: snapshot.gains[...])
    }

    mutating func append(
        sequence: UInt64?, time: Double?, shape: SnapshotShape, gains: ArraySlice<IQ>
    ) throws(QWaveError) -> [UInt8] {
        try check(time: time, shape: shape, gains: gains)
        chunk.write((sequence == nil ? 0 : TraceFormat.hasSequence) | (time == nil ? 0 : TraceFormat.hasTime))
        chunk.write(UInt16(shape.receiveAntennas))
        chunk.write(UInt16(shape.transmitAntennas))
        chunk.write(UInt16(shape.subcarriers))
        if let sequence { chunk.write(sequence) }
        if let time { chunk.write(time) }
        let isComplex = description.quantity == .complexGain
        for gain in gains {
            chunk.write(gain.re)
            if isComplex { chunk.write(gain.im) }
        }
        chunkCount += 1
        count += 1
        return chunk.bytes.count >= TraceFormat.usualChunk ? flush() : []
    }

    /// Closes the chunk: everything appended so far is in the bytes returned until now.
    public mutating func flush() -> [UInt8] {
        defer { pending = [] }
        guard chunkCount > 0 else { return pending }
        let full = Self.chunk(
            tag: TraceFormat.snapshotTag, first: count - UInt64(chunkCount), count: chunkCount,
            payload: chunk.bytes)
        chunk.bytes.removeAll(keepingCapacity: true)
        chunkCount = 0
        return pending + full
    }

    /// The last bytes. Nothing may be appended afterwards.
    public mutating func finish() -> [UInt8] {
        flush() + Self.chunk(tag: TraceFormat.endTag, first: count, count: 0, payload: [])
    }

    private func check(time: Double?, shape: SnapshotShape, gains: ArraySlice<IQ>) throws(QWaveError) {
        let limit = 1...TraceFormat.mostAntennas
        guard limit.contains(shape.receiveAntennas), limit.contains(shape.transmitAntennas),
            limit.contains(shape.subcarriers), shape.count <= TraceFormat.mostGains,
            gains.count == shape.count
        else {
            throw QWaveError(
                .usage,
                "snapshot \(count) has shape \(shape.receiveAntennas) x \(shape.transmitAntennas) x "
                    + "\(shape.subcarriers) and \(gains.count) gains; each count goes from 1 to 65,535, all gains "
                    + "to \(TraceFormat.mostGains)")
        }
        guard time?.isFinite != false else {
            throw QWaveError(.usage, "snapshot \(count) has no finite time")
        }
        for gain in gains {
            guard gain.isFinite else {
                throw QWaveError(.usage, "snapshot \(count) holds a gain that is not finite")
            }
            guard description.quantity == .complexGain || gain.im == 0 else {
                throw QWaveError(
                    .usage,
                    "snapshot \(count) holds an imaginary part, but the trace is of \(description.quantity)")
            }
        }
    }

    private static func chunk(tag: UInt32, first: UInt64, count: UInt32, payload: [UInt8]) -> [UInt8] {
        var out = LittleEndianBytes()
        out.bytes.reserveCapacity(TraceFormat.chunkHeaderLength + payload.count + 4)
        out.write(tag)
        out.write(UInt32(payload.count))
        out.write(first)
        out.write(count)
        out.write(UInt32(0))
        out.write(payload)
        out.write(CRC32.of(out.bytes[...]))
        return out.bytes
    }
}
