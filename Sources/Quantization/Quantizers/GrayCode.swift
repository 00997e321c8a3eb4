// SPDX-License-Identifier: GPL-3.0-or-later

/// The reflected binary code: neighbors differ in one bit.
public enum GrayCode {
    /// g(v) = v xor (v >> 1).
    @inlinable public static func encode(_ value: Int) -> Int { value ^ (value >> 1) }
}
