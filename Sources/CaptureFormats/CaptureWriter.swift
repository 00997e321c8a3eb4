// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Writes a trace in any of the formats that QWave reads.
public enum CaptureWriter {
    /// How a trace is put into a format that cannot hold it exactly.
    public struct Options: Sendable, Hashable {
        /// What gains are multiplied with before they are rounded, in formats of whole numbers. Nil takes the
        /// largest scale at which none is clipped; it is the same for all snapshots.
        public var scale: Double?
        public init(scale: Double? = nil) { self.scale = scale }
    }

    /// The bytes of the file.
    ///
    /// Only `.trace` keeps everything. Formats of whole numbers round; a table of complex gains holds the
    /// received power only.
    /// - Throws: `.usage` when the trace doesn't fit into the format, with what would.
    public static func encode(
        _ trace: ChannelTrace, as format: CaptureFormat, options: Options = Options()
    ) throws(QWaveError) -> [UInt8] {
        switch format {
        case .trace: try encodeTrace(trace)
        case .intel5300: try IntelWriter.encode(trace, scale: options.scale)
        case .esp32: try ESP32Writer.encode(trace, scale: options.scale)
        case .nexmon: try NexmonWriter.encode(trace, scale: options.scale)
        case .table: try TableWriter.encode(trace)
        }
    }

    private static func encodeTrace(_ trace: ChannelTrace) throws(QWaveError) -> [UInt8] {
        var encoder = try TraceEncoder(trace.description)
        var out: [UInt8] = []
        for index in 0..<trace.count {
            out += try encoder.append(
                sequence: trace.sequence(at: index), time: trace.time(at: index),
                shape: trace.shape(at: index),
                gains: trace.gains(at: index))
        }
        return out + encoder.finish()
    }
}
