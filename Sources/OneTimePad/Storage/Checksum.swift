// SPDX-License-Identifier: GPL-3.0-or-later

/// CRC-64 as in XZ (ECMA-182 polynomial, reflected): guards records against torn writes and rot, not against people.
///
/// An attacker who can write the pad directory can do anything; what the checksum must tell apart is a record
/// that reached the disk from one that reached it in part.
enum Checksum {
    private static let table: [UInt64] = (0..<256).map { byte in
        var value = UInt64(byte)
        for _ in 0..<8 { value = value & 1 != 0 ? value >> 1 ^ 0xC96C_5795_D787_0F42 : value >> 1 }
        return value
    }

    /// The checksum of `bytes`; with `previous` that of everything before and `bytes` after it.
    static func of(_ bytes: Span<UInt8>, after previous: UInt64 = 0) -> UInt64 {
        let table = table
        let steps = table.span
        var value = ~previous
        for index in 0..<bytes.count {
            value = steps[Int(truncatingIfNeeded: (value ^ UInt64(bytes[index])) & 0xFF)] ^ value >> 8
        }
        return ~value
    }

    static func of(_ bytes: [UInt8], after previous: UInt64 = 0) -> UInt64 { of(bytes.span, after: previous) }
}
