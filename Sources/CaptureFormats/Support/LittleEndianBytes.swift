// SPDX-License-Identifier: GPL-3.0-or-later
internal import QWaveCore

/// Collects little-endian fields.
struct LittleEndianBytes {
    var bytes: [UInt8] = []

    mutating func write(_ value: some FixedWidthInteger) {
        var shift = 0
        while shift < value.bitWidth {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            shift += 8
        }
    }
    mutating func write(_ value: Double) { write(value.bitPattern) }
    mutating func write(_ value: Float) { write(value.bitPattern) }
    mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }
    mutating func write(_ new: [UInt8]) { bytes.append(contentsOf: new) }
}
