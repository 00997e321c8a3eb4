// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reads a capture in any known format.
public enum CaptureReader {
    /// The capture in `bytes`, its format recognized by its content.
    ///
    /// Memory: a small multiple of the file, whatever lengths it declares.
    /// - Parameter name: names the file in errors.
    /// - Throws: `.badInput` with file, place and reason; `.usage` for a column that must be chosen.
    public static func decode(
        _ bytes: [UInt8], name: String, options: CaptureOptions = CaptureOptions()
    ) throws(QWaveError) -> Capture {
        let format: CaptureFormat
        if let forced = options.format {
            format = forced
        } else {
            format = try CaptureFormat.detect(bytes, name: name)
        }
        if options.column != nil, format != .table {
            throw QWaveError(
                .usage, "\(name) is a \(format.title), which has no columns; leave the column out")
        }
        switch format {
        case .trace: return try TraceReader.decode(bytes, name: name, options: options)
        case .intel5300: return try IntelDecoder.decode(bytes, name: name, options: options)
        case .esp32: return try ESP32Decoder.decode(bytes, name: name, options: options)
        case .nexmon: return try NexmonDecoder.decode(bytes, name: name, options: options)
        case .table: return try TableDecoder.decode(bytes, name: name, options: options)
        }
    }
}
