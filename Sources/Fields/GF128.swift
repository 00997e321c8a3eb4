// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// An element of GF(2¹²⁸) in GHASH's bit order: the coefficient of x⁰ is the top bit of the first byte, the
/// modulus x¹²⁸ + x⁷ + x² + x + 1 (NIST SP 800-38D, 6.3).
public struct GF128: Sendable, Hashable {
    /// The coefficients of x⁰ to x⁶³, the first one in the top bit.
    public var high: UInt64
    /// The coefficients of x⁶⁴ to x¹²⁷.
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The element that 16 bytes stand for.
    ///
    /// - Precondition: `bytes` holds 16 bytes.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 16, "an element of GF(2^128) has 16 bytes")
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The element as 16 bytes.
    public var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
    }

    public static let zero = GF128(high: 0, low: 0)
    public static let one = GF128(high: 1 << 63, low: 0)

    public static func + (a: GF128, b: GF128) -> GF128 { GF128(high: a.high ^ b.high, low: a.low ^ b.low) }
    public static func * (a: GF128, b: GF128) -> GF128 { a.multiplied(by: b) }

    /// The product, in constant time.
    public func multiplied(by other: GF128, kernel: ClmulKernel = .automatic) -> GF128 {
        var product = [UInt8](repeating: 0, count: 16)
        unsafe qw_gf128_multiply(kernel.rawValue, bytes, other.bytes, &product)
        return GF128(bytes: product)
    }

    /// The multiplicative inverse, the power 2¹²⁸ − 2; zero for zero.
    public var inverse: GF128 {
        var result = GF128.one
        for _ in 0..<127 { result = result * result * self }
        return result * result
    }
}
