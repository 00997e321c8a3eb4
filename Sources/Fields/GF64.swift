// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// An element of GF(2⁶⁴) with the modulus x⁶⁴ + x⁴ + x³ + x + 1; bit i is the coefficient of xⁱ.
public struct GF64: Sendable, Hashable {
    public var value: UInt64

    public init(_ value: UInt64) { self.value = value }

    public static let zero = GF64(0)
    public static let one = GF64(1)

    public static func + (a: GF64, b: GF64) -> GF64 { GF64(a.value ^ b.value) }
    public static func * (a: GF64, b: GF64) -> GF64 { a.multiplied(by: b) }

    /// The product, in constant time.
    public func multiplied(by other: GF64, kernel: ClmulKernel = .automatic) -> GF64 {
        GF64(qw_gf64_multiply(kernel.rawValue, value, other.value))
    }

    /// The multiplicative inverse, the power 2⁶⁴ − 2; zero for zero.
    public var inverse: GF64 {
        // The exponent is 63 ones and a zero.
        var result = GF64.one
        for _ in 0..<63 { result = result * result * self }
        return result * result
    }
}
