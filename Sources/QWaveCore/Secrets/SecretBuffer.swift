// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// Bytes that nobody else may learn: one owner, wiped when it goes, compared in constant time, never printed.
///
/// They lie in pages of their own kind, which are locked into memory as far as the system allows (RLIMIT_MEMLOCK), left
/// out of core dumps and wiped in a forked child.
@safe
public struct SecretBuffer: ~Copyable, @unchecked Sendable {
    // Owned by this value alone, written only through its mutating functions: safe to send.
    private let base: UnsafeMutableRawPointer
    public let count: Int

    /// `count` zero bytes.
    public init(count: Int) {
        precondition(count >= 0, "a buffer can't have a negative length")
        guard let bytes = unsafe qw_secret_allocate(count) else { fatalError("no memory for a secret") }
        unsafe base = bytes
        self.count = count
    }

    /// A copy of `bytes`; the caller's copy stays the caller's to wipe.
    public init(copying bytes: borrowing Span<UInt8>) {
        self.init(count: bytes.count)
        for index in 0..<bytes.count {
            unsafe base.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self)
        }
    }

    /// A copy of `bytes`; the caller's copy stays the caller's to wipe.
    public init(copying bytes: [UInt8]) {
        self.init(copying: bytes.span)
    }

    /// `count` bytes from a random source.
    public init(random count: Int, from source: some RandomSource) throws(QWaveError) {
        var bytes = try source.bytes(count)
        self.init(copying: bytes.span)
        bytes.wipe()
    }

    deinit {
        unsafe qw_secret_free(base, count)
    }

    /// Calls `body` with the bytes.
    public borrowing func withBytes<R: ~Copyable, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E)
        -> R
    {
        let buffer = unsafe UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: count)
        return try body(unsafe Span(_unsafeElements: buffer))
    }

    /// Calls `body` with the bytes for change.
    public mutating func withMutableBytes<R: ~Copyable, E: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        let buffer = unsafe UnsafeMutableBufferPointer(
            start: base.assumingMemoryBound(to: UInt8.self), count: count)
        var span = unsafe MutableSpan(_unsafeElements: buffer)
        return try body(&span)
    }

    /// True when both hold the same bytes; time depends on the length only.
    public borrowing func isEqual(to other: borrowing SecretBuffer) -> Bool {
        guard count == other.count else { return false }
        return unsafe qw_equal(base, other.base, count) == 1
    }

    /// A second owner of the same bytes, wiped on its own.
    public borrowing func copy() -> SecretBuffer {
        withBytes { SecretBuffer(copying: $0) }
    }
}

extension [UInt8] {
    /// Overwrites every byte with zero. Copies made before keep theirs.
    public mutating func wipe() {
        unsafe withUnsafeMutableBytes { unsafe qw_wipe($0.baseAddress, $0.count) }
    }
}

/// True when both hold the same bytes; time depends on the lengths only.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe a.withUnsafeBytes { left in
        unsafe b.withUnsafeBytes { right in
            unsafe qw_equal(left.baseAddress, right.baseAddress, left.count) == 1
        }
    }
}
