// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
public import QWaveCore

/// An almost universal hash of a bit string: the polynomial with its 64-bit words as coefficients, over
/// GF(2⁶⁴), at the point `key`.
///
/// With L = ⌈n/64⌉ words w₁…w_L and the length block w_(L+1) = n, the hash is Σ wᵢ · key^(L+2−i). Two different
/// strings meet for at most L+1 keys. The key may be public but must be uniform and chosen after both strings
/// are fixed; the hash tells 64 bits about its string (key length, section 5).
///
/// ```swift
/// let hash = VerificationHash(key: try random.word())
/// let equal = hash.hash(mine) == theirs  // wrong with probability ≤ VerificationHash.collisionBound(bits: n)
/// ```
public struct VerificationHash: Sendable {
    /// The point at which the polynomial is evaluated.
    public let key: UInt64
    private let kernel: ClmulKernel

    public init(key: UInt64, kernel: ClmulKernel = .automatic) {
        self.key = key
        self.kernel = kernel
    }

    /// The hash of a string; time depends on its length only. O(length / 64).
    public func hash(_ bits: BitString) -> UInt64 {
        let state = bits.withWords { words in
            unsafe words.withUnsafeBufferPointer {
                unsafe qw_gf64_horner(kernel.rawValue, 0, key, $0.baseAddress, $0.count)
            }
        }
        return qw_gf64_multiply(kernel.rawValue, state ^ UInt64(bits.count), key)
    }

    /// The probability, over the key, that two different strings of `bits` bits have the same hash, at the
    /// most: (⌈bits/64⌉ + 1) · 2⁻⁶⁴.
    public static func collisionBound(bits: Int) -> Double {
        Double((bits + 63) / 64 + 1) * 0x1p-64
    }
}
