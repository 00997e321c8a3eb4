// SPDX-License-Identifier: GPL-3.0-or-later
public import ChannelEstimation
internal import Crypto
public import QWaveCore

/// The key of one series of probes: tag and pilot order of every burst come from it.
///
/// Computational (HKDF-Expand with SHA-256, RFC 5869): who doesn't know it can't make a burst that is taken for the
/// peer's. It serves the injection test alone and earns no credit. One key serves one series: two series under
/// one key and the same numbers would send the same bursts.
public struct ProbeKey: Sendable {
    private let key: SymmetricKey
    /// False for the key that everybody knows.
    public let isSecret: Bool

    /// - Parameter bytes: at least 16 secret bytes, known to both ends only.
    /// - Throws: `.usage` for fewer.
    public init(_ bytes: borrowing SecretBuffer) throws(QWaveError) {
        guard bytes.count >= 16 else {
            throw QWaveError(.usage, "a probe key has at least 16 bytes, not \(bytes.count)")
        }
        key = bytes.withBytes { span in unsafe span.withUnsafeBytes { unsafe SymmetricKey(data: $0) } }
        isSecret = true
    }

    private init(known: [UInt8]) {
        key = SymmetricKey(data: known)
        isSecret = false
    }

    /// A key that isn't one: probes under it are found and numbered, and injected ones go unnoticed.
    public static let known = ProbeKey(known: Array("QWave probes, no key".utf8))

    /// The secret of one burst.
    public func secret(_ sequence: UInt32, _ sender: Party.Role) -> SoundingSecret? {
        var info = ByteWriter()
        info.write(Array("QWave probe 1".utf8))
        info.write(sequence)
        info.write(sender.rawValue)
        let bytes = HKDF<SHA256>.expand(
            pseudoRandomKey: key, info: info.bytes, outputByteCount: SoundingSecret.byteCount)
        return unsafe bytes.withUnsafeBytes { unsafe try? SoundingSecret(bytes: Array($0)) }
    }
}
