// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels
public import QWaveCore

/// The polynomial hash H_r = Σ Bᵢ · r^(L+1−i) over GF(2¹²⁸) of L blocks of 16 bytes, block by block, in
/// constant memory: GHASH (NIST SP 800-38D, 6.4) with sections padded by the caller.
///
/// The result is secret: a tag is this hash under a one-time mask, and a hash that is seen bare gives away r.
///
/// ```swift
/// var mac = PolynomialMAC(key: r)
/// mac.update(header)
/// mac.pad()
/// mac.update(body)
/// let hash = mac.finish(headerBits: 8 * header.count, bodyBits: 8 * body.count)
/// ```
public struct PolynomialMAC: ~Copyable, Sendable {
    // The kernel's context, then the bytes of an unfinished block.
    private var state: SecretBuffer
    private var pending = 0
    /// Whole blocks hashed so far.
    public private(set) var blocks: UInt64 = 0
    private let kernel: ClmulKernel

    private static let context = Int(QW_GHASH_CONTEXT_BYTES)

    /// An empty hash under the 16 bytes of `key`.
    ///
    /// - Precondition: `key` holds 16 bytes.
    public init(key: borrowing SecretBuffer, kernel: ClmulKernel = .automatic) {
        precondition(key.count == 16, "a key of the polynomial hash has 16 bytes")
        var state = SecretBuffer(count: Self.context + 16)
        key.withBytes { key in
            state.withMutableBytes { state in
                unsafe key.withUnsafeBufferPointer { key in
                    unsafe state.withUnsafeMutableBufferPointer { state in
                        unsafe qw_ghash_begin(kernel.rawValue, state.baseAddress, key.baseAddress)
                    }
                }
            }
        }
        self.init(state: state, kernel: kernel)
    }

    private init(state: consuming SecretBuffer, kernel: ClmulKernel) {
        self.state = state
        self.kernel = kernel
    }

    /// A second hash that goes on from the same point.
    public borrowing func copy() -> PolynomialMAC {
        var result = PolynomialMAC(state: state.copy(), kernel: kernel)
        result.pending = pending
        result.blocks = blocks
        return result
    }

    /// Hashes bytes. A block that they leave unfinished waits for more, or for `pad()`.
    public mutating func update(_ bytes: [UInt8]) {
        update(bytes.span)
    }

    /// Hashes bytes. A block that they leave unfinished waits for more, or for `pad()`.
    public mutating func update(_ bytes: borrowing Span<UInt8>) {
        var position = 0
        if pending > 0 {
            position = min(16 - pending, bytes.count)
            store(bytes, from: 0, count: position)
            if pending < 16 { return }
            flush()
        }
        let whole = (bytes.count - position) / 16
        if whole > 0 {
            let kernel = kernel.rawValue
            state.withMutableBytes { state in
                unsafe bytes.withUnsafeBufferPointer { bytes in
                    unsafe state.withUnsafeMutableBufferPointer { state in
                        unsafe qw_ghash_blocks(
                            kernel, state.baseAddress, bytes.baseAddress.map { unsafe $0 + position }, whole)
                    }
                }
            }
            blocks += UInt64(whole)
            position += 16 * whole
        }
        store(bytes, from: position, count: bytes.count - position)
    }

    private mutating func store(_ bytes: borrowing Span<UInt8>, from start: Int, count: Int) {
        let target = Self.context + pending
        state.withMutableBytes { state in
            for index in 0..<count { state[target + index] = bytes[start + index] }
        }
        pending += count
    }

    /// Hashes the waiting block, whose unused bytes are zero, and clears it.
    private mutating func flush() {
        let kernel = kernel.rawValue
        state.withMutableBytes { state in
            unsafe state.withUnsafeMutableBufferPointer { state in
                unsafe qw_ghash_blocks(
                    kernel, state.baseAddress, state.baseAddress.map { unsafe $0 + Self.context }, 1)
            }
            for index in Self.context..<Self.context + 16 { state[index] = 0 }
        }
        blocks += 1
        pending = 0
    }

    /// Ends a section: zero bytes up to a multiple of 16.
    public mutating func pad() {
        if pending > 0 { flush() }
    }

    /// Hashes all that `other`, a padded hash under the same key, has hashed, as if its blocks came here.
    /// O(log blocks).
    ///
    /// - Precondition: neither has an unfinished block.
    public mutating func append(_ other: borrowing PolynomialMAC) {
        precondition(pending == 0 && other.pending == 0, "pad both hashes before they are joined")
        let kernel = kernel.rawValue
        let count = other.blocks
        other.state.withBytes { other in
            state.withMutableBytes { state in
                unsafe other.withUnsafeBufferPointer { other in
                    unsafe state.withUnsafeMutableBufferPointer { state in
                        unsafe qw_ghash_append(kernel, state.baseAddress, other.baseAddress, count)
                    }
                }
            }
        }
        blocks += count
    }

    /// The 16 bytes of the hash, after padding and a last block with both lengths in bits, 64 bits each,
    /// big-endian.
    public consuming func finish(headerBits: UInt64, bodyBits: UInt64) -> SecretBuffer {
        pad()
        var writer = ByteWriter()
        writer.write(headerBits)
        writer.write(bodyBits)
        update(writer.bytes)
        var result = SecretBuffer(count: 16)
        state.withBytes { state in
            result.withMutableBytes { result in
                unsafe state.withUnsafeBufferPointer { state in
                    unsafe result.withUnsafeMutableBufferPointer { result in
                        unsafe qw_ghash_state(state.baseAddress, result.baseAddress)
                    }
                }
            }
        }
        return result
    }
}
