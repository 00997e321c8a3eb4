// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Reads the snapshots of one chunk whose checksum was right.
struct TraceSnapshotReader {
    let source: ByteSource
    var position: Int
    let end: Int
    /// Offset of the source in the file, for errors.
    let base: Int
    let quantity: ChannelTrace.Quantity
    /// Number of the next snapshot.
    var number: UInt64

    private func error(_ reason: String) -> QWaveError {
        QWaveError(.badInput, "\(source.name): byte \(base + position): snapshot \(number) \(reason)")
    }

    mutating func next() throws(QWaveError) -> Snapshot {
        guard end - position >= 8 else { throw error("is cut off inside its chunk") }
        let flags = source.u16(position)
        guard flags & ~(TraceFormat.hasSequence | TraceFormat.hasTime) == 0 else {
            throw error("has reserved flags set")
        }
        let shape = SnapshotShape(
            receiveAntennas: Int(source.u16(position + 2)), transmitAntennas: Int(source.u16(position + 4)),
            subcarriers: Int(source.u16(position + 6)))
        guard shape.count > 0, shape.count <= TraceFormat.mostGains else {
            throw error("has \(shape.count) gains; 1 to \(TraceFormat.mostGains) are allowed")
        }
        let hasSequence = flags & TraceFormat.hasSequence != 0
        let hasTime = flags & TraceFormat.hasTime != 0
        let gainLength = TraceFormat.gainLength(quantity)
        let length = 8 + (hasSequence ? 8 : 0) + (hasTime ? 8 : 0) + gainLength * shape.count
        guard end - position >= length else { throw error("is cut off inside its chunk") }
        var field = position + 8
        var snapshot = Snapshot(shape: shape, gains: [])
        if hasSequence {
            snapshot.sequence = source.u64(field)
            field += 8
        }
        if hasTime {
            let time = Double(bitPattern: source.u64(field))
            guard time.isFinite else { throw error("has a time that is not finite") }
            snapshot.time = time
            field += 8
        }
        snapshot.gains.reserveCapacity(shape.count)
        for _ in 0..<shape.count {
            let re = Float(bitPattern: source.u32(field))
            let im = quantity == .complexGain ? Float(bitPattern: source.u32(field + 4)) : 0
            let gain = IQ(re, im)
            guard gain.isFinite else { throw error("holds a gain that is not finite") }
            snapshot.gains.append(gain)
            field += gainLength
        }
        position += length
        number += 1
        return snapshot
    }
}
