// SPDX-License-Identifier: GPL-3.0-or-later
internal import CKernels

/// Where uniformly random bytes come from.
///
/// A source that can't deliver throws `.noRandomness`; there is never a weaker fallback.
public protocol RandomSource: Sendable {
    func bytes(_ count: Int) throws(QWaveError) -> [UInt8]
}

extension RandomSource {
    /// 64 uniformly random bits.
    public func word() throws(QWaveError) -> UInt64 {
        let bytes = try bytes(8)
        return bytes.indices.reduce(0) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
    }
}

/// The operating system's generator: the only source of seeds, hash keys and secrets outside tests.
public struct SystemRandomSource: RandomSource {
    public init() {}

    public func bytes(_ count: Int) throws(QWaveError) -> [UInt8] {
        var status: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            status = unsafe qw_system_random(buffer.baseAddress, count)
            initialized = status == 0 ? count : 0
        }
        guard status == 0 else {
            throw QWaveError(
                .noRandomness,
                "the operating system's random generator failed (errno \(status)); nothing was made")
        }
        return bytes
    }
}
