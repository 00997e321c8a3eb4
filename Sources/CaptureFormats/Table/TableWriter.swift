// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Writer of tables: `time_s`, `sequence` where the trace has them, then one column a value.
public enum TableWriter {
    /// The table of a trace whose snapshots have one shape.
    ///
    /// Complex gains become the received power of each receive antenna in decibels, the mean over transmit
    /// antennas and subcarriers: what a radio reports as signal strength. Amplitudes and decibels keep every
    /// value, named after its antennas and subcarrier.
    public static func encode(_ trace: ChannelTrace) throws(QWaveError) -> [UInt8] {
        guard !trace.isEmpty else { throw QWaveError(.usage, "an empty trace makes no table") }
        let shape = trace.shape(at: 0)
        let hasTime = trace.time(at: 0) != nil
        let hasSequence = trace.sequence(at: 0) != nil
        var out = Array(
            ((hasTime ? ["time_s"] : []) + (hasSequence ? ["sequence"] : []) + names(trace, shape))
                .joined(separator: ",").utf8)
        out.append(UInt8(ascii: "\n"))
        for index in 0..<trace.count {
            guard trace.shape(at: index) == shape else {
                throw QWaveError(
                    .usage, "snapshot \(index) has another shape than the first; a table has one")
            }
            var row: [String] = []
            if hasTime {
                guard let time = trace.time(at: index) else {
                    throw QWaveError(.usage, "snapshot \(index) has no time; the first has one")
                }
                row.append("\(time)")
            }
            if hasSequence {
                guard let sequence = trace.sequence(at: index) else {
                    throw QWaveError(.usage, "snapshot \(index) has no sequence number; the first has one")
                }
                row.append("\(sequence)")
            }
            for value in values(trace, index, shape) {
                guard value.isFinite else {
                    throw QWaveError(.usage, "snapshot \(index) holds a value that is not finite")
                }
                row.append("\(value)")
            }
            out += Array(row.joined(separator: ",").utf8)
            out.append(UInt8(ascii: "\n"))
        }
        return out
    }

    private static func names(_ trace: ChannelTrace, _ shape: SnapshotShape) -> [String] {
        let suffix = trace.description.quantity == .amplitude ? "amplitude" : "db"
        if trace.description.quantity == .complexGain || shape.count == shape.receiveAntennas {
            return (0..<shape.receiveAntennas).map { "rx\($0)_\(suffix)" }
        }
        return (0..<shape.receiveAntennas).flatMap { rx in
            (0..<shape.transmitAntennas).flatMap { tx in
                (0..<shape.subcarriers).map { "rx\(rx)_tx\(tx)_sc\($0)_\(suffix)" }
            }
        }
    }

    private static func values(_ trace: ChannelTrace, _ index: Int, _ shape: SnapshotShape) -> [Float] {
        let gains = trace.gains(at: index)
        guard trace.description.quantity == .complexGain else { return gains.map(\.re) }
        let each = shape.count / shape.receiveAntennas
        return (0..<shape.receiveAntennas).map { antenna in
            let start = gains.startIndex + antenna * each
            let power = gains[start..<start + each].reduce(0.0) { $0 + Double($1.power) } / Double(each)
            // Silence has no logarithm; -300 dB is below any receiver's noise.
            return power > 0 ? Float(max(-300, IntelRecord.decibels(power))) : power == 0 ? -300 : .nan
        }
    }
}
